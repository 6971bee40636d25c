import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { refused } from '../answers.ts';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { clickOf } from './click.ts';

/** End now: the holder gives the access back early. */
export function endNowClicked(slack: SlackContext): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, body }) => {
    await ack();
    const { caller, id, respond } = clickOf(slack, body);
    await handle(slack, 'end now', respond, async () => {
      const answered = await slack.app.endGrant(caller, id);
      return answered.kind === 'refused' ? refused(answered.refusal) : undefined;
    });
  };
}
