import http from 'node:http';
import https from 'node:https';
import type { FetchFunction } from '@slack/web-api';

type Reply = Awaited<ReturnType<FetchFunction>>;

/** A reply may have this many bytes; a page of a thousand people has two millions. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Sends one request and reads its reply, in the form that Slack's SDK takes for `fetch`. It is Node's own client for HTTP:
 * `fetch` makes streams, signals and copies of headers for each call, all in the way of the next acknowledgement to Slack,
 * and each a little more garbage to collect (docs/decisions/0012).
 *
 * A redirect is not followed but is the reply (NB. it would carry the token to whoever it names).
 *
 * @throws Error when there is no reply, because nobody listens or the signal fired. What breaks off or is too large shows when it
 * is read.
 */
export const send: FetchFunction = (address, { method = 'GET', headers = {}, body, signal } = {}) =>
  new Promise((resolve, reject) => {
    if (body !== undefined && typeof body !== 'string') throw new TypeError('only text is sent');
    const url = new URL(address);
    const client = url.protocol === 'https:' ? https : http;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = client.request(url, { method, headers: { ...headers, ...length }, ...(signal && { signal }) });
    request.once('error', reject);
    request.once('response', (response) => {
      const bytes = read(response);
      // Not everybody reads what comes with an error.
      bytes.catch(() => {});
      resolve(replyOf(url, response, bytes));
    });
    request.end(body);
  });

function read(response: http.IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MOST_BYTES) response.destroy(new Error(`the reply has more than ${MOST_BYTES} bytes`));
    });
    response.once('error', reject);
    response.once('end', () => resolve(Buffer.concat(chunks)));
  });
}

function replyOf(url: URL, response: http.IncomingMessage, bytes: Promise<Buffer>): Reply {
  const { statusCode = 0, statusMessage = '', headers } = response;
  const text = async () => new TextDecoder().decode(await bytes);
  return {
    ok: statusCode >= 200 && statusCode < 300,
    status: statusCode,
    statusText: statusMessage,
    url: url.href,
    headers: {
      get: (name) => headers[name.toLowerCase()]?.toString() ?? null,
      entries: () => Object.entries(headers).map(([name, value]) => [name, String(value)]),
    },
    text,
    json: async () => JSON.parse(await text()),
    arrayBuffer: async () => new Uint8Array(await bytes).buffer,
  };
}
