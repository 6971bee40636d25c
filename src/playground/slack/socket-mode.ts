import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Delivery, DeliveryKind, SentPayload } from './types.ts';
import { ServerWebSocket } from './websocket.ts';

/** Where a `SentPayload` goes that has no HTTP address. */
export const SOCKET_URL = 'socket-mode:';

/** Real milliseconds; the SDK gives a connection up after 30 s without a ping. */
const PING_EVERY = 10_000;

/** Real milliseconds that a client has to answer a closing handshake. */
const CLOSING_TIME = 500;

type Answer = Pick<Delivery, 'status' | 'body' | 'timedOut' | 'error'>;

const ENVELOPE_TYPES: Partial<Record<DeliveryKind, string>> = { slash_command: 'slash_commands', event: 'events_api' };

/** Socket Mode: apps connect with a ticket of `apps.connections.open` and get each payload on any one connection. */
export class SocketMode {
  private readonly tickets = new Set<string>();
  private readonly connections: ServerWebSocket[] = [];
  private readonly waiting = new Map<string, (answer: Answer) => void>();
  private readonly changed: () => void;
  private readonly appId: string;
  private pings: NodeJS.Timeout | undefined;

  constructor(appId: string, changed: () => void) {
    this.appId = appId;
    this.changed = changed;
  }

  get connected(): number {
    return this.connections.length;
  }

  /** A one-time WebSocket address. */
  open(base: string): string {
    const ticket = randomUUID();
    this.tickets.add(ticket);
    return `${base}?ticket=${ticket}`;
  }

  accept(request: IncomingMessage, socket: Duplex): void {
    const ticket = new URL(request.url ?? '/', 'http://slack').searchParams.get('ticket') ?? '';
    // NB. A ticket is good for one connection: who copies the address later gets nothing.
    if (!this.tickets.delete(ticket)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    const connection: ServerWebSocket = new ServerWebSocket(request, socket, {
      onText: (text) => this.acknowledged(text),
      onClose: () => {
        const index = this.connections.indexOf(connection);
        if (index >= 0) this.connections.splice(index, 1);
        this.changed();
      },
    });
    this.connections.push(connection);
    this.pings ??= setInterval(() => {
      for (const each of this.connections) each.ping();
    }, PING_EVERY).unref();
    connection.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.connections.length,
        connection_info: { app_id: this.appId },
      }),
    );
    this.changed();
  }

  private acknowledged(text: string): void {
    const { envelope_id, payload } = JSON.parse(text) as { envelope_id?: string; payload?: unknown };
    if (envelope_id === undefined) return;
    const body = payload === undefined ? '' : typeof payload === 'string' ? payload : JSON.stringify(payload);
    // An empty object is how the SDK acknowledges without saying anything.
    this.waiting.get(envelope_id)?.({ status: 200, body: body === '{}' ? '' : body, timedOut: false });
  }

  /** Resolves when the app acknowledged the envelope, or with `timedOut` after `limit` real milliseconds. */
  send(payload: SentPayload, limit: number): Promise<Answer> {
    const connection = this.connections.shift();
    if (connection === undefined) {
      return Promise.resolve({ status: 0, body: '', timedOut: false, error: 'no Socket Mode connection' });
    }
    this.connections.push(connection);
    const envelope_id = randomUUID();
    return new Promise((resolve) => {
      const finish = (answer: Answer): void => {
        clearTimeout(timer);
        this.waiting.delete(envelope_id);
        resolve(answer);
      };
      const error = `the app did not answer within ${limit} ms`;
      const timer = setTimeout(() => finish({ status: 0, body: '', timedOut: true, error }), limit);
      this.waiting.set(envelope_id, finish);
      const type = ENVELOPE_TYPES[payload.kind] ?? 'interactive';
      const accepts_response_payload = type !== 'events_api';
      connection.send(
        JSON.stringify({ envelope_id, type, payload: JSON.parse(payload.body), accepts_response_payload }),
      );
    });
  }

  /** Asks every connection to go and come again, as Slack does when it restarts a server. */
  refresh(): void {
    for (const each of [...this.connections]) {
      each.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} }));
    }
  }

  /** Closes every connection as the protocol wants it, and cuts those that do not answer. */
  async stop(): Promise<void> {
    clearInterval(this.pings);
    this.pings = undefined;
    for (const finish of [...this.waiting.values()]) {
      finish({ status: 0, body: '', timedOut: false, error: 'the fake Slack was stopped' });
    }
    await Promise.all([...this.connections].map((each) => each.close(CLOSING_TIME)));
  }
}
