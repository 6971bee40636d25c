import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { evaluate, type Refused } from '../../app/policy-questions.ts';
import { parseDuration } from '../../domain/duration.ts';
import type { RefusalCode } from '../../domain/refusal.ts';
import { askedAnswer } from '../commands/asked.ts';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { BLOCK } from '../ids.ts';
import { answerIn } from './answer-in.ts';
import { fieldBlock } from './field-inputs.ts';
import { readMemo } from './memo.ts';
import { readRequestState } from './request-state.ts';

/** The request modal was sent. What the policies refuse is said in the modal, beside the input that has to change. */
export function requestSubmitted(slack: SlackContext): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return async ({ ack, body, view }) => {
    const { access = '', duration, reason, fields, durationBlock } = readRequestState(view.state.values);
    const parsed = duration === undefined ? undefined : parseDuration(duration);
    const durationMs = parsed?.ok ? parsed.ms : undefined;
    // In memory only: the ack waits for no database. The use case evaluates again, and its answer is the one that counts.
    const decision = evaluate(slack.app.policies(), {
      slack: body.user.id,
      access,
      reason,
      fields,
      now: slack.app.now(),
      ...(durationMs === undefined ? {} : { durationMs }),
    });
    if (!decision.ok) {
      await ack({ response_action: 'errors', errors: errorsOf(decision, { access, durationBlock }) });
      // Refused all the same in the record: every refusal is an event.
    } else {
      await ack();
    }
    const caller = { workspace: body.team?.id ?? '', slack: body.user.id, interaction: submissionId(body, view) };
    const respond = decision.ok
      ? answerIn(slack, readMemo(view.private_metadata).channel, body.user.id)
      : async () => {};
    await handle(slack, 'request modal', respond, async () =>
      askedAnswer(
        await slack.app.requestAccess(caller, {
          access,
          reason,
          fields,
          ...(duration === undefined ? {} : { duration }),
        }),
      ),
    );
  };
}

/** Names one submission of one modal: the trigger where Slack sends one, else the view as it was when it was sent. */
export const submissionId = (body: ViewSubmitAction, view: { id: string; hash: string }): string =>
  body.trigger_id || `${view.id}:${view.hash}`;

/** Everything that is wrong, each beside the input that has to change. */
function errorsOf(
  { refusal, field, others = [] }: Refused,
  { access, durationBlock }: { access: string; durationBlock: string | undefined },
): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const wrong of [{ ...refusal, field }, ...others]) {
    const block = wrong.field === undefined ? blockFor(wrong.code, durationBlock) : fieldBlock(access, wrong.field);
    // Drawn as plain text, where the marks of code would stand as they are.
    const sentence = wrong.sentence.replaceAll('`', '');
    errors[block] = block in errors ? `${errors[block]} ${sentence}` : sentence;
  }
  return errors;
}

function blockFor(code: RefusalCode, durationBlock: string | undefined): string {
  if ((code === 'too-long' || code === 'invalid-duration') && durationBlock !== undefined) return durationBlock;
  return code === 'invalid-field' ? BLOCK.reason : BLOCK.access;
}
