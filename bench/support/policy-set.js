import { built } from './built.js';

/** Documents a file: no policy owner keeps thousands in one. */
const DOCUMENTS = 250;

/**
 * A policy set as the product holds it, of documents that no file has to be written for.
 *
 * @param {readonly object[]} documents
 * @returns {Promise<import('../../src/policy/index.ts').PolicySet>}
 */
export async function policySetOf(documents) {
  /** @type {typeof import('../../src/policy/index.ts')} */
  const { formatProblem, parsePolicies } = await built('policy/index.js');
  /** @type {typeof import('../../src/providers/registry.ts')} */
  const { providers } = await built('providers/registry.js');
  // JSON is YAML.
  const files = Array.from({ length: Math.ceil(documents.length / DOCUMENTS) }, (_, part) => ({
    path: `policies/${part}.yaml`,
    text: documents
      .slice(part * DOCUMENTS, (part + 1) * DOCUMENTS)
      .map((document) => JSON.stringify({ version: 1, ...document }))
      .join('\n---\n'),
  }));
  const parsed = parsePolicies(files, providers, () => 'a-token-for-the-benchmark');
  if (!parsed.ok) throw new Error(parsed.problems.slice(0, 3).map(formatProblem).join('\n'));
  return parsed.policies;
}
