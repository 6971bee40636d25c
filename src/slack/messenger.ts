import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessageMetadata } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Message } from '../app/messages.ts';
import { type Messenger, MessengerError, type Posted, type PostRequest } from '../app/ports/messenger.ts';
import type { Place } from '../domain/effects.ts';
import { epochMs, type Instant } from '../domain/instant.ts';
import type { Rendered } from './blocks.ts';
import { MESSAGE_EVENT } from './ids.ts';
import { render } from './messages/render.ts';
import { Pacing } from './pacing.ts';
import { messengerError } from './slack-error.ts';

/** A post waits this long for its turn in the channel; for longer it is given back to the outbox, until then. */
const PATIENCE_MS = 1_500;
/** How many pages of history a look-up reads before it says it cannot tell. */
const LOOK_PAGES = 10;

interface Options {
  client: WebClient;
  /** Told of every call that failed, for the metrics. */
  onError?: (method: string, code: string) => void;
  /** Between two messages to one channel. */
  intervalMs?: number;
}

/** The outbox's Slack: paced, and never posting the same key twice. */
export class SlackMessenger implements Messenger {
  readonly #client: WebClient;
  readonly #pacing: Pacing;
  readonly #onError: (method: string, code: string) => void;
  /** What Slack calls the places that we posted to: `#name` and its id are one channel, and share its pace. */
  readonly #channelIds = new Map<string, string>();

  constructor({ client, onError = () => {}, intervalMs = 1_000 }: Options) {
    this.#client = client;
    this.#onError = onError;
    this.#pacing = new Pacing(intervalMs);
  }

  async post({ place, thread, message, key, lookSince, mayPost }: PostRequest): Promise<Posted> {
    const rendered = render(message);
    const shown = digestOf(rendered);
    // Before the look: who has to come back later has not cost Slack a call.
    await this.#awaitTurn(place, key);
    if (lookSince !== undefined) {
      const found = await this.#find(place, thread, key, lookSince);
      // Found: it shows what was true then; saying so lets the next refresh bring it up to date.
      if (found) return { ...found, shown: found.shown };
    }
    if (mayPost?.() === false) throw new MessengerError('wait', 'too-late', 'the turn came after the deadline');
    const metadata: MessageMetadata = { event_type: MESSAGE_EVENT, event_payload: { key, shown } };
    const posted = await this.#call('chat.postMessage', () =>
      this.#client.chat.postMessage({
        channel: nameOf(place),
        ...content(rendered),
        metadata,
        ...(thread === undefined ? {} : { thread_ts: thread }),
        unfurl_links: false,
        unfurl_media: false,
      }),
    );
    if (!posted.channel || !posted.ts)
      throw new MessengerError('retry', 'bad-reply', 'Slack posted without saying where');
    this.#channelIds.set(nameOf(place), posted.channel);
    return { channel: posted.channel, ts: posted.ts, shown };
  }

  async update(posted: Posted, message: Message): Promise<string> {
    const rendered = render(message);
    const shown = digestOf(rendered);
    if (shown === posted.shown) return shown;
    const { channel, ts } = posted;
    await this.#call('chat.update', () =>
      this.#client.chat.update({ channel, ts, ...content(rendered), blocks: rendered.blocks ?? [] }),
    );
    return shown;
  }

  /**
   * Looks for a message with our key: a post whose reply was lost has arrived all the same.
   * @throws MessengerError when Slack cannot be read: posting blindly could say it twice.
   */
  async #find(place: Place, thread: string | undefined, key: string, since: Instant): Promise<Posted | undefined> {
    const channel = await this.#channelId(place);
    // A channel that Slack does not list to us is one that we cannot have posted to.
    if (channel === undefined) return undefined;
    const oldest = String(epochMs(since) / 1000);
    let cursor: string | undefined;
    for (let page = 0; page < LOOK_PAGES; page += 1) {
      const where = {
        channel,
        include_all_metadata: true,
        oldest,
        limit: 200,
        ...(cursor === undefined ? {} : { cursor }),
      };
      const reply =
        thread === undefined
          ? await this.#call('conversations.history', () => this.#client.conversations.history(where))
          : await this.#call('conversations.replies', () =>
              this.#client.conversations.replies({ ...where, ts: thread }),
            );
      for (const { metadata, ts } of reply.messages ?? []) {
        const payload =
          metadata?.event_type === MESSAGE_EVENT ? (metadata.event_payload as Record<string, unknown>) : {};
        if (payload.key === key && ts !== undefined) return { channel, ts, shown: String(payload.shown ?? '') };
      }
      cursor = reply.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return undefined;
    }
    throw new MessengerError(
      'retry',
      'look-too-long',
      `too many messages in ${channel} to tell whether ours is among them`,
    );
  }

  async #channelId(place: Place): Promise<string | undefined> {
    if ('person' in place) {
      const opened = await this.#call('conversations.open', () =>
        this.#client.conversations.open({ users: place.person }),
      );
      return opened.channel?.id;
    }
    if (!place.channel.startsWith('#')) return place.channel;
    const name = place.channel.slice(1);
    let cursor: string | undefined;
    do {
      const page = await this.#call('users.conversations', () =>
        this.#client.users.conversations({
          types: 'public_channel,private_channel',
          exclude_archived: true,
          limit: 999,
          ...(cursor === undefined ? {} : { cursor }),
        }),
      );
      const found = page.channels?.find((channel) => channel.name === name);
      if (found?.id) return found.id;
      cursor = page.response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined);
    return undefined;
  }

  async #awaitTurn(place: Place, key: string): Promise<void> {
    const channel = this.#channelIds.get(nameOf(place)) ?? nameOf(place);
    const { wait, taken } = this.#pacing.take(channel, performance.now(), PATIENCE_MS, key);
    if (!taken) throw new MessengerError('wait', 'paced', `${channel} has more messages than one a second`, wait);
    if (wait > 0) await sleep(wait);
  }

  async #call<Reply>(method: string, call: () => Promise<Reply>): Promise<Reply> {
    try {
      return await call();
    } catch (error) {
      const known = messengerError(method, error);
      this.#onError(method, known.code);
      throw known;
    }
  }
}

const nameOf = (place: Place): string => ('channel' in place ? place.channel : place.person);

const content = ({ text, blocks }: Rendered) => (blocks === undefined ? { text } : { text, blocks });

const digestOf = (rendered: Rendered): string =>
  createHash('sha256').update(JSON.stringify(rendered)).digest('hex').slice(0, 32);
