import type { Modals } from './modals.ts';
import type { ConversationView, FakeMessage, FakeUser, Id, PersonView, WorkspaceView } from './types.ts';
import { type Conversation, SLACKBOT, type Workspace } from './workspace.ts';

const person = (user: FakeUser): PersonView => ({
  id: user.id,
  name: user.name,
  realName: user.realName,
  isBot: false,
  tz: user.tz ?? 'Etc/UTC',
  deleted: user.deleted ?? false,
});

const robot = (id: Id, name: string, realName: string): PersonView => ({
  id,
  name,
  realName,
  isBot: true,
  tz: 'Etc/UTC',
  deleted: false,
});

const inThread = (message: FakeMessage): boolean => message.thread_ts !== undefined && message.thread_ts !== message.ts;

/** What `viewer` sees of a conversation: replies under their parents, and nobody else's ephemeral messages. */
const conversationView = (conversation: Conversation, viewer: Id, appName: string): ConversationView => {
  const seen = [...conversation.messages.values()].filter(
    (message) => message.ephemeral_to === undefined || message.ephemeral_to === viewer,
  );
  const replies = new Map<string, FakeMessage[]>();
  for (const reply of seen.filter(inThread)) {
    const parent = reply.thread_ts ?? '';
    replies.set(parent, [...(replies.get(parent) ?? []), reply]);
  }
  const isTop = (message: FakeMessage): boolean =>
    !inThread(message) || message.reply_broadcast === true || !conversation.messages.has(message.thread_ts ?? '');
  return {
    id: conversation.id,
    name: conversation.kind === 'dm' ? appName : conversation.name,
    kind: conversation.kind,
    isPrivate: conversation.isPrivate,
    members: [...conversation.members],
    messages: seen.filter(isTop).map((message) => ({ ...message, replies: replies.get(message.ts) ?? [] })),
  };
};

/** Everything one person sees, as a copy. */
export const workspaceView = (workspace: Workspace, modals: Modals, viewer: Id): WorkspaceView => {
  workspace.person(viewer);
  const dm = workspace.dm(viewer);
  const channels = [...workspace.conversations.values()].filter((each) => each !== dm && each.members.has(viewer));
  const home = modals.home(viewer);
  return structuredClone({
    now: workspace.now(),
    viewer,
    team: workspace.team,
    users: [
      ...[...workspace.people.values()].map(person),
      robot(workspace.bot.userId, workspace.bot.name, 'Latchkey'),
      robot(SLACKBOT, 'slackbot', 'Slackbot'),
    ],
    usergroups: [...workspace.usergroups],
    conversations: [...channels, dm].map((each) => conversationView(each, viewer, workspace.bot.name)),
    views: modals.stack(viewer),
    ...(home === undefined ? {} : { home }),
  });
};

export const messagesOf = (conversation: Conversation): FakeMessage[] =>
  structuredClone([...conversation.messages.values()].filter((message) => message.ephemeral_to === undefined));

export const ephemeralsOf = (workspace: Workspace, user: Id): FakeMessage[] =>
  structuredClone(
    [...workspace.conversations.values()]
      .flatMap((each) => [...each.messages.values()])
      .filter((message) => message.ephemeral_to === user)
      .sort((a, b) => Number(a.ts) - Number(b.ts)),
  );
