import { createHash } from 'node:crypto';
import type { DomainEvent, EventType } from '../domain/events.ts';
import { canonicalJson } from './canonical-json.ts';

/** The `prev` of a workspace's first entry: 64 zeros, as no SHA-256 of anything is known to be. */
export const GENESIS_HASH = '0'.repeat(64);

/** The end of a workspace's chain: the last entry's number and hash; number 0 and GENESIS_HASH when it is empty. */
export interface ChainHead {
  seq: number;
  hash: string;
}

export interface ChainEntry {
  seq: number;
  at: string;
  type: EventType;
  /** RFC 8785 bytes of `{event, prev, seq}`; stored as they were hashed. */
  body: string;
  /** SHA-256 of `body`, in lower-case hex. */
  hash: string;
}

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Links events to the end of a chain. Entry numbers go up by one; each body holds the hash of the entry before. */
export function link(head: ChainHead, events: readonly DomainEvent[]): { entries: ChainEntry[]; head: ChainHead } {
  const entries: ChainEntry[] = [];
  let { seq, hash } = head;
  for (const event of events) {
    seq += 1;
    const body = canonicalJson({ event, prev: hash, seq });
    hash = sha256(body);
    entries.push({ seq, at: event.at, type: event.type, body, hash });
  }
  return { entries, head: { seq, hash } };
}
