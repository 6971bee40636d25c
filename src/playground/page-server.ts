import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Done, Requests, State } from './browser/wire.ts';
import { BodyTooLarge, contentSecurityPolicy, readBody, refusal } from './guard.ts';
import type { pageActions } from './page-actions.ts';
import { pageFile } from './page-files.ts';
import { isPageRequest, pageRequests } from './page-requests.ts';
import { NotPossible } from './slack/errors.ts';

export interface PageServerOptions {
  /** What this person sees now. Throws `NotPossible` for somebody unknown. */
  state(viewer: string): State;
  version(): number;
  actions: ReturnType<typeof pageActions>;
  log(line: string): void;
}

/** Real milliseconds between two signs of life, so that a browser notices a lost connection. */
const heartbeat = 20_000;

/** Answers `/` and everything under `/playground/`, as plain Node HTTP. */
export class PageServer {
  private readonly options: PageServerOptions;
  private readonly listeners = new Set<ServerResponse>();
  private readonly pulse: NodeJS.Timeout;
  private announced = false;

  constructor(options: PageServerOptions) {
    this.options = options;
    this.pulse = setInterval(() => {
      for (const listener of this.listeners) listener.write(': here\n\n');
    }, heartbeat);
    this.pulse.unref();
  }

  /** Resolves with true if the request was the playground's, once it is answered (or listens for changes). */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? '/', 'http://playground.invalid');
    if (url.pathname !== '/' && !url.pathname.startsWith('/playground/')) return false;
    response.setHeader('content-security-policy', contentSecurityPolicy);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    response.setHeader('cache-control', 'no-store');
    const problem = refusal(request);
    if (problem !== undefined) {
      // What was not asked for is not read either.
      response.setHeader('connection', 'close');
      this.json(response, 403, { ok: false, problem });
      return true;
    }
    try {
      await this.route(request, response, url);
    } catch (error) {
      this.fail(response, error);
    }
    return true;
  }

  /** Tells every open page that something changed; many changes in one turn are one message. */
  changed(): void {
    if (this.announced) return;
    this.announced = true;
    setImmediate(() => {
      this.announced = false;
      for (const listener of this.listeners) this.tell(listener);
    });
  }

  /** Ends the connections of listening pages, which would otherwise keep the process's server open. */
  stop(): void {
    clearInterval(this.pulse);
    for (const listener of this.listeners) listener.end();
    this.listeners.clear();
  }

  private async route(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname === '/' ? 'index.html' : url.pathname.slice('/playground/'.length);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (isPageRequest(path)) {
      if (request.method !== 'POST') return this.notAllowed(response, 'POST');
      return this.act(path, await readBody(request), response);
    }
    if (!reads) return this.notAllowed(response, 'GET');
    if (path === 'state') return this.json(response, 200, this.options.state(url.searchParams.get('as') ?? ''));
    if (path === 'events') return this.listen(request, response);
    const file = await pageFile(path);
    if (!file) return this.json(response, 404, { ok: false, problem: `The playground has no ${url.pathname}.` });
    response.writeHead(200, { 'content-type': file.type, 'content-length': file.body.length });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  }

  private async act<K extends keyof Requests>(name: K, body: string, response: ServerResponse): Promise<void> {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      return this.json(response, 400, { ok: false, problem: 'The body is not JSON.' });
    }
    const checked = pageRequests[name].safeParse(parsed);
    if (!checked.success) {
      const problems = checked.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
      return this.json(response, 400, { ok: false, problem: problems.join('; ') });
    }
    this.json(response, 200, await this.options.actions[name](checked.data as Requests[K]));
  }

  private listen(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write('retry: 1000\n\n');
    this.tell(response);
    this.listeners.add(response);
    request.on('close', () => this.listeners.delete(response));
  }

  private tell(listener: ServerResponse): void {
    listener.write(`event: state\ndata: {"version":${this.options.version()}}\n\n`);
  }

  private fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy();
    } else if (error instanceof BodyTooLarge) {
      response.setHeader('connection', 'close');
      this.json(response, 413, { ok: false, problem: error.message });
    } else if (error instanceof NotPossible) {
      this.json(response, 409, { ok: false, problem: error.message });
    } else {
      this.options.log(`playground: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      this.json(response, 500, { ok: false, problem: 'The playground failed. Its log says why.' });
    }
  }

  private notAllowed(response: ServerResponse, allow: string): void {
    response.setHeader('allow', allow);
    this.json(response, 405, { ok: false, problem: `Only ${allow} is possible here.` });
  }

  private json(response: ServerResponse, status: number, body: State | Done): void {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  }
}
