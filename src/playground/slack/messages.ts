import { withIds } from './block-kit/index.ts';
import { NotPossible, SlackError } from './errors.ts';
import { notificationsOf } from './mentions.ts';
import type { FakeMessage, Id, MessageMetadata } from './types.ts';
import { type Conversation, SLACKBOT, type Workspace } from './workspace.ts';

export interface NewMessage {
  user: Id;
  text: string;
  blocks?: readonly unknown[];
  thread_ts?: string;
  reply_broadcast?: boolean;
  metadata?: MessageMetadata;
  unfurl_links?: boolean;
  unfurl_media?: boolean;
  ephemeral_to?: Id;
  mrkdwn?: boolean;
  parseNames?: boolean;
}

export interface MessageChange {
  text?: string;
  blocks?: readonly unknown[];
  metadata?: MessageMetadata | null;
  parseNames?: boolean;
}

/** The messages of a workspace. What comes in has passed the Block Kit checks. */
export class Messages {
  private readonly workspace: Workspace;

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  private blocks(blocks: readonly unknown[]) {
    return withIds(blocks, () => this.workspace.nextId('b'));
  }

  add(conversation: Conversation, message: NewMessage): FakeMessage {
    const { blocks, mrkdwn, parseNames, ...rest } = message;
    const parent = message.thread_ts === undefined ? undefined : this.find(conversation, message.thread_ts);
    // A reply to a reply joins the thread of its parent.
    const thread_ts = parent?.thread_ts ?? message.thread_ts;
    const added: FakeMessage = {
      channel: conversation.id,
      ts: this.workspace.nextTs(conversation),
      ...rest,
      ...(thread_ts === undefined ? {} : { thread_ts }),
      ...(message.user === this.workspace.bot.userId ? { bot_id: this.workspace.bot.botId } : {}),
      blocks: this.blocks(blocks ?? []),
      notifications: notificationsOf(message.text, blocks ?? [], {
        ...(mrkdwn === undefined ? {} : { mrkdwn }),
        ...(parseNames === undefined ? {} : { parseNames }),
      }),
    };
    conversation.messages.set(added.ts, added);
    if (added.ephemeral_to === undefined && parent !== undefined) this.countReply(conversation, added, 1);
    this.workspace.changed();
    return added;
  }

  private countReply(conversation: Conversation, reply: FakeMessage, by: 1 | -1): void {
    const parent = reply.thread_ts === undefined ? undefined : this.find(conversation, reply.thread_ts);
    if (parent === undefined) return;
    const count = (parent.reply_count ?? 0) + by;
    if (count > 0) {
      parent.thread_ts = parent.ts;
      parent.reply_count = count;
    } else {
      delete parent.thread_ts;
      delete parent.reply_count;
    }
  }

  find(conversation: Conversation, ts: string): FakeMessage | undefined {
    return conversation.messages.get(ts);
  }

  /** The answers in a thread, without the parent and without ephemeral ones. */
  replies(conversation: Conversation, thread_ts: string): FakeMessage[] {
    return [...conversation.messages.values()].filter(
      (each) => each.thread_ts === thread_ts && each.ts !== thread_ts && each.ephemeral_to === undefined,
    );
  }

  /** A message of the app itself. Throws `message_not_found`, and `otherwise` when somebody else wrote it. */
  own(conversation: Conversation, ts: string, otherwise: string): FakeMessage {
    const found = this.find(conversation, ts);
    // NB. Ephemeral messages cannot be changed by the API, only through a response_url.
    if (found === undefined || found.ephemeral_to !== undefined) throw new SlackError('message_not_found');
    if (found.user !== this.workspace.bot.userId) throw new SlackError(otherwise);
    return found;
  }

  change(message: FakeMessage, change: MessageChange): void {
    if (change.text !== undefined) message.text = change.text;
    if (change.blocks !== undefined) message.blocks = this.blocks(change.blocks);
    if (change.metadata === null) delete message.metadata;
    else if (change.metadata !== undefined) message.metadata = change.metadata;
    message.notifications = notificationsOf(message.text, message.blocks, { parseNames: change.parseNames ?? false });
    const ts = Math.floor(this.workspace.now() / 1000);
    message.edited = { user: message.user, ts: `${ts}.000000` };
    this.workspace.changed();
  }

  /** A parent with replies stays as a tombstone, as in Slack. */
  remove(conversation: Conversation, message: FakeMessage): void {
    if ((message.reply_count ?? 0) > 0) {
      Object.assign(message, { user: SLACKBOT, text: 'This message was deleted.', blocks: [], notifications: [] });
      delete message.bot_id;
      delete message.metadata;
    } else {
      conversation.messages.delete(message.ts);
      if (message.ephemeral_to === undefined) this.countReply(conversation, message, -1);
    }
    this.workspace.changed();
  }

  /** What Slackbot tells one person, such as that a command failed. */
  slackbot(conversation: Conversation, to: Id, text: string): FakeMessage {
    return this.add(conversation, { user: SLACKBOT, text, ephemeral_to: to });
  }

  /** The conversation and message of a reference, as the person sees it. Throws `NotPossible`. */
  seenBy(
    user: Id,
    ref: { channel: Id; ts: string },
    unseen = false,
  ): { conversation: Conversation; message: FakeMessage | undefined } {
    const conversation = this.workspace.channelFor(ref.channel);
    const message = this.find(conversation, ref.ts);
    const hidden = message?.ephemeral_to !== undefined && message.ephemeral_to !== user;
    if (!unseen && (!conversation.members.has(user) || hidden)) {
      throw new NotPossible(`${user} cannot see the message ${ref.ts} in ${conversation.name}.`);
    }
    return { conversation, message };
  }

  /** In the shape of `message` in answers and payloads. */
  asSlack(message: FakeMessage, metadata = true): Record<string, unknown> {
    const { channel: _channel, notifications: _notifications, ephemeral_to: _to, ...rest } = structuredClone(message);
    if (!metadata) delete rest.metadata;
    const own = message.bot_id !== undefined;
    const conversation = this.workspace.conversations.get(message.channel);
    const replies =
      message.reply_count === undefined || conversation === undefined ? [] : this.replies(conversation, message.ts);
    return {
      type: 'message',
      ...rest,
      ...(own ? { app_id: this.workspace.bot.appId } : {}),
      team: this.workspace.team.id,
      ...(replies.length > 0
        ? {
            reply_users: [...new Set(replies.map((reply) => reply.user))],
            reply_users_count: new Set(replies.map((reply) => reply.user)).size,
            latest_reply: replies.at(-1)?.ts,
          }
        : {}),
    };
  }
}
