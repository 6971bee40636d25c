import { createHash } from 'node:crypto';
import type { Message } from '../../src/app/messages.ts';
import { type Messenger, MessengerError, type Posted, type PostRequest } from '../../src/app/ports/messenger.ts';
import { messageProblems } from '../../src/playground/slack/block-kit/index.ts';
import type { Rendered } from '../../src/slack/blocks.ts';
import { render } from '../../src/slack/messages/render.ts';

export interface Seen extends Posted {
  key: string;
  thread?: string;
  message: Message;
  rendered: Rendered;
  updates: number;
}

export interface Fault {
  on: 'post' | 'update';
  /** Which calls; absent: the next one. */
  when?: (message: Message, where: string) => boolean;
  kind: MessengerError['kind'];
  code?: string;
  retryAfterMs?: number;
  /** Done all the same: the reply is lost. */
  done?: boolean;
  /** How often; 1 when absent. */
  times?: number;
}

const digestOf = (rendered: Rendered): string => createHash('sha256').update(JSON.stringify(rendered)).digest('hex');

/** Slack as the outbox sees it, in memory. Whatever is shown is drawn for real, and must be within Slack's limits. */
export class FakeMessenger implements Messenger {
  readonly seen: Seen[] = [];
  /** Every look before a post, by key. */
  readonly looks: string[] = [];
  /** What Slack would have refused. */
  readonly problems: string[] = [];
  onCall: () => void | Promise<void> = () => {};
  readonly #faults: Fault[] = [];

  fail(fault: Fault): void {
    this.#faults.push({ ...fault });
  }

  heal(): void {
    this.#faults.length = 0;
  }

  async post({ place, thread, message, key, lookSince }: PostRequest): Promise<Posted> {
    await this.onCall();
    const rendered = this.#draw(message);
    if (lookSince !== undefined) {
      this.looks.push(key);
      const found = this.seen.find((one) => one.key === key);
      if (found) return { channel: found.channel, ts: found.ts, shown: found.shown };
    }
    const where = 'channel' in place ? place.channel : `D-${place.person}`;
    const fault = this.#faultOf('post', message, where);
    if (fault && !fault.done) throw errorOf(fault);
    const posted = { channel: where, ts: `${1_000_000 + this.seen.length}.000100`, shown: digestOf(rendered) };
    this.seen.push({ ...posted, key, message, rendered, updates: 0, ...(thread === undefined ? {} : { thread }) });
    if (fault) throw errorOf(fault);
    return posted;
  }

  async update(posted: Posted, message: Message): Promise<string> {
    await this.onCall();
    const rendered = this.#draw(message);
    const shown = digestOf(rendered);
    if (shown === posted.shown) return shown;
    const fault = this.#faultOf('update', message, posted.channel);
    if (fault && !fault.done) throw errorOf(fault);
    const found = this.seen.find(({ channel, ts }) => channel === posted.channel && ts === posted.ts);
    if (!found) throw new MessengerError('give-up', 'message-not-found', 'there is no such message');
    Object.assign(found, { message, rendered, shown, updates: found.updates + 1 });
    if (fault) throw errorOf(fault);
    return shown;
  }

  /** All messages of a kind, in the order of their posts. */
  of<Kind extends Message['kind']>(kind: Kind): (Seen & { message: Extract<Message, { kind: Kind }> })[] {
    return this.seen.filter((one) => one.message.kind === kind) as never;
  }

  /** The beats of the stories told so far. */
  get beats(): string[] {
    return this.of('story').map(({ message }) => message.line.beat);
  }

  #draw(message: Message): Rendered {
    const rendered = render(message);
    this.problems.push(...(rendered.blocks ? messageProblems(rendered.blocks) : []));
    if ([...rendered.text].length > 4_000) this.problems.push(`text of ${message.kind} is over 4000 characters`);
    return rendered;
  }

  #faultOf(on: Fault['on'], message: Message, where: string): Fault | undefined {
    const index = this.#faults.findIndex((fault) => fault.on === on && (fault.when?.(message, where) ?? true));
    const fault = this.#faults[index];
    if (!fault) return undefined;
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times <= 0) this.#faults.splice(index, 1);
    return fault;
  }
}

const errorOf = ({ kind, code, retryAfterMs }: Fault) =>
  new MessengerError(kind, code ?? 'scripted', 'Slack was told to fail', retryAfterMs);
