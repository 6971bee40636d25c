import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { refused } from '../answers.ts';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { BLOCK, INPUT, VIEW } from '../ids.ts';
import { answerIn } from './answer-in.ts';
import { readMemo } from './memo.ts';
import { submissionId } from './request-submitted.ts';

const REASON_LIMIT = 500;
/** As in a requester's reason: control characters but newline and tab, and halves of surrogate pairs. */
const UNWRITABLE = /[^\P{Cc}\n\t]|\p{Cs}/u;

/** Asks the approver why not. The requester reads it word for word. */
export const denyModal = (requestId: string, channel: string | undefined): ModalView => ({
  type: 'modal',
  callback_id: VIEW.deny,
  title: { type: 'plain_text', text: 'Deny this request' },
  submit: { type: 'plain_text', text: 'Deny' },
  close: { type: 'plain_text', text: 'Cancel' },
  private_metadata: JSON.stringify({ requestId, ...(channel === undefined ? {} : { channel }) }),
  blocks: [
    {
      type: 'input',
      block_id: BLOCK.reason,
      label: { type: 'plain_text', text: 'Why not?' },
      hint: { type: 'plain_text', text: 'The requester and the audit log see it.' },
      element: {
        type: 'plain_text_input',
        action_id: INPUT.reason,
        multiline: true,
        min_length: 1,
        max_length: REASON_LIMIT,
      },
    },
  ],
});

export function denySubmitted(slack: SlackContext): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return async ({ ack, body, view }) => {
    const { requestId = '', channel } = readMemo(view.private_metadata);
    const reason = (view.state.values[BLOCK.reason]?.[INPUT.reason]?.value ?? '').trim();
    if (reason === '' || [...reason].length > REASON_LIMIT) {
      await ack({
        response_action: 'errors',
        errors: { [BLOCK.reason]: `Write why not, in at most ${REASON_LIMIT} characters.` },
      });
      return;
    }
    if (UNWRITABLE.test(reason)) {
      await ack({
        response_action: 'errors',
        errors: { [BLOCK.reason]: 'It holds control characters: write it as plain text.' },
      });
      return;
    }
    await ack();
    const caller = { workspace: body.team?.id ?? '', slack: body.user.id, interaction: submissionId(body, view) };
    await handle(slack, 'deny modal', answerIn(slack, channel, body.user.id), async () => {
      const answered = await slack.app.vote(caller, { requestId, verdict: 'deny', reason });
      return answered.kind === 'refused' ? refused(answered.refusal) : undefined;
    });
  };
}
