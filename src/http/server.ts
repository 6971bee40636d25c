import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { answer, answerJson, SECURITY_HEADERS } from './answers.ts';
import { isApi } from './api/api.ts';
import { answerProblem } from './api/problem.ts';
import { BODY_LIMIT, BoundedRequest } from './bounded-request.ts';
import { notLocal } from './local-only.ts';
import { startError } from './start-error.ts';

/** Whether work can be done now, check by check. `detail` is shown to whoever asks: no secrets, no reasons. */
export interface Readiness {
  ready: boolean;
  checks: Readonly<Record<string, { ok: boolean; detail?: string }>>;
}

export interface HttpServerOptions {
  logger: Logger;
  registry: Registry;
  readiness(): Promise<Readiness>;
  /** Bolt's listener for `POST /slack/events`. Absent in Socket Mode. */
  slack?: RequestListener;
  /** The API for callers of actions: whatever begins with `/api`. */
  api?(req: IncomingMessage, res: ServerResponse, path: string): Promise<void>;
  /**
   * Everything else, from this machine only: the playground. True: it has answered or will. Absent: answered with 404.
   */
  fallback?(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** How long `/readyz` waits for the checks, in milliseconds; 5,000 when absent. */
  readinessTimeoutMs?: number;
}

export interface HttpServer {
  /**
   * Listens; port 0 lets the system choose. Throws `HttpStartError`, whose message says what to do, when the address
   * cannot be had.
   */
  start(port: number, host: string): Promise<{ port: number; host: string }>;
  /**
   * Accepts nothing more, closes idle connections and streams at once, waits up to `graceMs` for requests in hand, then
   * cuts them off. Resolves to how many were cut off. Safe to call at any time, more than once.
   */
  stop(options: { graceMs: number }): Promise<number>;
  /** Requests begun and not yet answered; event streams are not counted, they have no end of their own. */
  inFlight(): number;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;

/** One server for everything that speaks HTTP to Latchkey. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { logger, registry, slack, api, fallback } = options;
  const open = new Set<ServerResponse>();
  const isStream = (res: ServerResponse) => String(res.getHeader('content-type')).startsWith('text/event-stream');
  const inHand = () => [...open].filter((res) => !isStream(res));
  let stopping: Promise<number> | undefined;

  const routes: Record<string, Partial<Record<string, Handler>>> = {
    '/healthz': { GET: (_, res) => answer(res, 200, 'text/plain; charset=utf-8', 'ok\n') },
    '/readyz': { GET: (_, res) => readyz(options, res) },
    '/metrics': { GET: async (_, res) => answer(res, 200, registry.contentType, await registry.metrics()) },
    ...(slack && { '/slack/events': { POST: slack } }),
  };

  async function handle(req: BoundedRequest, res: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) res.setHeader(name, value);
    const path = pathOf(req);
    const refuse = (status: number, error: string, message: string) =>
      api && isApi(path)
        ? answerProblem(res, { status, code: error, detail: message })
        : answerJson(res, status, { error, message });
    if (req.declaredTooLarge) {
      // Unread, so the connection cannot be used again.
      res.setHeader('Connection', 'close');
      return refuse(413, 'too-large', `A request may hold at most ${BODY_LIMIT} bytes.`);
    }
    // NB. the playground is for this machine: a page elsewhere must not read even its metrics through a rebound name.
    const refusal = fallback ? notLocal(req) : undefined;
    if (refusal !== undefined) return refuse(403, 'not-local', refusal);
    if (api && isApi(path)) return api(req, res, path);
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route) {
      const method = req.method === 'HEAD' ? 'GET' : (req.method ?? '');
      const handler = Object.hasOwn(route, method) ? route[method] : undefined;
      if (handler) return void (await handler(req, res));
      const allowed = Object.keys(route).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
      res.setHeader('Allow', allowed.join(', '));
      return answerJson(res, 405, { error: 'wrong-method', message: `${path} answers ${allowed.join(' and ')} only.` });
    }
    if (fallback && (await fallback(req, res))) return;
    answerJson(res, 404, { error: 'not-found', message: nothingHere(path, slack !== undefined) });
  }

  const server = createServer(
    {
      IncomingMessage: BoundedRequest,
      // NB. A peer that dribbles its request holds a connection no longer than this.
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      // Longer than the idle time of common load balancers (60 s), so that they close first and lose no request.
      keepAliveTimeout: 65_000,
    },
    (req, res) => {
      open.add(res);
      res.once('close', () => {
        open.delete(res);
        if (stopping) server.closeIdleConnections();
      });
      if (stopping) res.setHeader('Connection', 'close');
      handle(req, res).catch((error: unknown) => failed(req, res, error));
    },
  );

  function failed(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    logger.error({ err: error, method: req.method, path: pathOf(req) }, 'a request failed');
    if (res.headersSent) res.destroy();
    else answerJson(res, 500, { error: 'internal', message: 'Something went wrong here; the log says what.' });
  }

  async function stop(graceMs: number): Promise<number> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const res of open) {
      if (isStream(res)) res.destroy();
      else if (!res.headersSent) res.setHeader('Connection', 'close');
    }
    server.closeIdleConnections();
    let cut = 0;
    const deadline = setTimeout(() => {
      cut = inHand().length;
      if (cut > 0) logger.warn({ requests: cut, graceMs }, 'requests were cut off at the end of the grace period');
      server.closeAllConnections();
    }, graceMs);
    await closed;
    clearTimeout(deadline);
    return cut;
  }

  return {
    start: (port, host) =>
      new Promise((resolve, reject) => {
        const refused = (error: NodeJS.ErrnoException) => reject(startError(error, port, host));
        server.once('error', refused);
        server.listen({ port, host }, () => {
          server.off('error', refused);
          server.on('error', (err) => logger.error({ err }, 'the HTTP server failed'));
          resolve({ port: (server.address() as AddressInfo).port, host });
        });
      }),
    stop: ({ graceMs }) => {
      stopping ??= server.listening ? stop(graceMs) : Promise.resolve(0);
      return stopping;
    },
    inFlight: () => inHand().length,
  };
}

/** The path without the query, which may hold anything. */
const pathOf = (req: IncomingMessage): string => (req.url ?? '/').replace(/[?#].*$/s, '');

function nothingHere(path: string, overHttp: boolean): string {
  if (path === '/slack/events')
    return 'Slack does not post here: Latchkey is connected through Socket Mode, or has no Slack credentials.';
  return `There is nothing at this address. Latchkey answers /healthz, /readyz, /metrics, ${overHttp ? 'POST /slack/events ' : ''}and /api/v1.`;
}

async function readyz({ readiness, logger, readinessTimeoutMs = 5_000 }: HttpServerOptions, res: ServerResponse) {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Readiness>((resolve) => {
    const detail = `no answer within ${readinessTimeoutMs} ms`;
    timer = setTimeout(
      () => resolve({ ready: false, checks: { readiness: { ok: false, detail } } }),
      readinessTimeoutMs,
    );
  });
  const checked = Promise.resolve()
    .then(readiness)
    .catch((err: unknown): Readiness => {
      logger.error({ err }, 'readiness could not be checked');
      return { ready: false, checks: { readiness: { ok: false, detail: 'could not be checked; the log says why' } } };
    });
  const result = await Promise.race([checked, tooLate]);
  clearTimeout(timer);
  answerJson(res, result.ready ? 200 : 503, result);
}
