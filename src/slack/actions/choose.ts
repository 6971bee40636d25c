import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { parseDuration } from '../../domain/duration.ts';
import type { SlackContext } from '../context.ts';
import { handle } from '../handle.ts';
import { messengerError } from '../slack-error.ts';
import { readMemo } from '../views/memo.ts';
import { requestModal } from '../views/request-modal.ts';
import { readRequestState } from '../views/request-state.ts';

/** Another access or duration was chosen in the modal: show its limits and who will be asked. */
export function modalChoice(slack: SlackContext): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, body }) => {
    await ack();
    const { view } = body;
    if (!view) return;
    // Nobody waits for an answer here: if Slack refuses, the form stays as it is and can still be sent.
    await handle(
      slack,
      'modal choice',
      async () => {},
      async () => {
        const { access, duration } = readRequestState(view.state.values);
        const parsed = duration === undefined ? undefined : parseDuration(duration);
        const next = requestModal(
          slack.app.policies(),
          { slack: body.user.id, now: slack.app.now() },
          { ...(access === undefined ? {} : { access }), ...(parsed?.ok ? { durationMs: parsed.ms } : {}) },
          { channel: readMemo(view.private_metadata).channel ?? '' },
        );
        try {
          await slack.people.views.update({ view_id: view.id, hash: view.hash, view: next });
        } catch (error) {
          // hash_conflict: the person chose again meanwhile, and that choice renders the form itself.
          slack.onError('views.update', messengerError('views.update', error).code);
        }
        return undefined;
      },
    );
  };
}
