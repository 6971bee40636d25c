import type { BlockSuggestion, Middleware, SlackOptionsMiddlewareArgs } from '@slack/bolt';
import { searchAccesses } from '../../app/policy-questions.ts';
import { LIMITS } from '../blocks.ts';
import type { SlackContext } from '../context.ts';
import { accessOption } from '../views/request-modal.ts';

/** The modal's search: only what this person may ask for, best match first, as many as a menu can hold. */
export function accessOptions(slack: SlackContext): Middleware<SlackOptionsMiddlewareArgs<'block_suggestion'>> {
  return async ({ ack, payload }) => {
    const { user, value } = payload as BlockSuggestion;
    const policies = slack.app.policies();
    const me = policies.directory.bySlack(user.id);
    const found = me && !me.disabled ? searchAccesses(policies, value, me.email) : [];
    await ack({ options: found.slice(0, LIMITS.options).map(accessOption) });
  };
}
