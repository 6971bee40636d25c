import { IncomingMessage } from 'node:http';

/** Largest request body, in bytes. Slack's own payloads stay far below. */
export const BODY_LIMIT = 1_048_576;

const REFUSAL = `${JSON.stringify({ error: 'too-large', message: `A request may hold at most ${BODY_LIMIT} bytes.` })}\n`;
const RESPONSE =
  'HTTP/1.1 413 Payload Too Large\r\nContent-Type: application/json; charset=utf-8\r\nConnection: close\r\n' +
  `Content-Length: ${Buffer.byteLength(REFUSAL)}\r\n\r\n${REFUSAL}`;

/**
 * A request whose body is counted as it arrives, before anybody reads it, so that whoever reads it (Bolt wants the raw
 * stream) reads it as usual. NB. One byte over the limit is answered with 413 and the connection is cut: a body sent in
 * chunks declares no length, and nobody may fill the memory with it.
 */
export class BoundedRequest extends IncomingMessage {
  #received = 0;

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (this.#received > BODY_LIMIT) return chunk === null && super.push(null);
    if (Buffer.isBuffer(chunk)) this.#received += chunk.length;
    if (this.#received <= BODY_LIMIT) return super.push(chunk, encoding);
    const cut = () => this.destroy(new Error(`The request's body is over ${BODY_LIMIT} bytes.`));
    if (this.socket.writable) this.socket.write(RESPONSE, cut);
    else cut();
    return false;
  }

  /** Whether the request says beforehand that its body is too large. */
  get declaredTooLarge(): boolean {
    return Number(this.headers['content-length'] ?? 0) > BODY_LIMIT;
  }
}
