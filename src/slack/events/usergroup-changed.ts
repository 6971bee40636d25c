import type { Middleware, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { SlackContext } from '../context.ts';

/**
 * The members of a user group changed. NB. only that it changed is taken from the event: it may be late, twice, or out of
 * order, and what it adds up to could leave somebody in who was taken out. The members are asked for anew.
 */
export function usergroupChanged(slack: SlackContext): Middleware<SlackEventMiddlewareArgs<'subteam_members_changed'>> {
  return async ({ event }) => {
    const { subteam_id: id } = event as { subteam_id?: unknown };
    if (typeof id === 'string') slack.onUsergroupChanged(id);
  };
}
