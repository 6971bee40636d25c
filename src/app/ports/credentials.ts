import type { CallerRef } from '../../domain/caller.ts';
import type { Milliseconds } from '../../domain/instant.ts';

/** Who a call over HTTP comes from. */
export interface Credentials {
  /** @param authorization the header of that name, as it was sent. */
  callerOf(authorization: string | undefined): Promise<Identified>;
}

export type Identified = { ok: true; caller: CallerRef } | Unidentified;

/**
 * `issuer-unavailable`: whether the token is good cannot be said now, for whoever signed it does not tell its keys. Like the
 * others it is no pass.
 */
export interface Unidentified {
  ok: false;
  code: 'no-credential' | 'bad-token' | 'issuer-unavailable';
  /** What was wrong and what would be right. It never quotes the credential. */
  sentence: string;
  /** Not before then is another answer possible. */
  retryAfterMs?: Milliseconds;
}
