import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { refused } from '../answers.ts';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { BLOCK, VIEW } from '../ids.ts';
import { answerIn } from './answer-in.ts';
import { readMemo } from './memo.ts';
import { submissionId } from './request-submitted.ts';
import { readWords, wordsInput } from './words-input.ts';

/** Asks the approver why not. Whoever asked reads it word for word. */
export const denyModal = (requestId: string, channel: string | undefined): ModalView => ({
  type: 'modal',
  callback_id: VIEW.deny,
  title: { type: 'plain_text', text: 'Deny this request' },
  submit: { type: 'plain_text', text: 'Deny' },
  close: { type: 'plain_text', text: 'Cancel' },
  private_metadata: JSON.stringify({ requestId, ...(channel === undefined ? {} : { channel }) }),
  blocks: [wordsInput('Why not?', 'Whoever asked and the audit log see it.')],
});

export function denySubmitted(slack: SlackContext): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return async ({ ack, body, view }) => {
    const { requestId = '', channel } = readMemo(view.private_metadata);
    const { words: reason, mistake } = readWords(view.state.values, 'Write why not');
    if (mistake !== undefined) {
      await ack({ response_action: 'errors', errors: { [BLOCK.reason]: mistake } });
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
