import http from 'node:http';
import https from 'node:https';
import type { Rendered } from './blocks.ts';

/** How an answer reaches the one person who clicked or typed. */
export type Respond = (answer: Rendered) => Promise<void>;

const DEADLINE_MS = 2_500;

/** Connections are kept for the next answer: each new one to Slack costs a handshake, and the person waits for it. */
const AGENTS = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

/**
 * Answers by a response URL, visible to its person only. The URL comes in a signed payload, and is still called only
 * where Slack keeps such URLs (NB. server-side request forgery): hooks.slack.com, or the origin of SLACK_API_URL.
 * Redirects are not followed.
 *
 * Node's own client and not `fetch`, which costs several times as much, for every command, while others wait to be
 * acknowledged.
 *
 * @throws Error when the URL is elsewhere or Slack did not take the answer.
 */
export async function respondBy(
  responseUrl: string,
  apiUrl: string,
  { text, blocks }: Rendered,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const url = new URL(responseUrl);
  const slacks = url.protocol === 'https:' && url.hostname === 'hooks.slack.com';
  if (!slacks && url.origin !== new URL(apiUrl).origin) throw new Error('the response URL is not one of Slack’s');
  const body = JSON.stringify({
    response_type: 'ephemeral',
    replace_original: false,
    text,
    ...(blocks ? { blocks } : {}),
  });
  const status = await post(url, body, deadlineMs);
  if (status < 200 || status > 299) throw new Error(`Slack answered the response URL with HTTP ${status}`);
}

/** @returns the status of the answer, whose body is let go by. */
function post(url: URL, body: string, deadlineMs: number): Promise<number> {
  const plain = url.protocol === 'http:';
  const { request } = plain ? http : https;
  let late: NodeJS.Timeout | undefined;
  return new Promise<number>((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent: AGENTS[plain ? 'http:' : 'https:'],
        headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) },
      },
      (reply) => {
        reply.once('end', () => resolve(reply.statusCode ?? 0)).on('error', reject);
        reply.resume();
      },
    );
    // NB. to the end: an answer that stalls half way fails the request once more, and nobody would hear it.
    sent.on('error', reject);
    late = setTimeout(() => sent.destroy(new Error(`Slack took longer than ${deadlineMs} ms`)), deadlineMs);
    sent.end(body);
  }).finally(() => clearTimeout(late));
}
