import fc from 'fast-check';
import type { CallerRef } from '../../src/domain/caller.ts';
import { mayCall } from '../../src/policy/callers.ts';
import { callersOf } from '../../src/policy/diff/callers.ts';
import type { CallerPolicy } from '../../src/policy/policy-set.ts';
import { holds } from './holds.ts';

/** A small world of tokens, small enough to ask for each of them: two issuers, three claims, each absent, a text or a list. */
const ISSUERS = ['https://one.example', 'https://two.example'] as const;
const CLAIMS = ['ref', 'sub', 'constructor'] as const;
const VALUES = ['a', 'b', 'c'] as const;

const rule = fc
  .record({
    issuer: fc.constantFrom(...ISSUERS),
    claims: fc.dictionary(fc.constantFrom(...CLAIMS), fc.subarray([...VALUES], { minLength: 1 }), {
      minKeys: 1,
      noNullPrototype: true,
    }),
  })
  .map((each): CallerPolicy => ({ kind: 'oidc', ...each }));
const rules = fc.array(rule, { maxLength: 3 });

type Said = string | readonly string[] | undefined;
const SAID: readonly Said[] = [undefined, 'a', 'b', 'c', ['a', 'b'], ['c', 'other'], 'other'];
const TOKENS: readonly CallerRef[] = ISSUERS.flatMap((issuer) =>
  ['a', 'b', 'c', 'other'].flatMap((subject) =>
    SAID.flatMap((ref) =>
      SAID.map((odd): CallerRef => {
        const claims = Object.fromEntries(
          Object.entries({ ref, constructor: odd }).flatMap(([name, said]) =>
            said === undefined ? [] : [[name, said]],
          ),
        );
        return { kind: 'oidc', issuer, subject, claims };
      }),
    ),
  ),
);

const settings = { apiKeys: new Map(), timezone: 'UTC', schedules: new Map() };
const lets = (callers: readonly CallerPolicy[], caller: CallerRef): boolean =>
  mayCall({ settings }, { callers }, caller);

holds<(was: readonly CallerPolicy[], now: readonly CallerPolicy[]) => readonly { caller: CallerRef }[]>(
  'whoever newly may ask for an action, or no longer may, is stood for by one of the callers that are compared',
  (compared) =>
    fc.property(rules, rules, (was, now) => {
      const callers = compared(was, now).map(({ caller }) => caller);
      for (const [before, after] of [
        [was, now],
        [now, was],
      ] as const) {
        const newly = (caller: CallerRef) => !lets(before, caller) && lets(after, caller);
        if (TOKENS.some(newly)) expect(callers.filter(newly)).not.toEqual([]);
      }
    }),
  (was, now) => callersOf([...was, ...now], []).all,
  {
    'looking at the rules of one side alone': (was) => callersOf(was, []).all,
    'taking one value of a claim for all of them': (was, now) =>
      callersOf(
        [...was, ...now].map((each) =>
          each.kind === 'oidc'
            ? {
                ...each,
                claims: Object.fromEntries(Object.entries(each.claims).map(([name, [value = '']]) => [name, [value]])),
              }
            : each,
        ),
        [],
      ).all,
  },
);
