import { SlackError } from '../errors.ts';
import { chat } from './chat.ts';
import type { Method } from './context.ts';
import { conversations } from './conversations.ts';
import { users } from './users.ts';
import { views } from './views.ts';

const apiTest: Method = (args) => {
  const error = args.text('error');
  if (error !== undefined) throw new SlackError(error, { args: { ...args.raw } });
  return { args: { ...args.raw } };
};

const authTest: Method = (_args, { workspace }) => ({
  url: `https://${workspace.team.domain}.slack.com/`,
  team: workspace.team.domain,
  user: workspace.bot.name,
  team_id: workspace.team.id,
  user_id: workspace.bot.userId,
  bot_id: workspace.bot.botId,
  is_enterprise_install: false,
});

/** Every Web API method that there is; others answer `unknown_method`. */
export const methods: Readonly<Record<string, Method>> = {
  'api.test': apiTest,
  'auth.test': authTest,
  ...chat,
  ...conversations,
  ...users,
  ...views,
};
