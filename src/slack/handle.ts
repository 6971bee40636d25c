import { setImmediate } from 'node:timers/promises';
import { StoreUnavailable } from '../app/ports/store.ts';
import type { Rendered } from './blocks.ts';
import type { SlackContext } from './context.ts';
import type { Respond } from './respond.ts';

const NOTHING_CHANGED = 'Nothing was changed. Please try again in a minute.';

/**
 * Runs what comes after an ack: nothing thrown is lost or left unanswered, and stopping waits for it.
 * Callers have acked already, so the ack waits for no database, no target and no Slack.
 */
export function handle(
  slack: SlackContext,
  name: string,
  respond: Respond,
  work: () => Promise<Rendered | undefined>,
): Promise<void> {
  return slack.inFlight.track(async () => {
    let answer: Rendered | undefined;
    try {
      // What arrived together with it is acknowledged before any of the work begins.
      await setImmediate();
      answer = await work();
    } catch (error) {
      slack.log.error({ listener: name, err: error }, 'a Slack listener failed');
      answer = {
        text:
          error instanceof StoreUnavailable
            ? `I cannot use my database right now (${error.code}). ${NOTHING_CHANGED}`
            : `Something went wrong on my side. ${NOTHING_CHANGED}`,
      };
    }
    if (!answer) return;
    try {
      await respond(answer);
    } catch (error) {
      const why = error instanceof Error ? error.name : 'unknown';
      slack.onError('response_url', why);
      slack.log.warn({ listener: name, why }, 'an answer did not reach its person');
    }
  });
}
