import type { Log } from './app/ports/log.ts';
import { MessengerError } from './app/ports/messenger.ts';
import type { SlackApp } from './slack/slack-app.ts';

const TRY_AGAIN_MS = 5_000;
/** Answers that no waiting changes: somebody has to look at the token. */
const TOKEN_REFUSED = new Set(['invalid-auth', 'not-authed', 'account-inactive', 'token-revoked', 'token-expired']);

/** Slack refuses the token: starting makes no sense. */
export class SlackTokenRefused extends Error {
  override readonly name = 'SlackTokenRefused';
}

/**
 * Learns which workspace is served, and tells `found` once. An unreachable Slack does not keep anything from starting:
 * what is due must end on time, so it is asked again in the background until it answers.
 * @throws SlackTokenRefused
 */
export async function connectSlack(
  slack: SlackApp,
  log: Log,
  found: (workspace: string) => Promise<void>,
): Promise<{ stop(): void }> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const identify = async (): Promise<void> => {
    try {
      const { id } = await slack.identify();
      log.info({ workspace: id }, 'serving this Slack workspace');
      await found(id);
    } catch (error) {
      if (!(error instanceof MessengerError)) throw error;
      if (TOKEN_REFUSED.has(error.code)) throw new SlackTokenRefused(error.message);
      log.warn({ code: error.code }, `Slack does not answer yet: ${error.message}; trying again`);
      if (!stopped) timer = setTimeout(tryAgain, TRY_AGAIN_MS);
    }
  };
  const tryAgain = () => {
    identify().catch((error: unknown) => {
      log.error({ err: error }, 'Slack refuses us');
      if (!stopped) timer = setTimeout(tryAgain, TRY_AGAIN_MS);
    });
  };
  await identify();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
