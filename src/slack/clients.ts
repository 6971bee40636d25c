import { type Logger, LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import { send } from './send.ts';

export interface SlackClients {
  /** For people who wait: no retries, an answer or an error within 2.5 s (a trigger id lives 3 s). */
  people: WebClient;
  /** For the outbox, which retries and paces by itself; its rate limits must not hold up people. */
  outbox: WebClient;
}

interface Settings {
  token: string;
  apiUrl: string;
  logger: Logger;
}

/**
 * Two clients, because one 429 pauses the whole queue of a WebClient. Retries are off in both: `chat.postMessage` has no
 * idempotency key, and the SDK would post again after a lost reply.
 */
export function createClients({ token, apiUrl, logger }: Settings): SlackClients {
  // NB. a fresh object for each: the SDK writes into the options it is given. Never `headers`: it would put one
  // consumer's token into the calls of another.
  const options = (timeout: number): WebClientOptions => ({
    slackApiUrl: apiUrl,
    logger,
    logLevel: LogLevel.ERROR,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout,
    // The token goes to the configured Slack only, wherever a method name might point.
    allowAbsoluteUrls: false,
    fetch: send,
  });
  return { people: new WebClient(token, options(2_500)), outbox: new WebClient(token, options(10_000)) };
}
