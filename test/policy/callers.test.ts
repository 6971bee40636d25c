import fc from 'fast-check';
import type { CallerRef } from '../../src/domain/caller.ts';
import { mayCall } from '../../src/policy/index.ts';
import { cases } from '../support/cases.ts';

type Oidc = Extract<CallerRef, { kind: 'oidc' }>;
type Claims = Oidc['claims'];
type Rule = Readonly<Record<string, readonly string[]>>;
type Judge = (rules: readonly Rule[], caller: Oidc) => boolean;

const ISSUER = 'https://token.example.com';
const settings = { settings: { apiKeys: new Map(), timezone: 'UTC', schedules: new Map() } };

/** Few names and values, so that they meet; among them what every object seems to have, and what only looks like another. */
const name = fc.constantFrom('sub', 'repository', 'ref', 'constructor', 'toString');
const value = fc.constantFrom('a', 'A', 'ab', 'a/b', '*', '');
const rule: fc.Arbitrary<Rule> = fc.dictionary(name, fc.uniqueArray(value, { minLength: 1, maxLength: 3 }), {
  minKeys: 1,
  maxKeys: 3,
});
const caller: fc.Arbitrary<Oidc> = fc.record({
  kind: fc.constant('oidc' as const),
  issuer: fc.constantFrom(ISSUER, ISSUER, ISSUER, `${ISSUER}/`, 'https://other.example.com'),
  subject: value,
  claims: fc.dictionary(name, fc.oneof(value, fc.array(value, { maxLength: 2 })), { maxKeys: 4 }),
});

const policy = (rules: readonly Rule[]) => ({
  callers: rules.map((claims) => ({ kind: 'oidc' as const, issuer: ISSUER, claims })),
});
const admits: Judge = (rules, who) => mayCall(settings, policy(rules), who);

/** What the token says of a claim, as a list of texts. */
const said = ({ subject, claims }: { subject: string; claims: Claims }, claim: string): readonly string[] => {
  const found = claim === 'sub' ? subject : new Map(Object.entries(claims)).get(claim);
  return found === undefined ? [] : typeof found === 'string' ? [found] : found;
};

const asWritten = (judge: Judge) =>
  fc.property(fc.array(rule, { maxLength: 3 }), caller, (rules, who) => {
    const meets = (each: Rule): boolean =>
      Object.entries(each).every(([claim, values]) => said(who, claim).some((text) => values.includes(text)));
    expect(judge(rules, who)).toBe(who.issuer === ISSUER && rules.some(meets));
  });

describe('a caller', () => {
  it('is whoever has a token of the issuer that meets all claims of one rule, letter by letter', () => {
    fc.assert(asWritten(admits), cases(1000));
  });

  it('is let in by nothing that lets nobody else in: one claim more never lets in more', () => {
    fc.assert(
      fc.property(rule, name, value, caller, (claims, more, text, who) => {
        if (admits([{ [more]: [text], ...claims }], who)) expect(admits([claims], who)).toBe(true);
      }),
      cases(1000),
    );
  });

  it('is nobody where a rule has no claims, should one ever come to be', () => {
    fc.assert(
      fc.property(caller, (who) => {
        expect(admits([{}], who)).toBe(false);
      }),
      cases(50),
    );
  });

  it.each<[string, Judge]>([
    [
      'by one claim of several',
      (rules, who) =>
        admits(
          rules.flatMap((each) => Object.entries(each).map(([claim, values]) => ({ [claim]: values }))),
          who,
        ),
    ],
    ['whatever the issuer', (rules, who) => admits(rules, { ...who, issuer: ISSUER })],
    [
      'by a subject among the claims',
      (rules, who) => admits(rules, typeof who.claims.sub === 'string' ? { ...who, subject: who.claims.sub } : who),
    ],
    [
      'in any case of letters',
      (rules, who) =>
        admits(rules, { ...who, claims: JSON.parse(JSON.stringify(who.claims).replaceAll('"A"', '"a"')) }),
    ],
  ])('would be told apart from one who is let in %s', (_what, twin) => {
    expect(fc.check(asWritten(twin), { numRuns: 5_000, seed: 7, endOnFailure: true }).failed).toBe(true);
  });
});
