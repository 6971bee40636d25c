import { SlackError } from '../errors.ts';
import type { FakeUser } from '../types.ts';
import { SLACKBOT, type Workspace } from '../workspace.ts';
import type { Method } from './context.ts';

const asSlack = (user: FakeUser, workspace: Workspace, showsEmails: boolean): Record<string, unknown> => ({
  id: user.id,
  team_id: user.team ?? workspace.team.id,
  name: user.name,
  deleted: user.deleted ?? false,
  real_name: user.realName,
  tz: user.tz ?? 'Etc/UTC',
  is_admin: false,
  is_owner: false,
  is_restricted: user.guest ?? false,
  is_ultra_restricted: false,
  is_bot: false,
  is_app_user: false,
  is_email_confirmed: user.emailConfirmed ?? true,
  ...(user.team === undefined ? {} : { is_stranger: true }),
  updated: 0,
  profile: {
    real_name: user.realName,
    display_name: user.name,
    real_name_normalized: user.realName,
    display_name_normalized: user.name,
    team: workspace.team.id,
    ...(showsEmails ? { email: user.email } : {}),
  },
});

const robot = (id: string, name: string, workspace: Workspace): Record<string, unknown> => ({
  ...asSlack({ id, name, realName: name, email: '' }, workspace, false),
  is_bot: id !== SLACKBOT,
});

const info: Method = (args, context) => {
  const { workspace, showsEmails } = context;
  const id = args.needed('user');
  if (id === workspace.bot.userId) return { user: robot(id, workspace.bot.name, workspace) };
  if (id === SLACKBOT) return { user: robot(id, 'slackbot', workspace) };
  const user = workspace.people.get(id);
  if (user === undefined) throw new SlackError('user_not_found');
  return { user: asSlack(user, workspace, showsEmails) };
};

const list: Method = (args, context) => {
  const { workspace, showsEmails } = context;
  const all = [
    robot(SLACKBOT, 'slackbot', workspace),
    robot(workspace.bot.userId, workspace.bot.name, workspace),
    ...[...workspace.people.values()].map((user) => asSlack(user, workspace, showsEmails)),
  ];
  const { page, next_cursor } = args.page(all, 1000, 1000);
  return { members: page, cache_ts: Math.floor(workspace.now() / 1000), response_metadata: { next_cursor } };
};

const lookupByEmail: Method = (args, { workspace }) => {
  const email = args.needed('email').toLowerCase();
  const found = [...workspace.people.values()].find(
    (user) => user.email.toLowerCase() === email && user.deleted !== true,
  );
  if (found === undefined) throw new SlackError('users_not_found');
  return { user: asSlack(found, workspace, true) };
};

const usergroupsList: Method = (args, { workspace }) => ({
  usergroups: workspace.usergroups.map((group) => ({
    id: group.id,
    team_id: workspace.team.id,
    is_usergroup: true,
    name: group.handle,
    handle: group.handle,
    description: '',
    date_delete: 0,
    user_count: group.users.length,
    ...(args.flag('include_users') === true ? { users: [...group.users] } : {}),
  })),
});

const usergroupsUsers: Method = (args, { workspace }) => {
  const group = workspace.usergroups.find((each) => each.id === args.needed('usergroup'));
  if (group === undefined) throw new SlackError('no_such_subteam');
  const active = group.users.filter((user) => workspace.people.get(user)?.deleted !== true);
  return { users: args.flag('include_disabled') === true ? [...group.users] : active };
};

export const users: Record<string, Method> = {
  'users.info': info,
  'users.list': list,
  'users.lookupByEmail': lookupByEmail,
  'usergroups.list': usergroupsList,
  'usergroups.users.list': usergroupsUsers,
};
