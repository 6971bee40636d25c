import type { CallerRef } from '../../domain/caller.ts';
import { LIMITS } from '../../policy/limits.ts';
import { ANY_KNOWN_NAMES, Names as KnownNames } from '../../policy/names.ts';
import { caller } from '../../policy/schema/caller.ts';
import { byName, keysOf, line, say } from '../../policy/schema/words.ts';
import { isMapping } from '../../policy/yaml/plain.ts';
import { type Names, STRANGER } from './names.ts';

/** Who asks for an action in a test: a token of an issuer with what it says, or the holder of an API key. */
const testCaller = (names: Names) =>
  caller({ ...ANY_KNOWN_NAMES, apiKeys: new KnownNames(names.apiKeys ?? [], names.apiKeys ? undefined : 'any') })
    .extend({
      /** Absent: the name of the caller in the test. */
      subject: line(LIMITS.textChars).optional(),
    })
    .superRefine(({ issuer, claims, subject, api_key }, context) => {
      const bad = (sentence: string, ...path: string[]) => say(context, { code: 'bad-caller' }, sentence, path);
      if (api_key === undefined && issuer === undefined)
        bad('Write who it is: `{issuer: …, claims: {…}}`, what its token says, or `{api_key: …}`.');
      if (api_key !== undefined && (issuer !== undefined || subject !== undefined || claims !== undefined))
        bad('A caller with an API key has no token, so no `issuer`, `subject` or `claims`: remove them, or the key.');
      if (keysOf(claims).includes('sub')) bad('Write it as `subject`, beside the claims.', 'claims', 'sub');
    });

/** The callers of a document, by the names that it gives them. */
export const testCallers = (names: Names) =>
  byName(testCaller(names)).superRefine((written, context) => {
    for (const name of Object.keys(written).filter((one) => one === STRANGER || names.isPerson(one))) {
      const sentence = `\`${name}\` is a person in these tests, and a step could mean either: give the caller another name.`;
      say(context, { code: 'bad-name', at: 'key' }, sentence, [name]);
    }
  });

/**
 * The callers that a document names, read from what is written, before the document is: its steps name them. One that is
 * written wrongly is somebody all the same, so that only its own problem is told.
 */
export function callersIn(value: unknown): Map<string, CallerRef> {
  const callers = isMapping(value) && isMapping(value.callers) ? value.callers : {};
  return new Map(Object.entries(callers).map(([name, written]) => [name, callerOf(name, written)]));
}

function callerOf(name: string, written: unknown): CallerRef {
  const { issuer, subject, claims, api_key }: Record<string, unknown> = isMapping(written) ? written : {};
  if (typeof api_key === 'string') return { kind: 'api-key', name: api_key };
  const sub = typeof subject === 'string' ? subject : name;
  return {
    kind: 'oidc',
    issuer: typeof issuer === 'string' ? issuer : '',
    subject: sub,
    // Checked by the schema: whoever reads these runs no test of a document with a problem.
    claims: { ...((isMapping(claims) ? claims : {}) as Record<string, string | readonly string[]>), sub },
  };
}
