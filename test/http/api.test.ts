import { connect } from 'node:net';
import { Registry } from 'prom-client';
import type { Ports } from '../../src/app/ports/index.ts';
import { StoreUnavailable } from '../../src/app/ports/store.ts';
import { useCases } from '../../src/app/use-cases.ts';
import { callerApi } from '../../src/caller-api.ts';
import { API_BODY_LIMIT, repeatedKey } from '../../src/http/api/body.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/logger.ts';
import { hashOfApiKey, newApiKey } from '../../src/tokens/api-key.ts';
import { deploy, deploying } from '../app/support/actions.ts';
import { type App, apps } from '../support/app.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { replaced } from '../support/wrapped.ts';

const { start } = apps();
const [jenkins, gitlab] = [newApiKey(), newApiKey()];
/** Two more callers of the action. */
const [north, south] = [newApiKey(), newApiKey()];
/** Nobody listens there. */
const ISSUER = 'http://127.0.0.1:1';
const others = [{ issuer: ISSUER, claims: { repository: 'acme/api' } }, { api_key: 'north' }, { api_key: 'south' }];
const world = deploying({ callers: [...deploy.callers, ...others] });
const hash = (key: string) => `sha256:${hashOfApiKey(key)}`;
const withKeys = {
  ...world,
  settings: {
    ...world.settings,
    api_keys: { jenkins: hash(jenkins), gitlab: hash(gitlab), north: hash(north), south: hash(south) },
  },
};

const servers: HttpServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop({ graceMs: 0 }))));

let lines: string[] = [];
let app: App;
let answers: number[];
let port: number;

/** The product's API over the real store, at an address of its own. */
async function serve(
  change: (ports: Ports) => Partial<Ports> = () => ({}),
  served: 'T0LATCHKEY' | 'nobody yet' = 'T0LATCHKEY',
) {
  lines = [];
  answers = [];
  const logger = createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  app = await start({ world: withKeys });
  const ports: Ports = { ...app.ports, log: logger, ...change(app.ports) };
  const about = {
    ports,
    useCases: useCases(ports),
    audience: 'latchkey',
    answered: (status: number) => void answers.push(status),
    workspace: () => (served === 'nobody yet' ? undefined : served),
  };
  const server = createHttpServer({
    logger,
    registry: new Registry(),
    readiness: async () => ({ ready: true, checks: {} }),
    api: callerApi(about),
  });
  servers.push(server);
  port = (await server.start(0, '127.0.0.1')).port;
}

interface Got {
  status: number;
  type: string | null;
  headers: Headers;
  body: Record<string, unknown>;
}

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Got> {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      connection: 'close',
      authorization: `Bearer ${jenkins}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  const type = reply.headers.get('content-type');
  return { status: reply.status, type, headers: reply.headers, body: text === '' ? {} : JSON.parse(text) };
}

const ASK = '/api/v1/actions/deploy/requests';
const parameters = { sha: 'f00d' };
const asked = async (): Promise<string> => String((await call('POST', ASK, { parameters })).body.id);
const problem = (status: number, code: string, detail: RegExp | string = /./) => ({
  status,
  type: 'application/problem+json; charset=utf-8',
  body: { type: 'about:blank', title: expect.any(String), status, code, detail: expect.stringMatching(detail) },
});
/** What is pending or unused lapses, and everything is told. */
const settle = () => app.pass(2 * HOUR, HOUR);

describe('a caller', () => {
  it('asks, looks until people have approved, and is told to go ahead once', async () => {
    await serve();
    const opened = await call('POST', ASK, { parameters, reason: 'Release 1.4.2' });
    expect(opened).toMatchObject({
      status: 201,
      type: 'application/json; charset=utf-8',
      body: {
        id: expect.stringMatching(/^req/),
        action: 'deploy',
        status: 'pending',
        parameters,
        asked_at: '2026-03-03T09:00:00.000Z',
        lapses_at: '2026-03-03T10:00:00.000Z',
        steps: [{ need: 1, approvers: ['group:dba'], approved_by: [] }],
        policy: { digest: expect.any(String) },
      },
    });
    expect([opened.headers.get('retry-after'), opened.headers.get('cache-control')]).toEqual(['5', 'no-store']);
    const id = String(opened.body.id);
    expect(await call('POST', ASK, { parameters })).toMatchObject({ status: 200, body: { id, status: 'pending' } });

    await app.approve('dee', id);
    const approved = await call('GET', `/api/v1/requests/${id}`);
    expect(approved).toMatchObject({
      status: 200,
      body: {
        status: 'approved',
        usable_until: '2026-03-03T09:15:00.000Z',
        decided_by: 'dee@example.com',
        steps: [{ approved_by: ['dee@example.com'] }],
      },
    });
    expect(approved.headers.get('retry-after')).toBeNull();

    const use = () => call('POST', `/api/v1/requests/${id}/use`, { parameters });
    expect(await use()).toMatchObject({ status: 200, body: { status: 'used', used_at: '2026-03-03T09:00:00.000Z' } });
    expect(await use()).toMatchObject(problem(409, 'already-used', /it counts once/));
    expect(answers).toEqual([201, 200, 200, 200, 409]);
    await app.work();
  });

  it('withdraws what nobody has decided', async () => {
    await serve();
    const id = await asked();
    expect(await call('POST', `/api/v1/requests/${id}/cancel`)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
    expect(await call('POST', `/api/v1/requests/${id}/cancel`, {})).toMatchObject(problem(409, 'already-decided'));
    await app.work();
  });

  it('is told how it ended: denied with the reason, lapsed, not used in time', async () => {
    await serve();
    const id = await asked();
    await app.deny('dee', id, 'not on a Friday');
    expect((await call('GET', `/api/v1/requests/${id}`)).body).toMatchObject({
      status: 'denied',
      decided_by: 'dee@example.com',
      decision_reason: 'not on a Friday',
    });
    const other = await asked();
    app.clock.advance(HOUR);
    expect((await call('GET', `/api/v1/requests/${other}`)).body).toMatchObject({ status: 'lapsed' });
    expect(await call('POST', `/api/v1/requests/${other}/use`, { parameters })).toMatchObject(
      problem(410, 'request-lapsed'),
    );
    const third = await asked();
    await app.approve('dee', third);
    app.clock.advance(15 * MINUTE);
    expect((await call('GET', `/api/v1/requests/${third}`)).body).toMatchObject({ status: 'unused' });
    expect(await call('POST', `/api/v1/requests/${third}/use`, { parameters })).toMatchObject(
      problem(410, 'approval-over'),
    );
    await settle();
  });

  it('is refused with every mistake and the rule', async () => {
    await serve();
    expect(await call('POST', ASK, { parameters: { sha: 'main', note: '' } })).toMatchObject({
      status: 422,
      body: {
        code: 'invalid-field',
        detail: expect.stringContaining('sha'),
        rule: expect.stringContaining('deploy: parameters'),
      },
    });
    expect(await call('POST', '/api/v1/actions/deplyo/requests', { parameters })).toMatchObject(
      problem(404, 'unknown-action'),
    );
    const id = await asked();
    expect(await call('POST', `/api/v1/requests/${id}/use`, { parameters })).toMatchObject(
      problem(409, 'not-approved'),
    );
    await app.approve('dee', id);
    expect(await call('POST', `/api/v1/requests/${id}/use`, { parameters: { sha: 'beef' } })).toMatchObject(
      problem(409, 'parameters-differ'),
    );
    expect(await call('POST', `/api/v1/requests/${id}/use`)).toMatchObject(problem(415, 'not-json'));
    await settle();
  });

  it('has at most twenty requests waiting', async () => {
    await serve();
    for (let count = 0; count < 20; count++)
      await call('POST', ASK, { parameters: { sha: count.toString(16).padStart(4, '0') } });
    expect(await call('POST', ASK, { parameters })).toMatchObject(problem(429, 'too-many-pending'));
    await settle();
  });
});

describe('who a call comes from', () => {
  it('decides what is seen: of another caller’s request nothing', async () => {
    await serve();
    const id = await asked();
    const other = { authorization: `Bearer ${gitlab}` };
    for (const [method, path, body] of [
      ['GET', `/api/v1/requests/${id}`, undefined],
      ['POST', `/api/v1/requests/${id}/use`, { parameters }],
      ['POST', `/api/v1/requests/${id}/cancel`, {}],
      ['GET', '/api/v1/requests/req_none', undefined],
    ] as const)
      expect(await call(method, path, body, other)).toMatchObject(
        problem(404, 'unknown-request', /^I know no such request/),
      );
    expect(await call('POST', ASK, { parameters }, other)).toMatchObject(problem(403, 'not-eligible'));
    await settle();
  });

  it.each([
    ['nobody', '', 'no-credential', 'Bearer realm="latchkey"'],
    ['a key that there is not', `Bearer ${newApiKey()}`, 'bad-token', 'Bearer realm="latchkey", error="invalid_token"'],
    [
      'a token of a stranger',
      `Bearer ${'e30.'.repeat(2)}x`,
      'bad-token',
      'Bearer realm="latchkey", error="invalid_token"',
    ],
  ])('is %s: nothing is read, told or logged', async (_, authorization, code, challenge) => {
    await serve();
    const got = await call('POST', ASK, 'not even JSON', { authorization });
    expect(got).toMatchObject(problem(401, code));
    expect(got.headers.get('www-authenticate')).toBe(challenge);
    expect(JSON.stringify(got.body)).not.toContain(authorization.slice(10) || '\0');
    expect(lines).toEqual([]);
    expect(await app.events()).toEqual([]);
  });

  it('cannot be said while its issuer does not answer', async () => {
    await serve();
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'RS256' })}.${part({ iss: ISSUER })}.c2ln`;
    const got = await call('GET', '/api/v1/requests/x', undefined, { authorization: `Bearer ${token}` });
    expect(got).toMatchObject(problem(503, 'issuer-unavailable'));
    expect(got.headers.get('retry-after')).toBe('5');
    expect(lines.join()).not.toContain(token);
  });
});

describe('a call that is not one', () => {
  it.each([
    ['GET', '/api', 404, 'not-found'],
    ['GET', '/api/', 404, 'not-found'],
    ['GET', '/api/v2/requests/x', 404, 'not-found'],
    ['POST', '/api/v1/actions/a/b/requests', 404, 'not-found'],
    ['POST', '/api/v1/actions//requests', 404, 'not-found'],
    ['GET', ASK, 405, 'wrong-method'],
    ['DELETE', '/api/v1/requests/x', 405, 'wrong-method'],
    ['GET', '/api/v1/requests/x/use', 405, 'wrong-method'],
  ])('%s %s is %d', async (method, path, status, code) => {
    await serve();
    const got = await call(method, path);
    expect(got).toMatchObject(problem(status, code));
    if (status === 405) expect(got.headers.get('allow')).toBe(path === '/api/v1/requests/x' ? 'GET, HEAD' : 'POST');
  });

  it('may be a HEAD where a GET is', async () => {
    await serve();
    const id = await asked();
    expect(await call('HEAD', `/api/v1/requests/${id}`)).toMatchObject({ status: 200, body: {} });
    await settle();
  });

  it.each([
    ['no JSON', '{', 400, /no JSON/],
    ['nothing', '', 400, /no JSON/],
    ['a list', '[]', 400, /must be an object/],
    ['null', 'null', 400, /must be an object/],
    [
      'an unknown key',
      '{"parameters": {}, "requester": "ana"}',
      400,
      /has the key "requester"; known are parameters and reason/,
    ],
    ['a key of its prototype', '{"__proto__": {}}', 400, /has the key "__proto__"/],
    ['a number', '{"parameters": {"sha": 1234}}', 400, /parameter "sha" must be a text/],
    ['a nested text', '{"parameters": {"sha": ["f00d"]}}', 400, /parameter "sha" must be a text/],
    ['a text for all', '{"parameters": "f00d"}', 400, /must be an object of texts/],
    ['a reason that is none', '{"parameters": {}, "reason": 7}', 400, /`reason` must be a text/],
    ['a parameter twice', '{"parameters": {"sha": "beef", "sha": "f00d"}}', 400, /has the key "sha" twice/],
    [
      'one twice in other words',
      '{"parameters": {"sha": "beef", "\\u0073ha": "f00d"}}',
      400,
      /has the key "sha" twice/,
    ],
    ['parameters twice', '{"parameters": {"sha": "beef"}, "parameters": {"sha": "f00d"}}', 400, /"parameters" twice/],
  ])('holds %s', async (_, body, status, detail) => {
    await serve();
    expect(await call('POST', ASK, body)).toMatchObject(problem(status, 'invalid-body', detail));
    expect(await app.events()).toEqual([]);
  });

  it.each([
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
  ])('is of the type %j', async (type) => {
    await serve();
    expect(await call('POST', ASK, { parameters }, { 'content-type': type })).toMatchObject(problem(415, 'not-json'));
  });

  it('is not UTF-8, or is too long', async () => {
    await serve();
    const reply = await fetch(`http://127.0.0.1:${port}${ASK}`, {
      method: 'POST',
      headers: { connection: 'close', authorization: `Bearer ${jenkins}`, 'content-type': 'application/json' },
      body: Buffer.from([0x22, 0xff, 0x22]),
    });
    expect(await reply.json()).toMatchObject({ status: 400, detail: 'The body is not UTF-8.' });
    const long = { parameters: { sha: 'x'.repeat(API_BODY_LIMIT) } };
    expect(await call('POST', ASK, long)).toMatchObject(problem(413, 'too-large'));
  });

  it('that is given up in the middle leaves nothing behind', async () => {
    await serve();
    const socket = connect(port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      `POST ${ASK} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${jenkins}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`,
      () => socket.destroy(),
    );
    await closed;
    expect(await call('GET', '/api/v1/requests/x')).toMatchObject(problem(404, 'unknown-request'));
    expect(lines.join()).not.toContain('failed');
  });
});

describe('nothing is served', () => {
  const notReady = async (code: string, detail: RegExp) => {
    const got = await call('POST', ASK, { parameters });
    expect(got).toMatchObject(problem(503, code, detail));
    expect(got.headers.get('retry-after')).toBe('5');
  };

  it('while Slack has not said whom it serves', async () => {
    await serve(() => ({}), 'nobody yet');
    await notReady('not-ready', /^Slack has not answered yet/);
  });

  it('while the policies have been broken since the start', async () => {
    const rejected = () => ({ at: app.clock.now(), problems: ['policies.yaml:1:1'], nothingServed: true }) as const;
    await serve(({ policies }) => ({ policies: replaced(policies, { rejected }) }));
    await notReady('not-ready', /^The policies are broken/);
  });

  it('while the database cannot be used', async () => {
    const gone = () => Promise.reject(new StoreUnavailable('gone', 'the disk is full'));
    await serve(({ store }) => ({ store: replaced(store, { transaction: gone }) }));
    await notReady('database-unavailable', /^The database cannot be used now, and whether this was done is not known/);
  });

  it('also when the database goes away behind the commit, and then it gives what was asked for', async () => {
    let broken = true;
    await serve(({ store }) => ({
      store: replaced(store, {
        request: (id) => (broken ? Promise.reject(new StoreUnavailable('gone', 'no route')) : store.request(id)),
      }),
    }));
    const lost = await call('POST', ASK, { parameters });
    expect(lost).toMatchObject(problem(503, 'database-unavailable', /is not known/));
    expect(await app.events('RequestOpened')).toHaveLength(1);
    broken = false;
    expect(await call('POST', ASK, { parameters })).toMatchObject({ status: 200, body: { status: 'pending' } });
    expect(await app.events('RequestOpened')).toHaveLength(1);
    await app.work();
  });

  it('when something is wrong with the product itself, which is logged', async () => {
    const broken = () => Promise.reject(new Error('a bug'));
    await serve(({ store }) => ({ store: replaced(store, { transaction: broken }) }));
    expect(await call('POST', ASK, { parameters })).toMatchObject(problem(500, 'internal'));
    expect(lines.join()).toContain('a bug');
    expect(lines.join()).not.toContain(jenkins);
  });

  it('to a caller beyond fifty calls at once, and to the others all the same', async () => {
    await serve();
    // NB. a stranger is one whom no action names: a key that stands in the settings, as a token of the same issuer would.
    const slow = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const socket = connect(port, '127.0.0.1');
        socket.setEncoding('utf8');
        await new Promise((resolve) => socket.once('connect', resolve));
        const head = `POST ${ASK} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gitlab}\r\nContent-Type: application/json`;
        socket.write(`${head}\r\nContent-Length: 99\r\n\r\n{`);
        return socket;
      }),
    );
    const answers: string[] = [];
    await new Promise<void>((resolve) => {
      for (const socket of slow) {
        let text = '';
        socket.on('data', (part: string) => {
          text += part;
          if (!text.endsWith('}\n')) return;
          answers.push(text);
          if (answers.length === 10) resolve();
        });
      }
    });
    expect(answers.every((text) => text.startsWith('HTTP/1.1 503') && text.includes('too-busy'))).toBe(true);
    expect(await call('POST', ASK, { parameters })).toMatchObject({ status: 201 });
    await Promise.all(
      slow.map((socket) => {
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.destroy();
        return closed;
      }),
    );
    // Their places are free again.
    const other = { authorization: `Bearer ${gitlab}` };
    const statuses = async () => (await call('POST', ASK, { parameters }, other)).status;
    while ((await statuses()) === 503);
    expect(await statuses()).toBe(403);
    await settle();
  });

  it('beyond two hundred calls at once', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let waiting = 0;
    let allThere = () => {};
    const all = new Promise<void>((resolve) => {
      allThere = resolve;
    });
    const request = async () => {
      waiting += 1;
      if (waiting === 200) allThere();
      await held;
      return undefined;
    };
    await serve(({ store }) => ({ store: replaced(store, { request }) }));
    const calls = [jenkins, gitlab, north, south].flatMap((key) =>
      Array.from({ length: 50 }, () =>
        call('GET', '/api/v1/requests/x', undefined, { authorization: `Bearer ${key}` }),
      ),
    );
    await all;
    await notReady('too-busy', /More calls/);
    release();
    for (const one of await Promise.all(calls)) expect(one.status).toBe(404);
    expect((await call('GET', '/api/v1/requests/x')).status).toBe(404);
  });
});

describe('a key that stands twice', () => {
  it.each([
    ['{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}], "c": "\\"a\\": {", "d": "a"}', undefined],
    ['[["a", "a"], {"a": "a"}]', undefined],
    ['{"x": {"a": 1, "b": 2, "a": 3}}', 'a'],
    ['{"": 1, "": 2}', ''],
    ['{"a\\"": 1, "a\\u0022" : 2}', 'a"'],
  ])('is found in %s: %j', (json, key) => {
    JSON.parse(json);
    expect(repeatedKey(json)).toBe(key);
  });
});
