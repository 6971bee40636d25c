import { randomBytes } from 'node:crypto';
import { isObject } from './block-kit/checks.ts';
import { messageProblems } from './block-kit/index.ts';
import { problemDetails, SlackError } from './errors.ts';
import type { Messages } from './messages.ts';
import type { FakeMessage, Id } from './types.ts';
import type { Conversation, Workspace } from './workspace.ts';

const LIFE = 30 * 60_000;
const USES = 5;

interface ResponseUrl {
  user: Id;
  conversation: Conversation;
  /** The message whose button made it; for a command, the first answer that only the person saw. */
  original: FakeMessage | undefined;
  at: number;
  uses: number;
}

export interface AppReply {
  text: string;
  blocks: unknown[] | undefined;
  inChannel: boolean;
  replaceOriginal: boolean;
  deleteOriginal: boolean;
  thread_ts: string | undefined;
}

/** What an app answers to a command or posts to a response url. Throws `no_text`, `invalid_blocks`, `msg_too_long`. */
const readReply = (body: unknown): AppReply => {
  if (!isObject(body)) throw new SlackError('invalid_payload');
  const text = typeof body.text === 'string' ? body.text : '';
  const deleteOriginal = body.delete_original === true || body.delete_original === 'true';
  const problems = body.blocks === undefined ? [] : messageProblems(body.blocks);
  if (problems.length > 0) throw new SlackError('invalid_blocks', problemDetails(problems));
  const blocks = body.blocks as unknown[] | undefined;
  if ([...text].length > 40_000) throw new SlackError('msg_too_long');
  if (text === '' && (blocks ?? []).length === 0 && !deleteOriginal) throw new SlackError('no_text');
  return {
    text,
    blocks,
    inChannel: body.response_type === 'in_channel',
    replaceOriginal: body.replace_original === true || body.replace_original === 'true',
    deleteOriginal,
    thread_ts: typeof body.thread_ts === 'string' ? body.thread_ts : undefined,
  };
};

/** Response urls: 30 minutes, five uses, and what is posted to them. */
export class ResponseUrls {
  private readonly workspace: Workspace;
  private readonly messages: Messages;
  private readonly known = new Map<string, ResponseUrl>();

  constructor(workspace: Workspace, messages: Messages) {
    this.workspace = workspace;
    this.messages = messages;
  }

  /** The path of a new one, `/response/<id>`. */
  mint(user: Id, conversation: Conversation, original?: FakeMessage): string {
    const path = `/response/${this.workspace.team.id}/${randomBytes(12).toString('hex')}`;
    this.known.set(path, { user, conversation, original, at: this.workspace.now(), uses: 0 });
    return path;
  }

  /** Throws `expired_url`, `used_url`, `no_text`, `invalid_blocks`. Only what was posted counts as a use. */
  post(path: string, body: unknown): void {
    const url = this.known.get(path);
    if (url === undefined || this.workspace.now() - url.at > LIFE) throw new SlackError('expired_url');
    if (url.uses >= USES) throw new SlackError('used_url');
    this.apply(url, readReply(body));
    url.uses += 1;
  }

  /** The answer in the body of the HTTP reply: as if posted to the response url, but not counted. */
  answer(path: string, body: unknown): void {
    const url = this.known.get(path);
    if (url !== undefined) this.apply(url, readReply(body));
  }

  private apply(url: ResponseUrl, reply: AppReply): void {
    const original = url.original;
    const there = original !== undefined && this.messages.find(url.conversation, original.ts) === original;
    if (reply.deleteOriginal) {
      if (there) this.messages.remove(url.conversation, original);
      return;
    }
    if (reply.replaceOriginal && there) {
      this.messages.change(original, { text: reply.text, blocks: reply.blocks ?? [] });
      return;
    }
    const posted = this.messages.add(url.conversation, {
      user: this.workspace.bot.userId,
      text: reply.text,
      ...(reply.blocks === undefined ? {} : { blocks: reply.blocks }),
      ...(reply.thread_ts === undefined ? {} : { thread_ts: reply.thread_ts }),
      ...(reply.inChannel ? {} : { ephemeral_to: url.user }),
    });
    if (original === undefined) url.original = posted;
  }
}
