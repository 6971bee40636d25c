import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { refused } from '../answers.ts';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { clickOf } from './click.ts';

/** Approve. The message changes by itself when the vote counts; one that may not count is answered to its clicker. */
export function approveClicked(slack: SlackContext): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, body }) => {
    await ack();
    const { caller, id, respond } = clickOf(slack, body);
    await handle(slack, 'approve', respond, async () => {
      const answered = await slack.app.vote(caller, { requestId: id, verdict: 'approve' });
      return answered.kind === 'refused' ? refused(answered.refusal) : undefined;
    });
  };
}
