import type { Rendered } from './blocks.ts';
import { send } from './send.ts';

/** How an answer reaches the one person who clicked or typed. */
export type Respond = (answer: Rendered) => Promise<void>;

const DEADLINE_MS = 2_500;

/**
 * Answers by a response URL, visible to its person only. The URL comes in a signed payload, and is still called only
 * where Slack keeps such URLs (NB. server-side request forgery): hooks.slack.com, or the origin of SLACK_API_URL.
 *
 * @throws Error when the URL is elsewhere or Slack did not take the answer.
 */
export async function respondBy(responseUrl: string, apiUrl: string, { text, blocks }: Rendered): Promise<void> {
  const url = new URL(responseUrl);
  const slacks = url.protocol === 'https:' && url.hostname === 'hooks.slack.com';
  if (!slacks && url.origin !== new URL(apiUrl).origin) throw new Error('the response URL is not one of Slack’s');
  const reply = await send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text, ...(blocks ? { blocks } : {}) }),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (!reply.ok) throw new Error(`Slack answered the response URL with HTTP ${reply.status}`);
}
