import { misspeltKeys } from '../misspelt.ts';
import { didYouMean } from '../nearest.ts';
import type { Path } from '../positions.ts';
import type { ProblemCode } from '../problem-codes.ts';
import { type Problem, problem } from '../problems.ts';
import type { SchemaIssue } from '../provider-schemas.ts';
import { isRead } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import type { Forwarded } from './forward.ts';
import { isStrictAt, keysAt } from './schema-keys.ts';
import { type IssueParams, keysOf } from './words.ts';

/** What zod says beside path and message, by code. */
interface Details {
  params?: Partial<IssueParams> & { forwarded?: Forwarded };
  keys?: readonly string[];
  expected?: string;
  values?: readonly unknown[];
  origin?: string;
  maximum?: number | bigint;
  issues?: readonly SchemaIssue[];
}

interface Site {
  /** The part of the document that `schema` checked. */
  base: Path;
  schema: unknown;
  /** Texts that must not appear in a sentence. */
  secrets: readonly string[];
}

/** The problems behind the issues that a schema found in a document, each at its own place. */
export function problemsOf(document: YamlDocument, schema: unknown, issues: readonly SchemaIssue[]): Problem[] {
  return issues.flatMap((issue) => problemsOfOne(document, issue, { base: [], schema, secrets: [] }));
}

function problemsOfOne(document: YamlDocument, issue: SchemaIssue, site: Site): Problem[] {
  const { positions } = document;
  const path = [...site.base, ...issue.path];
  const details = issue as Details;
  const { params } = details;
  if (params?.forwarded) {
    const { issue: inner, schema, secrets } = params.forwarded;
    return problemsOfOne(document, inner, { base: path.slice(0, path.length - inner.path.length), schema, secrets });
  }
  // What cannot be read has a problem of its own; of its key something may be wrong all the same.
  if (!isRead(valueAt(document, path)) && params?.at !== 'key') return [];
  const at = (code: ProblemCode, sentence: string): Problem[] => [problem(positions.value(path), code, sentence)];
  if (params?.code !== undefined) {
    const place = params.at === 'key' ? positions.key(path) : positions.value(path);
    return [problem(place, params.code, withoutSecrets(issue.message, path, site.secrets))];
  }
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(site.schema, issue.path);
    return (details.keys ?? []).map((key) =>
      problem(positions.key([...path, key]), 'unknown-key', unknownKey(key, path, known)),
    );
  }
  // Told from what was written and not from the issue, whose wording differs between kinds of schemas.
  if (!positions.has(path)) {
    return isMisspelt(document, issue, path, site) ? [] : at('missing-key', `${nameOf(path)} is missing: add it.`);
  }
  switch (issue.code) {
    case 'invalid_type':
      return at('wrong-type', wrongType(path, details.expected ?? '', valueAt(document, path)));
    case 'invalid_union':
      return at('wrong-type', wrongType(path, 'string', valueAt(document, path)));
    case 'invalid_value':
      return at(
        'invalid-value',
        `${nameOf(path)} must be ${(details.values ?? []).map((value) => `\`${String(value)}\``).join(' or ')}.`,
      );
    case 'invalid_key': {
      const inner = details.issues?.[0];
      const code = (inner as Details | undefined)?.params?.code ?? 'bad-name';
      return [problem(positions.key(path), code, inner?.message ?? 'This key is not a name.')];
    }
    case 'too_small':
      if (details.origin === 'array') return at('empty-list', `${nameOf(path)} needs at least one entry.`);
      break;
    case 'too_big':
      if (details.origin === 'array')
        return at('list-too-long', `${nameOf(path)} may have at most ${details.maximum} entries.`);
      break;
  }
  const why = issue.message.replace(/[.\s]+$/, '');
  return at('invalid-value', withoutSecrets(`${nameOf(path)} is not valid: ${why}.`, path, site.secrets));
}

/**
 * Whether a key that is missing stands there under another name. NB. only where that other name is a problem itself: else
 * nobody would be told.
 */
function isMisspelt(document: YamlDocument, { path }: SchemaIssue, place: Path, { schema }: Site): boolean {
  const mapping = path.slice(0, -1);
  if (!isStrictAt(schema, mapping)) return false;
  const written = keysOf(valueAt(document, place.slice(0, -1)));
  return misspeltKeys(written, keysAt(schema, mapping)).has(String(place.at(-1)));
}

/** A provider's own message may quote the value it did not like, and that value may be a secret. */
function withoutSecrets(sentence: string, path: Path, secrets: readonly string[]): string {
  if (!secrets.some((secret) => sentence.includes(secret))) return sentence;
  return `${nameOf(path)} is not valid. Its value comes from the environment and is not shown.`;
}

/** `approvers` entry 2. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  const key = path.findLast((part) => typeof part === 'string');
  if (key === undefined) return 'This document';
  return typeof last === 'number' ? `\`${key}\` entry ${last + 1}` : `\`${key}\``;
}

function unknownKey(key: string, path: Path, known: readonly string[]): string {
  const where = path.length === 0 ? 'here' : `in ${nameOf(path)}`;
  const guess = didYouMean(key, known);
  const way = guess !== '' ? guess : known.length > 0 ? ` The keys are: ${known.join(', ')}.` : ' Remove it.';
  return `\`${key}\` is not a key ${where}.${way}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, such as [a, b]',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
};

const found = (value: unknown): string => {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'true or false' : 'a number';
};

// NB. No sentence quotes the value: it may be a secret in the wrong place.
function wrongType(path: Path, expected: string, value: unknown): string {
  const sentence = `${nameOf(path)} must be ${EXPECTED[expected] ?? expected}, and it is ${found(value)}`;
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return `${sentence}: put it in quotes.`;
  if (expected === 'boolean' && typeof value === 'string') {
    // Words that were booleans in YAML 1.1, and are texts since.
    const meant = /^(?:y|yes|on)$/i.test(value) ? 'true' : /^(?:n|no|off)$/i.test(value) ? 'false' : 'true or false';
    return `${sentence}: write ${meant}, without quotes.`;
  }
  if (value === null && path.at(-1) === 'channel') return `${sentence}: put it in quotes, since # begins a comment.`;
  return `${sentence}.`;
}

function valueAt(document: YamlDocument, path: Path): unknown {
  let value: unknown = document.value;
  for (const part of path) {
    if (!isRead(value)) return value;
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[part];
  }
  return value;
}
