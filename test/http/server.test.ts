import { EventEmitter, once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { App, HTTPReceiver } from '@slack/bolt';
import { Registry } from 'prom-client';
import { BODY_LIMIT } from '../../src/http/bounded-request.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions, type Readiness } from '../../src/http/server.ts';
import { HttpStartError } from '../../src/http/start-error.ts';
import { createLogger } from '../../src/logger.ts';

const started: HttpServer[] = [];
const agents: Agent[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(started.splice(0).map((server) => server.stop({ graceMs: 0 })));
});

const ready: Readiness = { ready: true, checks: { database: { ok: true } } };
let lines: string[] = [];

async function serve(options: Partial<HttpServerOptions> = {}) {
  lines = [];
  const logger = createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const server = createHttpServer({ logger, registry: new Registry(), readiness: async () => ready, ...options });
  started.push(server);
  const { port } = await server.start(0, '127.0.0.1');
  return { server, port };
}

interface Got {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}
/** Ends when the response has been read to its end; rejects when the connection breaks first. */
async function get(port: number, path: string, options: object = {}, body?: string | Buffer): Promise<Got> {
  const req = httpRequest({ port, host: '127.0.0.1', path, agent: false, ...options });
  // Before the response, `once` rejects with it; after it, the server may have cut off what was still being sent.
  req.on('error', () => {});
  req.end(body);
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  res.setEncoding('utf8');
  let text = '';
  for await (const part of res) text += part;
  return { status: res.statusCode ?? 0, headers: res.headers, text };
}

/** A handler that holds its request until told. */
function held() {
  const requests = new EventEmitter<{ request: [ServerResponse] }>();
  const arrived = once(requests, 'request').then(([res]) => res as ServerResponse);
  return { arrived, slack: (_: IncomingMessage, res: ServerResponse) => void requests.emit('request', res) };
}

describe('the addresses', () => {
  it('/healthz says that the process lives', async () => {
    const { port } = await serve();
    expect(await get(port, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await get(port, '/healthz?x=1')).toMatchObject({ status: 200 });
    expect(await get(port, '/healthz', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  it('/readyz says which checks hold', async () => {
    let now = ready;
    const { port } = await serve({ readiness: async () => now });
    expect(await get(port, '/readyz')).toMatchObject({ status: 200, text: `${JSON.stringify(ready)}\n` });
    now = { ready: false, checks: { database: { ok: false, detail: 'locked' } } };
    const not = await get(port, '/readyz');
    expect(not.status).toBe(503);
    expect(JSON.parse(not.text)).toEqual(now);
  });

  it('/readyz is not ready when the checks fail or do not answer', async () => {
    const failing = await serve({ readiness: () => Promise.reject(new Error('boom')) });
    expect(await get(failing.port, '/readyz')).toMatchObject({
      status: 503,
      text: expect.stringContaining('could not be checked'),
    });
    expect(lines.join()).toContain('boom');
    const silent = await serve({ readiness: () => new Promise(() => {}), readinessTimeoutMs: 5 });
    expect(await get(silent.port, '/readyz')).toMatchObject({
      status: 503,
      text: expect.stringContaining('no answer within 5 ms'),
    });
  });

  it('/metrics is the registry', async () => {
    const registry = new Registry();
    const { port } = await serve({ registry });
    expect(await get(port, '/metrics')).toMatchObject({
      status: 200,
      headers: { 'content-type': registry.contentType },
    });
  });

  it('others are 404 with a sentence', async () => {
    const { port } = await serve();
    for (const path of ['/', '/nowhere', '/toString', '/__proto__', '//healthz', '/healthz/']) {
      const { status, text } = await get(port, path);
      expect([path, status, JSON.parse(text)]).toEqual([
        path,
        404,
        { error: 'not-found', message: expect.stringContaining('/readyz') },
      ]);
    }
    expect(JSON.parse((await get(port, '/slack/events', { method: 'POST' })).text).message).toMatch(/Socket Mode/);
  });

  it('answer the wrong method with 405 and the right one', async () => {
    const { port } = await serve({ slack: (_, res) => void res.end() });
    expect(await get(port, '/healthz', { method: 'POST' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
    expect(await get(port, '/slack/events')).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
      text: expect.stringContaining('/slack/events answers POST only.'),
    });
  });

  it('carry the security headers', async () => {
    const { port } = await serve();
    for (const path of ['/healthz', '/nowhere'])
      expect((await get(port, path)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
  });
});

describe('the fallback', () => {
  const playground = async (req: IncomingMessage, res: ServerResponse) => {
    if (req.url === '/nowhere') return false;
    res.end('playground');
    return true;
  };

  it('answers what nobody else does', async () => {
    const { port } = await serve({ fallback: playground });
    expect(await get(port, '/')).toMatchObject({ status: 200, text: 'playground' });
    expect(await get(port, '/healthz')).toMatchObject({ text: 'ok\n' });
    expect(await get(port, '/nowhere')).toMatchObject({ status: 404 });
  });

  it.each([
    ['localhost', {}],
    ['LOCALHOST:8080', { origin: 'http://localhost:8080' }],
    ['127.0.0.1:3000', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' }],
    ['[::1]:3000', {}],
    ['localhost', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ])('answers this machine: %s %j', async (host, headers) => {
    const { port } = await serve({ fallback: playground });
    expect(await get(port, '/', { headers: { host, ...headers } })).toMatchObject({ status: 200 });
  });

  // NB. A page of somebody else's, open in the same browser.
  it.each([
    ['a name that was made to resolve here', 'evil.example:3000', {}],
    ['a name that looks local', '127.0.0.1.evil.example', {}],
    ['another look-alike', 'localhost.evil.example', {}],
    ['a form across origins', 'localhost:3000', { origin: 'https://evil.example' }],
    ['a sandboxed form', 'localhost:3000', { origin: 'null' }],
    ['another local server', 'localhost:3000', { origin: 'http://localhost:9999' }],
    ['an embedded picture', 'localhost:3000', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ])('refuses %s', async (_, host, headers) => {
    const { port } = await serve({ fallback: playground });
    const { status, text } = await get(port, '/', { headers: { host, ...headers } });
    expect([status, JSON.parse(text)]).toEqual([
      403,
      { error: 'not-local', message: expect.stringMatching(/^The playground answers only/) },
    ]);
  });
});

describe('a handler that fails', () => {
  it.each([
    [
      'throws',
      {
        slack: () => {
          throw new Error('boom xoxb-1-2-secret');
        },
      },
    ],
    [
      'rejects',
      {
        slack: async () => {
          throw new Error('boom xoxb-1-2-secret');
        },
      },
    ],
  ])('and %s is a 500 and a log line', async (_, options) => {
    const { port, server } = await serve(options);
    const { status, text } = await get(port, '/slack/events?reason=private', { method: 'POST' });
    expect([status, JSON.parse(text)]).toEqual([500, { error: 'internal', message: expect.any(String) }]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      path: '/slack/events',
      err: { message: expect.stringContaining('boom') },
    });
    expect(lines.join()).not.toMatch(/private|secret/);
    expect(server.inFlight()).toBe(0);
  });

  it('in the middle of its answer is cut off', async () => {
    const { port } = await serve({
      fallback: async (_, res) => {
        res.write('half');
        throw new Error('boom');
      },
    });
    await expect(get(port, '/')).rejects.toThrow();
    expect(lines.join()).toContain('boom');
  });
});

describe('the size of a body', () => {
  const reading = {
    slack: async (req: IncomingMessage, res: ServerResponse) => {
      let bytes = 0;
      for await (const chunk of req) bytes += (chunk as Buffer).length;
      res.end(String(bytes));
    },
  };
  const post = { method: 'POST' };
  const chunked = { method: 'POST', headers: { 'transfer-encoding': 'chunked' } };

  it('may be up to the limit, declared or not', async () => {
    const { port } = await serve(reading);
    for (const options of [post, chunked])
      expect(await get(port, '/slack/events', options, Buffer.alloc(BODY_LIMIT))).toMatchObject({
        status: 200,
        text: String(BODY_LIMIT),
      });
  });

  it('is refused when it is declared too large', async () => {
    const { port } = await serve(reading);
    const req = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/slack/events',
      agent: false,
      method: 'POST',
      headers: { 'content-length': BODY_LIMIT + 1 },
    });
    req.on('error', () => {});
    req.flushHeaders();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    expect([res.statusCode, res.headers.connection]).toEqual([413, 'close']);
    res.resume();
    req.destroy();
  });

  it('is cut off when it grows too large', async () => {
    const { port } = await serve(reading);
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    let text = '';
    socket.setEncoding('utf8').on('data', (data) => {
      text += data;
    });
    socket.write('POST /slack/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // Sends for as long as the server takes it: only its cutting the connection ends this.
    const send = () => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on('drain', send);
    send();
    await closed;
    if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('leaves Bolt whole, which reads the raw body itself', async () => {
    const receiver = new HTTPReceiver({ signingSecret: 'x'.repeat(32), logLevel: 'error' } as never);
    const app = new App({
      receiver,
      authorize: async () => ({ botToken: 'xoxb-1' }),
      deferInitialization: true,
      logLevel: 'error' as never,
    });
    await app.init();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const { port, server } = await serve({ slack: (req, res) => receiver.requestListener(req, res) });
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    expect(await get(port, '/slack/events', form, 'ssl_check=1')).toMatchObject({ status: 200 });
    await get(
      port,
      '/slack/events',
      { ...form, headers: { ...form.headers, 'transfer-encoding': 'chunked' } },
      Buffer.alloc(4 * BODY_LIMIT),
    ).then(
      ({ status }) => expect(status).toBe(413),
      (error: NodeJS.ErrnoException) => expect(['ECONNRESET', 'EPIPE']).toContain(error.code),
    );
    expect(await get(port, '/slack/events', form, 'ssl_check=1')).toMatchObject({ status: 200 });
    expect(server.inFlight()).toBe(0);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('starting', () => {
  it('says what to do when the port is taken', async () => {
    const { port } = await serve();
    const second = createHttpServer({
      logger: createLogger({ level: 'silent' }),
      registry: new Registry(),
      readiness: async () => ready,
    });
    const error = await second.start(port, '127.0.0.1').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HttpStartError);
    expect(error).toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringMatching(`^Port ${port} on 127.0.0.1 is in use .*PORT=${port + 1} npm start$`),
    });
    expect(await second.stop({ graceMs: 0 })).toBe(0);
  });

  it('says so when the address is not of this machine', async () => {
    const server = createHttpServer({
      logger: createLogger({ level: 'silent' }),
      registry: new Registry(),
      readiness: async () => ready,
    });
    await expect(server.start(0, '192.0.2.1')).rejects.toThrow(
      'HOST is 192.0.2.1, which is not an address of this machine.',
    );
  });
});

describe('stopping', () => {
  it('waits for the requests in hand, and takes no more', async () => {
    const { arrived, slack } = held();
    const { port, server } = await serve({ slack });
    const answered = get(port, '/slack/events', { method: 'POST' });
    const res = await arrived;
    expect(server.inFlight()).toBe(1);
    const stopped = server.stop({ graceMs: 60_000 });
    await expect(get(port, '/healthz')).rejects.toThrow('ECONNREFUSED');
    res.end('done');
    expect(await answered).toMatchObject({ status: 200, text: 'done', headers: { connection: 'close' } });
    expect(await stopped).toBe(0);
    expect(server.inFlight()).toBe(0);
    expect(await server.stop({ graceMs: 0 })).toBe(0);
  });

  it('does not wait for idle connections that were kept alive', async () => {
    const { port, server } = await serve();
    const agent = new Agent({ keepAlive: true });
    agents.push(agent);
    await get(port, '/healthz', { agent });
    expect(await server.stop({ graceMs: 60_000 })).toBe(0);
  });

  it('closes a kept connection as soon as its last request is answered', async () => {
    const { arrived, slack } = held();
    const { port, server } = await serve({ slack });
    const agent = new Agent({ keepAlive: true });
    agents.push(agent);
    const answered = get(port, '/slack/events', { agent, method: 'POST' });
    const res = await arrived;
    // Its headers are sent before the stop, so they promised to keep the connection.
    res.flushHeaders();
    const stopped = server.stop({ graceMs: 60_000 });
    res.end('done');
    await answered;
    expect(await stopped).toBe(0);
  });

  it('ends event streams at once', async () => {
    const { port, server } = await serve({
      fallback: async (_, res) => {
        res.writeHead(200, { 'Content-Type': 'text/event-stream' });
        res.write('data: hello\n\n');
        return true;
      },
    });
    const req = httpRequest({ port, host: '127.0.0.1', path: '/events', agent: false }).end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    const broken = once(res, 'error');
    res.resume();
    expect(server.inFlight()).toBe(0);
    expect(await server.stop({ graceMs: 60_000 })).toBe(0);
    await broken;
  });

  it('cuts off what is still in hand after the grace period, and says how much', async () => {
    const { arrived, slack } = held();
    const { port, server } = await serve({ slack });
    const answered = get(port, '/slack/events', { method: 'POST' });
    const broken = expect(answered).rejects.toThrow();
    await arrived;
    expect(await server.stop({ graceMs: 5 })).toBe(1);
    await broken;
    expect(lines.join()).toContain('cut off');
  });

  it('is nothing when it never started', async () => {
    const server = createHttpServer({
      logger: createLogger({ level: 'silent' }),
      registry: new Registry(),
      readiness: async () => ready,
    });
    expect(await server.stop({ graceMs: 60_000 })).toBe(0);
  });
});
