import { characters, isObject } from '../block-kit/checks.ts';
import { messageProblems } from '../block-kit/index.ts';
import { problemDetails, SlackError } from '../errors.ts';
import type { MessageMetadata } from '../types.ts';
import type { Conversation } from '../workspace.ts';
import type { Arguments } from './arguments.ts';
import type { Context, Method } from './context.ts';

const TEXT_MAX = 40_000;
const METADATA_BYTES_MAX = 8_192;

const readBlocks = (args: Arguments): unknown[] | undefined => {
  const blocks = args.json('blocks', 'invalid_blocks_format');
  if (blocks === undefined) return undefined;
  if (!Array.isArray(blocks)) throw new SlackError('invalid_blocks_format');
  const problems = messageProblems(blocks);
  if (problems.length > 0) throw new SlackError('invalid_blocks', problemDetails(problems));
  return blocks;
};

const readText = (args: Arguments): string | undefined => {
  const text = args.text('text');
  if (text !== undefined && characters(text) > TEXT_MAX) throw new SlackError('msg_too_long');
  return text;
};

/** Text, blocks, or both; blocks alone leave notifications and screen readers without a sentence. */
const readContent = (args: Arguments, context: Context): { text: string; blocks?: unknown[] } => {
  const blocks = readBlocks(args);
  const text = readText(args);
  if (text === undefined && (blocks ?? []).length === 0) throw new SlackError('no_text');
  if (text === undefined) context.warn('missing_text: blocks without `text` for notifications and screen readers');
  return { text: text ?? '', ...(blocks === undefined ? {} : { blocks }) };
};

/** `{}` takes the metadata away. */
const readMetadata = (args: Arguments): MessageMetadata | null | undefined => {
  const metadata = args.json('metadata', 'invalid_metadata_format');
  if (metadata === undefined) return undefined;
  if (isObject(metadata) && Object.keys(metadata).length === 0) return null;
  const right =
    isObject(metadata) &&
    typeof metadata.event_type === 'string' &&
    metadata.event_type !== '' &&
    isObject(metadata.event_payload);
  if (!right) throw new SlackError('invalid_metadata_format');
  if (Buffer.byteLength(JSON.stringify(metadata)) > METADATA_BYTES_MAX) throw new SlackError('metadata_too_large');
  return metadata as unknown as MessageMetadata;
};

const parsesNames = (args: Arguments): boolean => args.text('parse') === 'full' || args.flag('link_names') === true;

const flags = (args: Arguments) => {
  const [links, media] = [args.flag('unfurl_links'), args.flag('unfurl_media')];
  return {
    ...(links === undefined ? {} : { unfurl_links: links }),
    ...(media === undefined ? {} : { unfurl_media: media }),
    ...(args.flag('mrkdwn') === false ? { mrkdwn: false } : {}),
    ...(parsesNames(args) ? { parseNames: true } : {}),
  };
};

const checkMayPost = (conversation: Conversation, context: Context): void => {
  if (conversation.isArchived) throw new SlackError('is_archived');
  if (conversation.botIsMember || (context.postsAnywhere && !conversation.isPrivate)) return;
  throw new SlackError('not_in_channel');
};

const postMessage: Method = (args, context) => {
  const { workspace, messages } = context;
  const conversation = workspace.resolve(args.text('channel') ?? '', { names: true, users: true });
  checkMayPost(conversation, context);
  const content = readContent(args, context);
  const metadata = readMetadata(args);
  const thread_ts = args.text('thread_ts');
  if (thread_ts !== undefined && messages.find(conversation, thread_ts)?.ephemeral_to !== undefined) {
    throw new SlackError('cannot_reply_to_message');
  }
  const message = messages.add(conversation, {
    user: workspace.bot.userId,
    ...content,
    ...flags(args),
    ...(thread_ts === undefined ? {} : { thread_ts }),
    ...(thread_ts !== undefined && args.flag('reply_broadcast') === true ? { reply_broadcast: true } : {}),
    ...(metadata === undefined || metadata === null ? {} : { metadata }),
  });
  return { channel: conversation.id, ts: message.ts, message: messages.asSlack(message) };
};

const update: Method = (args, context) => {
  const { workspace, messages } = context;
  // NB. Names and user ids are not taken here: only the channel id that posting answered.
  const conversation = workspace.resolve(args.text('channel') ?? '');
  const message = messages.own(conversation, args.text('ts') ?? '', 'cant_update_message');
  const blocks = readBlocks(args);
  const text = readText(args);
  const metadata = readMetadata(args);
  const isEmpty = text === undefined && (blocks ?? message.blocks).length === 0 && message.text === '';
  if (isEmpty || (text === undefined && blocks === undefined && metadata === undefined))
    throw new SlackError('no_text');
  if (text === undefined && blocks !== undefined) {
    context.warn('missing_text: blocks without `text` for notifications and screen readers');
  }
  messages.change(message, {
    ...(text === undefined ? {} : { text }),
    ...(blocks === undefined ? {} : { blocks }),
    ...(metadata === undefined ? {} : { metadata }),
    parseNames: parsesNames(args),
  });
  return { channel: conversation.id, ts: message.ts, text: message.text, message: messages.asSlack(message) };
};

const remove: Method = (args, { workspace, messages }) => {
  const conversation = workspace.resolve(args.text('channel') ?? '');
  const message = messages.own(conversation, args.text('ts') ?? '', 'cant_delete_message');
  messages.remove(conversation, message);
  return { channel: conversation.id, ts: message.ts };
};

const postEphemeral: Method = (args, context) => {
  const { workspace, messages } = context;
  const conversation = workspace.resolve(args.text('channel') ?? '', { names: true, users: true });
  checkMayPost(conversation, context);
  const user = args.needed('user');
  if (!conversation.members.has(user)) throw new SlackError('user_not_in_channel');
  const thread_ts = args.text('thread_ts');
  const message = messages.add(conversation, {
    user: workspace.bot.userId,
    ...readContent(args, context),
    ...flags(args),
    ...(thread_ts === undefined ? {} : { thread_ts }),
    ephemeral_to: user,
  });
  return { message_ts: message.ts };
};

const getPermalink: Method = (args, { workspace, messages }) => {
  const conversation = workspace.resolve(args.text('channel') ?? '');
  const ts = args.text('message_ts') ?? '';
  const message = messages.find(conversation, ts);
  if (message === undefined) throw new SlackError('message_not_found');
  const thread =
    message.thread_ts === undefined || message.thread_ts === ts
      ? ''
      : `?thread_ts=${message.thread_ts}&cid=${conversation.id}`;
  const permalink = `https://${workspace.team.domain}.slack.com/archives/${conversation.id}/p${ts.replace('.', '')}${thread}`;
  return { channel: conversation.id, permalink };
};

export const chat: Record<string, Method> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
};
