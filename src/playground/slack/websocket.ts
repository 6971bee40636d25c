import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The GUID that every WebSocket handshake hashes (RFC 6455, section 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const PAYLOAD_MAX = 5_000_000;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

const frame = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload;
  const first = 0x80 | opcode;
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = first;
  if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
};

interface Frame {
  final: boolean;
  opcode: number;
  payload: Buffer;
  size: number;
}

/** The first whole frame in `data`, unmasked, or undefined when more bytes are needed. Throws on what no client sends. */
const readFrame = (data: Buffer): Frame | undefined => {
  const [first, second] = [data[0], data[1]];
  if (first === undefined || second === undefined) return undefined;
  let length = second & 0x7f;
  let at = 2;
  if (length === 126) {
    if (data.length < 4) return undefined;
    length = data.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (data.length < 10) return undefined;
    length = Number(data.readBigUInt64BE(2));
    at = 10;
  }
  if ((second & 0x80) === 0) throw new Error('a client must mask its frames');
  if (length > PAYLOAD_MAX) throw new Error('frame too large');
  if (data.length < at + 4 + length) return undefined;
  const mask = data.subarray(at, at + 4);
  const payload = Buffer.from(data.subarray(at + 4, at + 4 + length));
  for (let index = 0; index < payload.length; index += 1) {
    payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  }
  return { final: (first & 0x80) !== 0, opcode: first & 0x0f, payload, size: at + 4 + length };
};

/** The server's end of one WebSocket: text messages, pings, closing. No extensions. */
export class ServerWebSocket {
  private readonly socket: Duplex;
  private readonly onText: (text: string) => void;
  private data = Buffer.alloc(0);
  private parts: Buffer[] = [];

  /** Answers the handshake. Throws when the request is none. */
  constructor(
    request: IncomingMessage,
    socket: Duplex,
    handlers: { onText: (text: string) => void; onClose: () => void },
  ) {
    const key = request.headers['sec-websocket-key'];
    if (key === undefined) throw new Error('not a WebSocket handshake');
    this.socket = socket;
    this.onText = handlers.onText;
    const accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64');
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', handlers.onClose);
  }

  private read(chunk: Buffer): void {
    this.data = Buffer.concat([this.data, chunk]);
    try {
      for (let next = readFrame(this.data); next !== undefined; next = readFrame(this.data)) {
        this.data = this.data.subarray(next.size);
        this.handle(next);
      }
    } catch {
      this.socket.destroy();
    }
  }

  private handle({ final, opcode, payload }: Frame): void {
    if (opcode === PING) this.write(PONG, payload);
    else if (opcode === CLOSE) this.goodbye();
    else if (opcode !== PONG) {
      this.parts.push(payload);
      if (!final) return;
      const text = Buffer.concat(this.parts).toString();
      this.parts = [];
      this.onText(text);
    }
  }

  private write(opcode: number, payload: Buffer): void {
    if (!this.socket.destroyed && this.socket.writable) this.socket.write(frame(opcode, payload));
  }

  send(text: string): void {
    this.write(TEXT, Buffer.from(text));
  }

  ping(): void {
    this.write(PING, Buffer.from('ping'));
  }

  /** Says goodbye; resolves when the connection is closed, which is cut after `limit` real milliseconds. */
  close(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.socket.destroy(), limit);
      this.socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.goodbye();
    });
  }

  private goodbye(): void {
    this.write(CLOSE, Buffer.from([0x03, 0xe8]));
    this.socket.end();
  }
}
