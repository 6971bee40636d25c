import type { BlockAction } from '@slack/bolt';
import type { Caller } from '../../app/people.ts';
import type { SlackContext } from '../context.ts';
import type { Respond } from '../respond.ts';
import { respondBy } from '../respond.ts';
import { answerIn } from '../views/answer-in.ts';

/** The four facts of a click (invariant 10): who, which workspace, which action, which request. Nothing else is read. */
export interface Click {
  caller: Caller;
  /** The value of the pressed button: the id it is about. */
  id: string;
  respond: Respond;
  channel?: string;
}

export function clickOf(slack: SlackContext, body: BlockAction): Click {
  const action = body.actions[0];
  const channel = body.channel?.id;
  const { response_url: url } = body as { response_url?: string };
  return {
    caller: {
      workspace: body.team?.id ?? '',
      slack: body.user.id,
      interaction: body.trigger_id || `${action?.action_ts}:${body.user.id}`,
    },
    id: action?.type === 'button' ? (action.value ?? '') : '',
    respond: url ? (answer) => respondBy(url, slack.apiUrl, answer) : answerIn(slack, channel, body.user.id),
    ...(channel === undefined ? {} : { channel }),
  };
}
