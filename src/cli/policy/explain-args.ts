import { type CallerRef, callerNamed } from '../../domain/caller.ts';
import { parseDuration } from '../../domain/duration.ts';
import { type Instant, instantOf } from '../../domain/instant.ts';
import { readMoment } from '../moment.ts';
import { WrongUsage } from './verb.ts';

/** Whether a word names a caller of actions, rightly or not, and no person. */
export const isCaller = (word: string): boolean => /^(api-key|oidc)(:|$)/.test(word);

/** Claims that say which token it is, or for whom and until when, and that are checked before any rule is asked. */
const OF_THE_TOKEN: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/** @param claims `repository=acme/api`; one that is given more than once is a list */
export function callerOf(word: string, claims: readonly string[]): CallerRef {
  const named = callerNamed(word);
  if (!named)
    throw new WrongUsage(
      `${word}: write a caller as api-key:jenkins, or as oidc:<issuer>#<subject> with --claim name=value for what its token says.`,
    );
  if (named.kind === 'api-key') {
    if (claims.length > 0) throw new WrongUsage('--claim: an API key says nothing but its name.');
    return named;
  }
  // NB. no prototype: a claim may be called `constructor`.
  const said: Record<string, string | readonly string[]> = Object.create(null);
  for (const claim of claims) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(claim) ?? [];
    if (name === '') throw new WrongUsage(`--claim ${claim}: write it as NAME=VALUE, like repository=acme/api.`);
    if (OF_THE_TOKEN.has(name))
      throw new WrongUsage(
        `--claim ${claim}: the issuer and the subject stand in the caller itself, oidc:<issuer>#<subject>; rules cannot ask for iss, aud, exp, nbf, iat and jti.`,
      );
    const before = said[name];
    said[name] = before === undefined ? value : [before, value].flat();
  }
  return { ...named, claims: said };
}

export function parametersOf(pairs: readonly string[], what: 'a field' | 'a parameter'): Record<string, string> {
  // NB. no prototype: a field may be called `constructor`.
  const given: Record<string, string> = Object.create(null);
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new WrongUsage(`${pair}: write ${what} as name=value.`);
    const name = pair.slice(0, at);
    if (Object.hasOwn(given, name)) throw new WrongUsage(`${name}: this ${what.replace('a ', '')} is given twice.`);
    given[name] = pair.slice(at + 1);
  }
  return given;
}

/** `dba=cy@example.com`, once for each member; `dba=` alone: nobody is in it. */
export function membersOf(pairs: readonly string[]): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const pair of pairs) {
    const [, group = '', email = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (group === '') throw new WrongUsage(`--member ${pair}: write it as GROUP=PERSON, like dba=cy@example.com.`);
    members.set(group, [...(members.get(group) ?? []), ...(email === '' ? [] : [email.toLowerCase()])]);
  }
  return members;
}

export function momentOf(at: string | undefined): Instant {
  if (at === undefined) return instantOf(Date.now());
  const read = readMoment(at);
  if ('why' in read) throw new WrongUsage(`--at ${at}: ${read.why}.`);
  return read.at;
}

export function durationOf(text: string | undefined): { durationMs?: number } {
  if (text === undefined) return {};
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new WrongUsage(`--for ${text}: ${parsed.why}.`);
  return { durationMs: parsed.ms };
}
