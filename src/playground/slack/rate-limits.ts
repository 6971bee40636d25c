import { RateLimited } from './errors.ts';

const MINUTE = 60_000;

/** Calls a minute that Slack promises, by its tiers. `chat.postMessage` has its own limit, one a second and channel. */
const PER_MINUTE: Record<string, number> = {
  'users.list': 20,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
  'conversations.list': 20,
  'users.conversations': 50,
  'chat.update': 50,
  'chat.delete': 50,
  'conversations.history': 50,
  'conversations.replies': 50,
  'conversations.info': 50,
  'conversations.open': 50,
  'users.lookupByEmail': 50,
  'chat.postEphemeral': 100,
  'users.info': 100,
  'conversations.members': 100,
  'views.open': 100,
  'views.update': 100,
  'views.push': 100,
  'views.publish': 100,
};

/** Limits in the fake's time: the clock is read at every call, and may have jumped either way since the last. */
export class RateLimits {
  private readonly now: () => number;
  private readonly burst: number;
  private readonly recent = new Map<string, number[]>();
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  constructor(now: () => number, burst: number) {
    if (!Number.isInteger(burst) || burst < 1)
      throw new RangeError(`postMessageBurst must be a whole number from 1, not ${burst}.`);
    this.now = now;
    this.burst = burst;
  }

  /** Counts one call. Throws `RateLimited`; a call refused is not counted. */
  take(method: string, channel: string | undefined): void {
    if (method === 'chat.postMessage') this.takeToken(channel ?? '');
    const limit = PER_MINUTE[method];
    if (limit !== undefined) this.takeOfMinute(method, limit);
  }

  private takeToken(channel: string): void {
    const now = this.now();
    const bucket = this.buckets.get(channel) ?? { tokens: this.burst, at: now };
    const tokens = Math.min(this.burst, bucket.tokens + Math.max(0, now - bucket.at) / 1000);
    const enough = tokens >= 1;
    this.buckets.set(channel, { tokens: enough ? tokens - 1 : tokens, at: now });
    if (!enough) throw new RateLimited(Math.max(1, Math.ceil(1 - tokens)));
  }

  private takeOfMinute(method: string, limit: number): void {
    const now = this.now();
    const calls = (this.recent.get(method) ?? []).filter((at) => at > now - MINUTE && at <= now);
    this.recent.set(method, calls);
    const first = calls[0];
    if (calls.length >= limit && first !== undefined) {
      throw new RateLimited(Math.max(1, Math.ceil((first + MINUTE - now) / 1000)));
    }
    calls.push(now);
  }
}
