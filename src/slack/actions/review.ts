import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { ReviewVerdict } from '../../domain/emergency.ts';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { messengerError } from '../slack-error.ts';
import { reviewModal } from '../views/review-modal.ts';
import { clickOf } from './click.ts';

/** A verdict asks for a note first; the review is closed, and checked, when the note is sent. */
export function reviewClicked(
  slack: SlackContext,
  verdict: ReviewVerdict,
): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, body }) => {
    await ack();
    const { id, respond, channel } = clickOf(slack, body);
    await handle(slack, 'review', respond, async () => {
      try {
        await slack.people.views.open({ trigger_id: body.trigger_id, view: reviewModal(id, verdict, channel) });
        return undefined;
      } catch (error) {
        const { code } = messengerError('views.open', error);
        slack.onError('views.open', code);
        return { text: `Slack did not open the form (${code}). Please press the button again.` };
      }
    });
  };
}
