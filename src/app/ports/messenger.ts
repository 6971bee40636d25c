import type { Place } from '../../domain/effects.ts';
import type { Instant, Milliseconds } from '../../domain/instant.ts';
import type { Message } from '../messages.ts';

export interface PostRequest {
  place: Place;
  /** Reply in the thread of this message. */
  thread?: string;
  message: Message;
  /** Identifies the post for ever. The same key is never seen twice in Slack. */
  key: string;
  /** Look for a message with the key posted since then before posting: an earlier attempt may have arrived. */
  lookSince?: Instant;
  /** Asked right before the post, after every wait: no longer when another process may have taken the work over. */
  mayPost?(): boolean;
}

export interface Posted {
  channel: string;
  ts: string;
  /** Digest of what was shown. */
  shown: string;
}

/** Slack, as the outbox sees it. Calls throw only `MessengerError`. */
export interface Messenger {
  post(request: PostRequest): Promise<Posted>;
  /** Shows a message anew, unless it already shows the same. Returns the digest of what it shows now. */
  update(posted: Posted, message: Message): Promise<string>;
}

/**
 * `retry`: try again with growing delays. `wait`: Slack or our own pacing names the time. `give-up`: Slack will never
 * take it (no such channel, not a member, message deleted).
 */
export class MessengerError extends Error {
  override readonly name = 'MessengerError';
  readonly kind: 'retry' | 'wait' | 'give-up';
  readonly code: string;
  readonly retryAfterMs: Milliseconds | undefined;

  constructor(kind: MessengerError['kind'], code: string, message: string, retryAfterMs?: Milliseconds) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
