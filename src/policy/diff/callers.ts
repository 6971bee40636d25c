import type { CallerRef } from '../../domain/caller.ts';
import type { Condition } from '../conditions/condition.ts';
import type { CallerPolicy } from '../policy-set.ts';
import { literalsOf } from './circumstances.ts';

/** One caller who stands for all whom the rules cannot tell from it. */
export interface Representative {
  caller: CallerRef;
  /** `api-key:jenkins`, `callers of https://ci.example.com with repository=acme/api`. */
  text: string;
  /** The claims of which it is known what the token says, `sub` among them; whoever it stands for may say more. */
  says: Token;
}

export interface Representatives {
  all: readonly Representative[];
  /** Conditions look at what tokens say, which can be anything. */
  sampled: boolean;
  /** There are more than are compared. */
  cut: boolean;
}

/** More callers than these are one action with too many rules: the first are looked at, and that is said. */
const MOST = 1_000;

/** What a token says, each claim in words, too. */
type Token = readonly Claim[];
export interface Claim {
  name: string;
  value: string | readonly string[];
  /** `ref=refs/heads/main or refs/heads/release`. */
  text: string;
}
interface Kind {
  issuer: string;
  claims: Token;
}

/**
 * The callers whom some rules can tell apart: for each rule those whose token says what it asks for and nothing else. NB. rules
 * ask only for what a token says, never for what it does not: whoever says more is let in by all the rules by which one of these
 * is. So who may ask is compared in full; only conditions can look at more than that.
 */
export function callersOf(rules: readonly CallerPolicy[], conditions: readonly Condition[]): Representatives {
  const asked = conditions.filter(({ reads }) => [...reads].some((name) => /^caller(\.|$)/.test(name)));
  const words = [...new Set(asked.flatMap(({ source }) => literalsOf(source.replace(NAMES_OF_CLAIMS, ''))))];
  const keys = rules.flatMap((rule): Representative[] =>
    rule.kind === 'api-key'
      ? [{ caller: { kind: 'api-key', name: rule.name }, text: `api-key:${rule.name}`, says: [] }]
      : [],
  );
  const kinds = rules.flatMap((rule): Kind[] =>
    rule.kind === 'oidc' ? tokensOf(rule, rules, asked.length > 0).map((claims) => ({ ...rule, claims })) : [],
  );
  const found = new Map<string, Representative>();
  const take = (one: Representative): void => {
    const key = JSON.stringify(one.caller);
    if (!found.has(key)) found.set(key, one);
  };
  for (const each of keys) take(each);
  for (const kind of kinds) take(representative(kind));
  const names = claimsIn(asked);
  const looked = new Set(
    asked.flatMap(({ source }) => [...source.matchAll(LOOKED_FOR)].map(([, one, other]) => one ?? other)),
  );
  const subjects = asked.some(({ reads }) => reads.has('caller.subject') || reads.has('caller'));
  // One claim after another, as with what people write: conditions rarely ask for two at once.
  for (const { issuer, claims } of kinds) {
    for (const name of subjects ? ['sub', ...names] : names) {
      const own = claims.find((claim) => claim.name === name);
      const others = claims.filter((claim) => claim !== own);
      const say = (value: Claim['value'], text: string) =>
        take(representative({ issuer, claims: [...others, { name, value, text: `${name}=${text}` }] }));
      // A list lets a caller in as its text does, and conditions see none: it matters to those that ask whether there is one.
      if (typeof own?.value === 'string' && looked.has(name)) say([own.value], `[${own.value}]`);
      else if (!own) for (const value of [...words, OTHER]) say(value, value);
    }
  }
  const all = [...found.values()];
  return { all: all.slice(0, MOST), sampled: asked.length > 0, cut: all.length > MOST };
}

/** A value that no rule mentions. */
export const OTHER = 'another';

/** Where a condition names a claim: `caller.claims["ref"]`, `caller.claims.ref`, `"ref" in caller.claims`. */
const NAMES_OF_CLAIMS =
  /caller\.claims\s*(?:\[\s*["']([^"']+)["']\s*\]|\.\s*([A-Za-z_]\w*)(?!\w|\s*\())|["']([^"']+)["']\s+in\s+caller\.claims/g;

/** `"ref" in caller.claims`, `has(caller.claims.ref)`. */
const LOOKED_FOR = /["']([^"']+)["']\s+in\s+caller\.claims|has\(\s*caller\.claims\s*\.\s*(\w+)/g;

function claimsIn(conditions: readonly Condition[]): string[] {
  const names = conditions.flatMap(({ source }) =>
    [...source.matchAll(NAMES_OF_CLAIMS)].flatMap(([, quoted, dotted, looked]) => quoted ?? dotted ?? looked ?? []),
  );
  return [...new Set(names)];
}

/** Every way in which a token can keep a rule, of values that no rule tells apart one for all. */
function tokensOf(
  { issuer, claims }: Extract<CallerPolicy, { kind: 'oidc' }>,
  rules: readonly CallerPolicy[],
  each: boolean,
): Token[] {
  const others = rules.flatMap((rule) => (rule.kind === 'oidc' && rule.issuer === issuer ? [rule.claims] : []));
  let tokens: Token[] = [[]];
  for (const [name, values] of Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const alike = new Map<string, string[]>();
    for (const value of values) {
      // Conditions can tell any two texts apart.
      const key = each
        ? value
        : others.map((other) => Object.hasOwn(other, name) && other[name]?.includes(value) === true).join();
      alike.set(key, [...(alike.get(key) ?? []), value]);
    }
    const choices = [...alike.values()].map((group): Claim => {
      const [value = ''] = group.sort();
      return { name, value, text: `${name}=${group.join(' or ')}` };
    });
    tokens = tokens.flatMap((token) => choices.map((choice) => [...token, choice])).slice(0, MOST + 1);
  }
  return tokens;
}

/** The callers of an issuer whose tokens say this. */
export function representative({ issuer, claims }: Kind): Representative {
  const subject = claims.find(({ name }) => name === 'sub')?.value;
  const others = claims.filter(({ name }) => name !== 'sub');
  return {
    caller: {
      kind: 'oidc',
      issuer,
      subject: typeof subject === 'string' ? subject : OTHER,
      // NB. no prototype: a claim may be called `constructor`.
      claims: Object.assign(Object.create(null), Object.fromEntries(others.map(({ name, value }) => [name, value]))),
    },
    text: `callers of ${issuer} with ${claims.map(({ text }) => text).join(' and ')}`,
    says: claims,
  };
}
