import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../app/ports/clock.ts';
import type { Log } from '../app/ports/log.ts';
import { epochMs, type Milliseconds } from '../domain/instant.ts';
import { discoveryUrl, keysUrl } from './issuer-url.ts';
import { readJson } from './read-json.ts';

/** Keys are read again after so long: a provider that withdraws one means it. */
const FRESH_MS: Milliseconds = 10 * 60_000;
/** NB. anybody can write a token that names a key which does not exist: no sooner than this is it looked for again. */
const COOL_DOWN_MS: Milliseconds = 30_000;
/** A provider that failed is left alone for so long. */
const AFTER_FAILURE_MS: Milliseconds = 5_000;
/** Tokens that may wait for one issuer's keys: they are not checked yet, and each holds a connection. */
const MOST_WAITING = 50;

/** The keys of those who sign tokens. */
export interface IssuerKeys {
  /** @throws IssuerUnavailable */
  of(issuer: string): Promise<JWTVerifyGetKey>;
  /**
   * For a token that names a key which `of` does not have: the keys as they are now. Undefined: they were read a moment ago.
   * @throws IssuerUnavailable
   */
  anew(issuer: string): Promise<JWTVerifyGetKey | undefined>;
}

/** The keys cannot be had now. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
  readonly retryAfterMs: Milliseconds;
  constructor(issuer: string, retryAfterMs: Milliseconds) {
    super(`${issuer} does not tell its keys now`);
    this.retryAfterMs = retryAfterMs;
  }
}

interface Known {
  keys?: { get: JWTVerifyGetKey; readAt: number };
  failedAt?: number;
  /** Under way: everybody waits for the same one. */
  reading?: Promise<JWTVerifyGetKey>;
  waiting: number;
}

interface Options {
  clock: Clock;
  log?: Log;
}

/** Keys found by OpenID Connect Discovery, and kept for a while. Whoever asks has made sure that the policies name the issuer. */
export class DiscoveredKeys implements IssuerKeys {
  readonly #clock: Clock;
  readonly #log: Log | undefined;
  readonly #known = new Map<string, Known>();

  constructor({ clock, log }: Options) {
    this.#clock = clock;
    this.#log = log;
  }

  async of(issuer: string): Promise<JWTVerifyGetKey> {
    const known = this.#of(issuer);
    if (known.keys && this.#since(known.keys.readAt) < FRESH_MS) return known.keys.get;
    return this.#now(issuer, known);
  }

  async anew(issuer: string): Promise<JWTVerifyGetKey | undefined> {
    const known = this.#of(issuer);
    if (known.keys && this.#since(known.keys.readAt) < COOL_DOWN_MS) return undefined;
    return this.#now(issuer, known);
  }

  #of(issuer: string): Known {
    const known = this.#known.get(issuer) ?? { waiting: 0 };
    this.#known.set(issuer, known);
    return known;
  }

  /** NB. invariant 11: after a clock that stepped back, how long it is is not known, so that nothing is fresh or left alone. */
  #since(at: number): Milliseconds {
    const ms = epochMs(this.#clock.now()) - at;
    return ms < 0 ? Number.POSITIVE_INFINITY : ms;
  }

  async #now(issuer: string, known: Known): Promise<JWTVerifyGetKey> {
    const left = known.failedAt === undefined ? 0 : AFTER_FAILURE_MS - this.#since(known.failedAt);
    if (left > 0) throw new IssuerUnavailable(issuer, left);
    if (known.waiting >= MOST_WAITING) throw new IssuerUnavailable(issuer, AFTER_FAILURE_MS);
    known.waiting += 1;
    try {
      known.reading ??= this.#discover(issuer, known).finally(() => delete known.reading);
      return await known.reading;
    } finally {
      known.waiting -= 1;
    }
  }

  async #discover(issuer: string, known: Known): Promise<JWTVerifyGetKey> {
    try {
      const keys = await readJson(keysUrl(await readJson(discoveryUrl(issuer)), issuer));
      const get = createLocalJWKSet(keys as JSONWebKeySet);
      known.keys = { get, readAt: epochMs(this.#clock.now()) };
      delete known.failedAt;
      return get;
    } catch (error) {
      known.failedAt = epochMs(this.#clock.now());
      this.#log?.warn({ err: error, issuer }, 'the keys of an issuer of tokens cannot be read');
      throw new IssuerUnavailable(issuer, AFTER_FAILURE_MS);
    }
  }
}
