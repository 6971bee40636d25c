import type { Clock } from '../app/ports/clock.ts';
import type { Credentials, Identified } from '../app/ports/credentials.ts';
import type { Log } from '../app/ports/log.ts';
import { API_KEY_PREFIX, nameOfApiKey } from './api-key.ts';
import { checkIdToken } from './id-token.ts';
import { DiscoveredKeys, type IssuerKeys } from './issuer-keys.ts';

export interface CredentialsOptions {
  /** What the `aud` of ID tokens has to name. */
  audience: string;
  /** The issuers that the policies in force name: no other is believed, or asked for anything. */
  issuers: () => ReadonlySet<string>;
  /** Of the settings in force: the SHA-256 of each API key, by its name. */
  apiKeys: () => ReadonlyMap<string, readonly string[]>;
  clock: Clock;
  log?: Log;
  /** Where issuers' keys come from; found by discovery when left out. */
  keys?: IssuerKeys;
}

/** Tells who calls by what they send: an ID token that an OpenID provider signed, or an API key. */
export function createCredentials({ apiKeys, log, ...options }: CredentialsOptions): Credentials {
  const keys = options.keys ?? new DiscoveredKeys({ clock: options.clock, ...(log ? { log } : {}) });
  return {
    async callerOf(authorization): Promise<Identified> {
      const credential = bearer(authorization);
      if (credential === undefined)
        return {
          ok: false,
          code: 'no-credential',
          sentence: 'Say who you are: `Authorization: Bearer` and an ID token, or an API key (lk_…).',
        };
      if (!credential.startsWith(API_KEY_PREFIX)) return checkIdToken(credential, { ...options, keys });
      const name = nameOfApiKey(credential, apiKeys());
      if (name !== undefined) return { ok: true, caller: { kind: 'api-key', name } };
      return { ok: false, code: 'bad-token', sentence: 'There is no such API key in the settings of the policies.' };
    },
  };
}

const bearer = (authorization = ''): string | undefined => /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
