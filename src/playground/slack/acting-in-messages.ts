import { type Acting, actionFor, findIn, loadedKey, notSent, urlsFor } from './acting.ts';
import { findElement } from './block-kit/index.ts';
import { escapedCommand } from './command-text.ts';
import { NotPossible, SlackError } from './errors.ts';
import type { ClickOptions, Delivery, FakeMessage, Id, MessageRef, SentPayload, StateValues } from './types.ts';
import { stateOf } from './view-state.ts';
import type { Conversation } from './workspace.ts';

const COMMAND = /^(\/\S+)(?:\s+([\s\S]*))?$/;

const parsedAnswer = (body: string): unknown => {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Not JSON: Slack takes the body as text.
  }
  return { text: body };
};

/** What people do in conversations: commands, buttons, writing. */
export class ActingInMessages {
  private readonly acting: Acting;
  private readonly commands: readonly string[] | undefined;
  private readonly escapes: boolean;
  private readonly events: readonly string[];
  /** What each person chose in the selects of a message. */
  private readonly states = new Map<string, StateValues>();

  constructor(
    acting: Acting,
    options: { commands: readonly string[] | undefined; escapes: boolean; events: readonly string[] },
  ) {
    this.acting = acting;
    this.commands = options.commands;
    this.escapes = options.escapes;
    this.events = options.events;
  }

  async command(user: Id, channel: Id, line: string): Promise<Delivery> {
    const conversation = this.memberOf(user, channel);
    const match = COMMAND.exec(line.trim());
    const command = match?.[1];
    if (command === undefined)
      throw new NotPossible(`A command begins with a slash and a name: ${JSON.stringify(line)}.`);
    if (this.commands !== undefined && !this.commands.includes(command)) {
      this.acting.messages.slackbot(conversation, user, `\`${command}\` is not a valid command.`);
      return notSent(this.acting, 'slash_command', 'not a valid command');
    }
    const { path, urls } = urlsFor(this.acting, user, conversation);
    const typed = match?.[2] ?? '';
    const text = this.escapes ? escapedCommand(typed, this.acting.workspace) : typed;
    const fields = this.acting.payloads.command(user, conversation, command, text, urls);
    const delivery = await this.acting.outgoing.send(this.acting.outgoing.form('slash_command', fields));
    this.applyAnswer(user, conversation, command, path, delivery);
    return delivery;
  }

  private applyAnswer(user: Id, conversation: Conversation, command: string, path: string, delivery: Delivery): void {
    let failure = delivery.timedOut ? 'operation_timeout' : 'dispatch_failed';
    if (delivery.ok) {
      if (delivery.body === '') return;
      try {
        this.acting.responseUrls.answer(path, parsedAnswer(delivery.body));
        return;
      } catch (error) {
        if (!(error instanceof SlackError)) throw error;
        delivery.error = `Slack refuses the answer: ${error.code} ${JSON.stringify(error.details.errors ?? '')}`;
        failure = error.code;
      }
    }
    this.acting.messages.slackbot(conversation, user, `${command} failed with the error "${failure}"`);
  }

  prepareClick(user: Id, ref: MessageRef | FakeMessage, name: string, options: ClickOptions = {}): SentPayload {
    const { acting } = this;
    const { conversation, message: current } = acting.messages.seenBy(user, ref, options.unseen);
    // A screen that has not caught up still shows the buttons of then; what Slack sends along is the message of now.
    const screen = 'blocks' in ref ? ref : current;
    const message = current ?? screen;
    if (message === undefined || screen === undefined) {
      throw new NotPossible(`There is no message ${ref.ts} in ${conversation.name}.`);
    }
    const onScreen = current !== undefined && findElement(current.blocks, name) !== undefined ? current : screen;
    const found = findIn(onScreen.blocks, name);
    const where = `${conversation.id}/${message.ts}`;
    const loaded = acting.loaded.get(loadedKey(where, found)) ?? [];
    const { action, entered } = actionFor(acting, found, options.value, loaded);
    const values = stateOf(message.blocks, this.states.get(`${where}/${user}`));
    if (entered !== undefined) {
      values[found.block.block_id] = { ...values[found.block.block_id], [found.element.action_id]: entered };
      this.states.set(`${where}/${user}`, values);
    }
    const { urls } = urlsFor(acting, user, conversation, message);
    const payload = acting.payloads.messageActions(user, { conversation, message }, values, action, urls);
    options.edit?.(payload);
    return acting.outgoing.payload('block_actions', payload);
  }

  async click(user: Id, ref: MessageRef | FakeMessage, name: string, options?: ClickOptions): Promise<Delivery> {
    const delivery = await this.acting.outgoing.send(this.prepareClick(user, ref, name, options));
    if (!delivery.ok) {
      const text = delivery.timedOut
        ? 'This app did not answer in time: operation_timeout'
        : `This app responded with Status Code ${delivery.status || 'none'}.`;
      this.acting.messages.slackbot(this.acting.workspace.channelFor(ref.channel), user, text);
    }
    return delivery;
  }

  async post(
    user: Id,
    channel: Id,
    text: string,
    options: { thread_ts?: string },
  ): Promise<{ message: FakeMessage; delivery?: Delivery }> {
    const conversation = this.memberOf(user, channel);
    const message = this.acting.messages.add(conversation, { user, text, ...options });
    const [type, channelType] = eventOf(conversation);
    if (!this.events.includes(type) || !conversation.botIsMember) return { message: structuredClone(message) };
    const { channel: id, ts, thread_ts } = message;
    const event = {
      type: 'message',
      user,
      text,
      channel: id,
      channel_type: channelType,
      ts,
      event_ts: ts,
      ...(thread_ts === undefined ? {} : { thread_ts }),
    };
    const delivery = await this.acting.outgoing.send(
      this.acting.outgoing.json('event', this.acting.payloads.event(event)),
    );
    return { message: structuredClone(message), delivery };
  }

  private memberOf(user: Id, channel: Id): Conversation {
    this.acting.workspace.person(user);
    const conversation = this.acting.workspace.channelFor(channel);
    if (conversation.members.has(user)) return conversation;
    throw new NotPossible(`${user} is not in ${conversation.name} and cannot write there.`);
  }
}

const eventOf = (conversation: Conversation): [string, string] => {
  if (conversation.kind === 'dm') return ['message.im', 'im'];
  return conversation.isPrivate ? ['message.groups', 'group'] : ['message.channels', 'channel'];
};
