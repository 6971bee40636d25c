import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { type SlackDirectory, SourceError } from '../app/ports/live-sources.ts';
import { Budget } from './budget.ts';
import { messengerError } from './slack-error.ts';

/** Slack's tier 2: at least 20 calls a minute (https://docs.slack.dev/apis/web-api/rate-limits). */
const CALLS_A_MINUTE = 20;
const MINUTE_MS = 60_000;
/** Far over any real user group: a list that never ends must not fill the memory. */
const MOST_MEMBERS = 50_000;

/** NB. a reply that goes on elsewhere is only a part, and a part of a denied group lets the rest of it in. */
const reply = z.object({
  users: z.array(z.string().regex(/^[UW][A-Z0-9]{1,30}$/)).max(MOST_MEMBERS),
  response_metadata: z.object({ next_cursor: z.literal('').optional() }).optional(),
});

interface Options {
  client: WebClient;
  onError: (method: string, code: string) => void;
  budget?: Budget;
}

/** The members of Slack's user groups, at Slack's pace. */
export class SlackUsergroups implements SlackDirectory {
  readonly #client: WebClient;
  readonly #onError: (method: string, code: string) => void;
  readonly #budget: Budget;

  constructor({ client, onError, budget = new Budget(CALLS_A_MINUTE, MINUTE_MS) }: Options) {
    this.#client = client;
    this.#onError = onError;
    this.#budget = budget;
  }

  /** Deactivated users are not among them. The client has a deadline of its own, shorter than `signal`'s. */
  async usergroup(id: string, signal: AbortSignal): Promise<readonly string[]> {
    if (signal.aborted) throw new SourceError('stopped', 'the program is stopping');
    const wait = this.#budget.take();
    if (wait > 0) {
      const sentence = `Slack is asked about user groups at most ${CALLS_A_MINUTE} times a minute`;
      throw new SourceError('paced', sentence, { retryAfterMs: wait });
    }
    let answer: unknown;
    try {
      answer = await this.#client.usergroups.users.list({ usergroup: id });
    } catch (error) {
      const { code, message, retryAfterMs } = messengerError('usergroups.users.list', error);
      this.#onError('usergroups.users.list', code);
      throw new SourceError(code, message, { final: code === 'no-such-subteam', retryAfterMs });
    }
    const parsed = reply.safeParse(answer);
    if (parsed.success) return [...new Set(parsed.data.users)];
    this.#onError('usergroups.users.list', 'bad-reply');
    throw new SourceError('bad-reply', 'Slack’s reply to usergroups.users.list is no whole list of user ids');
  }
}
