import type { CallerPolicy } from '../policy-set.ts';
import { type Problem, problem } from '../problems.ts';
import type { ReadableAction } from '../schema/action.ts';
import type { CallerDocument } from '../schema/caller.ts';
import { isRead } from '../unread.ts';
import { isMapping } from '../yaml/plain.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

const ALL_OF_IT =
  'an issuer makes tokens for everybody who uses it, so say what a token must hold, such as `claims: {repository: acme/api}`';

/** What the parts of each caller mean together: one way to be known, and the whole of it. */
export function callerProblems({ positions, value }: YamlDocument, { callers }: ReadableAction): Problem[] {
  const problems: Problem[] = [];
  for (const [index, caller] of (isRead(callers) ? callers : []).entries()) {
    if (!isRead(caller)) continue;
    const say = (code: Problem['code'], sentence: string, path: readonly string[] = []): void => {
      problems.push(problem(positions.value(['callers', index, ...path]), code, sentence));
    };
    const { issuer, claims, api_key } = caller;
    if (api_key !== undefined) {
      if (issuer !== undefined || claims !== undefined)
        say('bad-caller', 'A caller is known by a token or by an API key, not by both: make two entries of it.');
    } else if (issuer !== undefined && claims === undefined) {
      say('missing-key', `\`claims\` is missing: ${ALL_OF_IT}.`);
    } else if (issuer === undefined && claims !== undefined) {
      say('missing-key', '`issuer` is missing: the same claims in a token of another issuer mean nothing. Add it.');
    } else if (issuer === undefined && isEmpty(Array.isArray(value.callers) ? value.callers[index] : undefined)) {
      say('bad-caller', 'A caller is `{issuer: …, claims: {…}}` or `{api_key: …}`, and this entry is empty.');
    }
    if (isEmpty(claims)) say('bad-caller', `\`claims\` is empty: ${ALL_OF_IT}.`, ['claims']);
  }
  return problems;
}

const isEmpty = (value: unknown): boolean => isMapping(value) && Object.keys(value).length === 0;

/** A checked caller as a policy. */
export function callerPolicy({ issuer, claims, api_key }: CallerDocument): CallerPolicy {
  if (api_key !== undefined) return { kind: 'api-key', name: api_key };
  // NB. a caller without claims would be everybody whom the issuer knows.
  if (issuer === undefined || claims === undefined) throw new Error('a caller was left unjudged without a problem');
  return { kind: 'oidc', issuer, claims: Object.assign(Object.create(null), claims) };
}
