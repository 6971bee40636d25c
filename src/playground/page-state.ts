import type { Conversation, DirectoryGroup, Message, Person, State, View } from './browser/wire.ts';
import { cast, lineOf, topicOf } from './cast.ts';
import type { ConversationView, FakeMessage, FakeView, WorkspaceView } from './slack/types.ts';

/** What one person sees, in the words of the page. Only what is copied here reaches the browser. */
export function pageState(
  workspace: WorkspaceView,
  version: number,
  groups: readonly { name: string; members: readonly string[] }[],
  pipelines: State['pipelines'],
): State {
  return {
    version,
    team: workspace.team.domain,
    viewer: workspace.viewer,
    now: workspace.now,
    people: workspace.users
      .filter((user) => !user.deleted)
      .map(
        (user): Person => ({
          id: user.id,
          name: user.realName || user.name,
          line: lineOf(user.id),
          bot: user.isBot,
        }),
      ),
    usergroups: Object.fromEntries(workspace.usergroups.map((group) => [group.id, group.handle])),
    conversations: workspace.conversations.map((each) => conversation(each, workspace)),
    views: workspace.views.map(view),
    directory: {
      groups: groups.map((group): DirectoryGroup => ({ name: group.name, members: [...group.members] })),
      people: cast.map(({ email, realName }) => ({ email, name: realName })),
    },
    pipelines,
  };
}

function conversation(from: ConversationView, workspace: WorkspaceView): Conversation {
  const shown = new Set(from.messages.map(({ ts }) => ts));
  // A reply that is "also sent to the channel" stands in both places.
  const broadcast = from.messages
    .flatMap(({ replies }) => replies)
    .filter((reply) => reply.reply_broadcast === true && !shown.has(reply.ts));
  const messages = [
    ...from.messages.map((each) => message(each, each.replies)),
    ...broadcast.map((each) => message(each, [])),
  ].sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0));
  const others = from.members.filter((member) => member !== workspace.viewer);
  const other = from.kind === 'dm' ? workspace.users.find(({ id }) => id === others[0]) : undefined;
  return {
    id: from.id,
    kind: from.kind,
    name: other?.realName ?? from.name,
    ...(other === undefined ? {} : { with: other.id }),
    topic: topicOf(from.id),
    messages,
  };
}

const message = (from: FakeMessage, replies: readonly FakeMessage[]): Message => ({
  ts: from.ts,
  user: from.user,
  text: from.text,
  blocks: from.blocks,
  ephemeral: from.ephemeral_to !== undefined,
  edited: from.edited !== undefined,
  replies: replies.map((reply) => message(reply, [])),
});

const view = (from: FakeView): View => ({
  id: from.id,
  hash: from.hash,
  title: from.title?.text ?? '',
  ...(from.submit === undefined ? {} : { submit: from.submit.text }),
  submitDisabled: from.submit_disabled,
  close: from.close?.text ?? 'Close',
  blocks: from.blocks,
  errors: from.errors,
  ...(from.notice === undefined ? {} : { notice: from.notice }),
});
