import type { IncomingMessage } from 'node:http';

/**
 * The playground lets anybody who reaches it act as anybody, so nobody but the person at this machine may reach it, and
 * no other page in their browser may use it for them. Each rule names the threat it stops.
 */

/** Nothing inline, nothing from elsewhere, in no frame: a text that slipped through could still not run. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The largest body that the page sends is a view's values; 64 KiB hold several of the longest. */
const maximumBody = 64 * 1024;

/** Why the request is refused, as a sentence; undefined if it may pass. */
export function refusal(request: IncomingMessage): string | undefined {
  const host = request.headers.host ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const local = (request.socket.localAddress ?? '').replace(/^::ffff:/, '');
  // NB. DNS rebinding: a page of evil.example, whose name now points to 127.0.0.1, is of "the same origin" to a browser
  // and could read and click everything. Its Host header still says evil.example.
  if (!['localhost', '127.0.0.1', '[::1]', local, `[${local}]`].includes(name)) {
    return `The playground answers to localhost and its own address only, not to "${name}".`;
  }
  if (request.method !== 'POST') return undefined;
  // NB. CSRF: a form or script of another page can send a POST here without reading the answer. Browsers name the page's
  // origin, and no form can send this content type.
  if (request.headers.origin !== `http://${host}`) {
    return 'The playground takes changes from its own page only: the Origin header must name it.';
  }
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return 'The playground takes JSON only: send Content-Type: application/json.';
  return undefined;
}

/** The body as text. Throws `BodyTooLarge` as soon as it is; the rest is not read. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBody) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export class BodyTooLarge extends Error {
  constructor() {
    super(`The body is larger than ${maximumBody} bytes.`);
  }
}
