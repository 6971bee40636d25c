import http from 'node:http';
import https from 'node:https';
import type { Milliseconds } from '../domain/instant.ts';

/** For the whole reply: asked, answered and read. */
const PATIENCE_MS: Milliseconds = 5_000;
/** Discovery documents and key sets have a few thousand bytes. */
const MOST_BYTES = 256 * 1024;

/**
 * Reads a JSON document of an OpenID provider. NB. a redirect is an error, for the address would be somebody else's choice; and
 * nothing is waited for or kept beyond a bound, for callers wait for it.
 * @throws Error whose message says what is wrong with it
 */
export const readJson = async (url: URL, patienceMs: Milliseconds = PATIENCE_MS): Promise<unknown> => {
  const deadline = AbortSignal.timeout(patienceMs);
  try {
    return JSON.parse(await readText(url, deadline));
  } catch (error) {
    if (deadline.aborted) throw new Error(`${url.href} did not answer within ${patienceMs / 1000} s`, { cause: error });
    if (error instanceof SyntaxError) throw new Error(`${url.href} answered with what is no JSON`, { cause: error });
    throw error;
  }
};

function readText(url: URL, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = url.protocol === 'https:' ? https : http;
    // A connection of its own: it is asked every few minutes at most.
    const request = client.get(url, { signal, agent: false, headers: { accept: 'application/json' } }, (response) => {
      const failed = (why: string) => {
        response.destroy();
        reject(new Error(`${url.href} ${why}`));
      };
      if (response.statusCode !== 200) return failed(`answered ${response.statusCode}, and not 200`);
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MOST_BYTES) failed(`answered with more than ${MOST_BYTES} bytes`);
      });
      response.on('error', reject);
      response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
    request.on('error', reject);
  });
}
