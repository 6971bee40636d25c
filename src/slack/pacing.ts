import type { Milliseconds } from '../domain/instant.ts';

/** A turn that nobody came for by this long after its time is forgotten: another process had it, or it was given up. */
const FORGOTTEN_AFTER_MS: Milliseconds = 60_000;

interface Channel {
  /** When the next post may go out. */
  free: Milliseconds;
  /** When the first turn that nobody has yet begins. */
  end: Milliseconds;
}

/**
 * Turns for posts: one message a second and channel, as Slack asks (https://docs.slack.dev/apis/web-api/rate-limits).
 * A turn is taken when it is asked for, so that several posts line up behind one another. Who is not patient enough for
 * theirs is told when it comes and keeps it: a hundred posts to one channel ask two hundred times, and not each of them
 * every second until the channel is free.
 */
export class Pacing {
  readonly #interval: Milliseconds;
  readonly #channels = new Map<string, Channel>();
  /** Turns of those who went away to come back, by who they are. */
  readonly #kept = new Map<string, Milliseconds>();

  constructor(interval: Milliseconds) {
    this.#interval = interval;
  }

  /**
   * How long to wait for the next turn in the channel; it is taken unless the wait is longer than `patience`. Then it is
   * kept for `who`, when they say who they are: the same name gets it, whenever it comes back.
   */
  take(
    channel: string,
    now: Milliseconds,
    patience: Milliseconds,
    who?: string,
  ): { wait: Milliseconds; taken: boolean } {
    this.#forget(now);
    const line = this.#channels.get(channel) ?? { free: now, end: now };
    const name = who === undefined ? undefined : `${channel} ${who}`;
    const kept = name === undefined ? undefined : this.#kept.get(name);
    // A kept turn whose time is past still waits for the post before it.
    const turn = Math.max(kept ?? line.end, line.free, now);
    const wait = turn - now;
    const taken = wait <= patience;
    if (name !== undefined && taken) this.#kept.delete(name);
    if (name !== undefined && !taken) this.#kept.set(name, turn);
    const after = turn + this.#interval;
    if (taken) line.free = after;
    if (taken || (name !== undefined && kept === undefined)) line.end = Math.max(line.end, after);
    this.#channels.set(channel, line);
    return { wait, taken };
  }

  #forget(now: Milliseconds): void {
    for (const [channel, { end }] of this.#channels) if (end <= now) this.#channels.delete(channel);
    for (const [name, turn] of this.#kept) {
      // In the order they were kept, which is nearly that of their times.
      if (turn > now - FORGOTTEN_AFTER_MS) break;
      this.#kept.delete(name);
    }
  }
}
