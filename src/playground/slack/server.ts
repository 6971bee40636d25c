import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SocketMode } from './socket-mode.ts';
import type { Fault } from './types.ts';
import type { Answer, WebApi } from './web-api.ts';

const BODY_MAX = 5_000_000;

class BadBody extends Error {
  override readonly name = 'BadBody';
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_MAX) throw new BadBody('request_too_large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
};

const parse = (contentType: string, body: string): Record<string, unknown> => {
  if (contentType.startsWith('application/json')) {
    const parsed: unknown = body === '' ? {} : JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new BadBody('json_not_object');
    return parsed as Record<string, unknown>;
  }
  if (contentType !== '' && !contentType.startsWith('application/x-www-form-urlencoded')) {
    throw new BadBody('invalid_post_type');
  }
  return Object.fromEntries(new URLSearchParams(body));
};

/** The HTTP side: `/api/<method>` and `/response/…` on a free port of this machine only. */
export class ApiServer {
  private readonly api: WebApi;
  private readonly sockets: SocketMode;
  private server: Server | undefined;
  private readonly delays = new Set<() => void>();

  constructor(api: WebApi, sockets: SocketMode) {
    this.api = api;
    this.sockets = sockets;
  }

  /** `http://127.0.0.1:<port>` */
  async start(port: number): Promise<string> {
    if (this.server !== undefined) throw new Error('The fake Slack is already running.');
    const server = createServer((request, response) => {
      this.handle(request, response).catch(() => request.socket.destroy());
    });
    server.on('upgrade', (request, socket) => {
      try {
        this.sockets.accept(request, socket);
      } catch {
        socket.destroy();
      }
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://slack');
    const isResponse = url.pathname.startsWith('/response/');
    const method = isResponse ? 'response_url' : url.pathname.replace(/^\/api\//, '');
    if (!isResponse && !url.pathname.startsWith('/api/'))
      return this.reply(response, { status: 404, body: { ok: false, error: 'not_found' } });
    if (this.api.faults.outage) {
      this.api.record({ method, args: {}, status: 0, ok: false, error: 'outage' });
      request.socket.destroy();
      return;
    }
    const contentType = request.headers['content-type'] ?? '';
    let args: Record<string, unknown>;
    try {
      args = { ...Object.fromEntries(url.searchParams), ...parse(contentType, await readBody(request)) };
    } catch (error) {
      const code = error instanceof BadBody ? error.message : 'invalid_json';
      this.api.record({ method, args: {}, status: 200, ok: false, error: code });
      return this.reply(response, { status: 200, body: { ok: false, error: code } });
    }
    const { token: inBody, ...rest } = isResponse ? { ...args, token: undefined } : args;
    const token =
      /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ??
      (typeof inBody === 'string' ? inBody : undefined);
    const run = (): Answer =>
      isResponse ? this.api.postToResponseUrl(url.pathname, rest) : this.api.call(method, token, rest);
    await this.answer(request, response, { method, args: rest, run });
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
    call: { method: string; args: Record<string, unknown>; run: () => Answer },
  ): Promise<void> {
    const { method, args } = call;
    const fault = this.api.faults.take(method);
    if (fault !== undefined && 'hang' in fault) {
      this.api.record({ method, args, status: 0, ok: false, error: 'hung' });
      return;
    }
    if (fault !== undefined && 'delayMs' in fault) await this.delay(fault.delayMs);
    const answer = planned(fault) ?? call.run();
    const lost = fault !== undefined && 'loseReply' in fault;
    const { ok, error } = answer.body as { ok?: boolean; error?: string };
    this.api.record({
      method,
      args,
      status: lost ? 0 : answer.status,
      ok: ok === true,
      ...(error === undefined ? {} : { error }),
      ...(answer.warnings === undefined ? {} : { warnings: answer.warnings }),
    });
    if (lost) request.socket.destroy();
    else this.reply(response, answer);
  }

  private delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.delays.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.delays.add(end);
    });
  }

  private reply(response: ServerResponse, answer: Answer): void {
    response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
    response.end(JSON.stringify(answer.body));
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    for (const end of [...this.delays]) end();
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
}

const planned = (fault: Fault | undefined): Answer | undefined => {
  if (fault === undefined) return undefined;
  if ('error' in fault) return { status: 200, body: { ok: false, error: fault.error } };
  if ('status' in fault) {
    const retryAfter = 'retryAfter' in fault ? { 'retry-after': String(fault.retryAfter) } : {};
    const error = fault.status === 429 ? 'ratelimited' : 'internal_error';
    return { status: fault.status, headers: retryAfter, body: { ok: false, error } };
  }
  return undefined;
};
