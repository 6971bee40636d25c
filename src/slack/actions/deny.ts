import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { messengerError } from '../slack-error.ts';
import { denyModal } from '../views/deny-modal.ts';
import { clickOf } from './click.ts';

/** Deny asks for a reason first; the vote is cast, and checked, when the reason is sent. */
export function denyClicked(slack: SlackContext): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, body }) => {
    await ack();
    const { id, respond, channel } = clickOf(slack, body);
    await handle(slack, 'deny', respond, async () => {
      try {
        await slack.people.views.open({ trigger_id: body.trigger_id, view: denyModal(id, channel) });
        return undefined;
      } catch (error) {
        const { code } = messengerError('views.open', error);
        slack.onError('views.open', code);
        return { text: `Slack did not open the form (${code}). Please press Deny again.` };
      }
    });
  };
}
