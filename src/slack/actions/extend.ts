import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { askedAnswer } from '../commands/asked.ts';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { clickOf } from './click.ts';

/** Extend: the holder asks for a later end, for the reason of the request itself. */
export function extendClicked(slack: SlackContext): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, body }) => {
    await ack();
    const { caller, id, respond } = clickOf(slack, body);
    await handle(slack, 'extend', respond, async () =>
      askedAnswer(await slack.app.extendGrant(caller, { grantId: id })),
    );
  };
}
