import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { ReviewVerdict } from '../../domain/emergency.ts';
import { refused } from '../answers.ts';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { BLOCK, VIEW } from '../ids.ts';
import { answerIn } from './answer-in.ts';
import { readMemo } from './memo.ts';
import { submissionId } from './request-submitted.ts';
import { readWords, wordsInput } from './words-input.ts';

/** Asks the reviewer for a note. The person, the approvers and the audit log read it word for word. */
export const reviewModal = (requestId: string, verdict: ReviewVerdict, channel: string | undefined): ModalView => ({
  type: 'modal',
  callback_id: VIEW.review,
  title: { type: 'plain_text', text: verdict === 'fine' ? 'Reviewed: fine' : 'Not justified' },
  submit: { type: 'plain_text', text: 'Close the review' },
  close: { type: 'plain_text', text: 'Cancel' },
  private_metadata: JSON.stringify({ requestId, verdict, ...(channel === undefined ? {} : { channel }) }),
  blocks: [
    wordsInput('What did you find?', 'The person, the approvers and the audit log see it. It cannot be changed.'),
  ],
});

export function reviewSubmitted(slack: SlackContext): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return async ({ ack, body, view }) => {
    const { requestId = '', verdict: chosen, channel } = readMemo(view.private_metadata);
    const { words: note, mistake } = readWords(view.state.values, 'Write what you found');
    if (mistake !== undefined) {
      await ack({ response_action: 'errors', errors: { [BLOCK.reason]: mistake } });
      return;
    }
    await ack();
    // What came back otherwise was changed on its way: the stricter of the two.
    const verdict = chosen === 'fine' ? 'fine' : 'not-justified';
    const caller = { workspace: body.team?.id ?? '', slack: body.user.id, interaction: submissionId(body, view) };
    await handle(slack, 'review modal', answerIn(slack, channel, body.user.id), async () => {
      const answered = await slack.app.reviewEmergency(caller, { requestId, verdict, note });
      return answered.kind === 'refused' ? refused(answered.refusal) : undefined;
    });
  };
}
