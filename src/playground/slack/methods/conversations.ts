import { SlackError } from '../errors.ts';
import type { FakeMessage } from '../types.ts';
import type { Conversation } from '../workspace.ts';
import type { Arguments } from './arguments.ts';
import type { Context, Method } from './context.ts';

const asSlack = (conversation: Conversation): Record<string, unknown> =>
  conversation.kind === 'dm'
    ? { id: conversation.id, is_im: true, is_channel: false, user: conversation.id.slice(1), is_archived: false }
    : {
        id: conversation.id,
        name: conversation.name,
        name_normalized: conversation.name,
        is_channel: !conversation.isPrivate,
        is_group: conversation.isPrivate,
        is_im: false,
        is_mpim: false,
        is_private: conversation.isPrivate,
        is_archived: conversation.isArchived,
        is_member: conversation.botIsMember,
        num_members: conversation.members.size + (conversation.botIsMember ? 1 : 0),
      };

const open: Method = (args, { workspace }) => {
  const given = args.text('channel');
  if (given !== undefined) return { channel: asSlack(workspace.resolve(given)) };
  const users = (args.text('users') ?? '').split(',').filter((user) => user !== '');
  const user = users[0];
  if (user === undefined) throw new SlackError('users_list_not_supplied');
  if (users.length > 1) throw new SlackError('method_not_supported_for_channel_type');
  const person = workspace.people.get(user);
  if (person === undefined) throw new SlackError('user_not_found');
  if (person.deleted === true) throw new SlackError('user_disabled');
  const already = workspace.conversations.has(`D${user}`);
  const { id } = workspace.dm(user);
  return {
    channel: args.flag('return_im') === true ? asSlack(workspace.dm(user)) : { id },
    ...(already ? { no_op: true, already_open: true } : {}),
  };
};

const readable = (args: Arguments, { workspace }: Context): Conversation => {
  const conversation = workspace.resolve(args.text('channel') ?? '');
  if (!conversation.botIsMember) throw new SlackError('not_in_channel');
  return conversation;
};

/** Messages between `oldest` and `latest`, both left out unless `inclusive`. A ts has a fixed width, so text compares. */
const between = (args: Arguments): ((message: FakeMessage) => boolean) => {
  const [oldest, latest, inclusive] = [args.text('oldest'), args.text('latest'), args.flag('inclusive') === true];
  const micros = (ts: string): number => Math.round(Number(ts) * 1e6);
  for (const given of [oldest, latest]) {
    if (given !== undefined && Number.isNaN(micros(given))) throw new SlackError('invalid_ts_latest');
  }
  return ({ ts }) => {
    const at = micros(ts);
    const afterOldest = oldest === undefined || at > micros(oldest) || (inclusive && at === micros(oldest));
    const beforeLatest = latest === undefined || at < micros(latest) || (inclusive && at === micros(latest));
    return afterOldest && beforeLatest;
  };
};

const answer = (
  args: Arguments,
  { messages }: Context,
  all: FakeMessage[],
  fallback: number,
): Record<string, unknown> => {
  const { page, next_cursor } = args.page(all, fallback, 1000);
  const metadata = args.flag('include_all_metadata') === true;
  return {
    messages: page.map((message) => messages.asSlack(message, metadata)),
    has_more: next_cursor !== '',
    ...(next_cursor === '' ? {} : { response_metadata: { next_cursor } }),
  };
};

const history: Method = (args, context) => {
  const conversation = readable(args, context);
  const shown = [...conversation.messages.values()].filter(
    (each) =>
      each.ephemeral_to === undefined &&
      (each.thread_ts === undefined || each.thread_ts === each.ts || each.reply_broadcast === true),
  );
  return { ...answer(args, context, shown.filter(between(args)).reverse(), 100), pin_count: 0 };
};

const replies: Method = (args, context) => {
  const conversation = readable(args, context);
  const asked = context.messages.find(conversation, args.text('ts') ?? '');
  if (asked === undefined || asked.ephemeral_to !== undefined) throw new SlackError('thread_not_found');
  const parent = context.messages.find(conversation, asked.thread_ts ?? asked.ts) ?? asked;
  const answers = context.messages.replies(conversation, parent.ts).filter(between(args));
  return answer(args, context, [parent, ...answers], 1000);
};

const info: Method = (args, { workspace }) => ({ channel: asSlack(workspace.resolve(args.text('channel') ?? '')) });

const ofTypes = (args: Arguments, { workspace }: Context): Conversation[] => {
  const types = (args.text('types') ?? 'public_channel').split(',');
  return [...workspace.conversations.values()].filter((each) => {
    if (each.kind === 'dm') return types.includes('im');
    if (each.isArchived && args.flag('exclude_archived') === true) return false;
    return each.isPrivate ? types.includes('private_channel') && each.botIsMember : types.includes('public_channel');
  });
};

const listed: Method = (args, context) => {
  const { page, next_cursor } = args.page(ofTypes(args, context), 100, 1000);
  return { channels: page.map(asSlack), response_metadata: { next_cursor } };
};

/** What the bot is in. */
const mine: Method = (args, context) => {
  const { page, next_cursor } = args.page(
    ofTypes(args, context).filter((each) => each.botIsMember),
    100,
    999,
  );
  return { channels: page.map(asSlack), response_metadata: { next_cursor } };
};

const members: Method = (args, { workspace }) => {
  const conversation = workspace.resolve(args.text('channel') ?? '');
  const all = new Set([...conversation.members, ...(conversation.botIsMember ? [workspace.bot.userId] : [])]);
  const { page, next_cursor } = args.page([...all], 100, 1000);
  return { members: page, response_metadata: { next_cursor } };
};

export const conversations: Record<string, Method> = {
  'conversations.open': open,
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.info': info,
  'conversations.list': listed,
  'conversations.members': members,
  'users.conversations': mine,
};
