import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { type SlackDirectory, SourceError } from '../app/ports/live-sources.ts';
import { Budget } from './budget.ts';
import { messengerError } from './slack-error.ts';

/** Slack's tier 2: at least 20 calls a minute and method (https://docs.slack.dev/apis/web-api/rate-limits). */
const CALLS_A_MINUTE = 20;
const MINUTE_MS = 60_000;
/** Far over any real user group: a list that never ends must not fill the memory. */
const MOST_MEMBERS = 50_000;
const PAGE = 1_000;
/** As many pages as Slack gives in a minute; a workspace of more people cannot be read in time. */
const MOST_PAGES = 20;

/** NB. a reply that goes on elsewhere is only a part, and a part of a denied group lets the rest of it in. */
const usergroupReply = z.object({
  users: z.array(z.string().regex(/^[UW][A-Z0-9]{1,30}$/)).max(MOST_MEMBERS),
  response_metadata: z.object({ next_cursor: z.literal('').optional() }).optional(),
});

const usersReply = z.object({
  members: z.array(z.unknown()),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/**
 * A user whose e-mail says who they are. NB. a guest, a bot, a stranger of a shared channel, somebody deactivated, or an
 * e-mail that nobody confirmed says nothing: anybody could have written it.
 */
const ownUser = z.object({
  id: z.string().regex(/^[UW][A-Z0-9]{1,30}$/),
  team_id: z.string(),
  deleted: z.literal(false),
  is_bot: z.literal(false),
  is_app_user: z.literal(false).optional(),
  is_restricted: z.literal(false),
  is_ultra_restricted: z.literal(false),
  is_stranger: z.literal(false).optional(),
  is_invited_user: z.literal(false).optional(),
  is_email_confirmed: z.literal(true),
  profile: z.object({ email: z.string().min(3).max(254) }),
});

interface Options {
  client: WebClient;
  onError: (method: string, code: string) => void;
  /** The installed workspace; undefined until Slack has said which it is. */
  workspace(): string | undefined;
  budget?: () => Budget;
}

/** What Slack knows of people, at Slack's pace. */
export class WebApiDirectory implements SlackDirectory {
  readonly #client: WebClient;
  readonly #onError: (method: string, code: string) => void;
  readonly #workspace: () => string | undefined;
  readonly #usergroups: Budget;
  readonly #users: Budget;

  constructor({ client, onError, workspace, budget = () => new Budget(CALLS_A_MINUTE, MINUTE_MS) }: Options) {
    this.#client = client;
    this.#onError = onError;
    this.#workspace = workspace;
    this.#usergroups = budget();
    this.#users = budget();
  }

  /** Deactivated users are not among them. */
  async usergroup(id: string, signal: AbortSignal): Promise<readonly string[]> {
    const method = 'usergroups.users.list';
    const answer = await this.#call(method, this.#usergroups, signal, () =>
      this.#client.usergroups.users.list({ usergroup: id }),
    );
    const parsed = usergroupReply.safeParse(answer);
    if (parsed.success) return [...new Set(parsed.data.users)];
    throw this.#badReply(method, 'is no whole list of user ids');
  }

  async emails(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const method = 'users.list';
    const team = this.#workspace();
    if (team === undefined) throw new SourceError('not-started', 'Slack has not said yet which workspace this is');
    const emails = new Map<string, string>();
    const seen = new Set<string>();
    let cursor = '';
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const where = { limit: PAGE, ...(cursor === '' ? {} : { cursor }) };
      const answer = await this.#call(method, this.#users, signal, () => this.#client.users.list(where));
      const parsed = usersReply.safeParse(answer);
      if (!parsed.success) throw this.#badReply(method, 'is no list of users');
      for (const member of parsed.data.members) {
        const user = ownUser.safeParse(member);
        if (user.success && user.data.team_id === team) emails.set(user.data.id, user.data.profile.email.toLowerCase());
      }
      seen.add(cursor);
      cursor = parsed.data.response_metadata?.next_cursor ?? '';
      if (cursor === '') return emails;
      if (seen.has(cursor)) throw this.#badReply(method, 'leads in a circle');
    }
    const most = `more than ${MOST_PAGES * PAGE} users`;
    throw new SourceError('too-many-users', `Slack lists ${most}, too many to match by e-mail: name their Slack ids`);
  }

  /** The client has a deadline of its own, shorter than the signal's. */
  async #call(method: string, budget: Budget, signal: AbortSignal, call: () => Promise<unknown>): Promise<unknown> {
    if (signal.aborted) throw new SourceError('stopped', 'the program is stopping');
    const wait = budget.take();
    if (wait > 0) {
      const sentence = `Slack is asked ${method} at most ${CALLS_A_MINUTE} times a minute`;
      throw new SourceError('paced', sentence, { retryAfterMs: wait });
    }
    try {
      return await call();
    } catch (error) {
      const { code, message, retryAfterMs } = messengerError(method, error);
      this.#onError(method, code);
      throw new SourceError(code, message, { final: code === 'no-such-subteam', retryAfterMs });
    }
  }

  #badReply(method: string, what: string): SourceError {
    this.#onError(method, 'bad-reply');
    return new SourceError('bad-reply', `Slack’s reply to ${method} ${what}`);
  }
}
