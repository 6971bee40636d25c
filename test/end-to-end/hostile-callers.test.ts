import { once } from 'node:events';
import { connect } from 'node:net';
import { hashOfApiKey, newApiKey } from '../../src/tokens/api-key.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import { TokenIssuer } from '../support/token-issuer.ts';
import { writePolicies } from './policies.ts';
import { ANA, DEE, HOUR, startServer, World } from './world.ts';

let server: RolesServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const KEY = newApiKey();
const settings = (keys: string) => `version: 1
kind: settings
timezone: Etc/UTC
digest: {channel: '#access-audit', at: '09:00', days: [mon, tue, wed, thu, fri, sat, sun]}
${keys}
`;
const deploy = (issuer: string, need = 1) => `version: 1
kind: action
name: deploy-production
callers: [{issuer: '${issuer}', claims: {repository: acme/api}}, {api_key: jenkins}]
parameters: {sha: {pattern: '^[0-9a-f]{4}$', required: true}, note: {}}
flows: [{name: administrators, steps: [{approvers: [group:dba], need: ${need}}], timeout: 1h}]
valid_for: 15m
channel: '#writes'
`;
const KEYS = `api_keys: {jenkins: 'sha256:${hashOfApiKey(KEY)}'}`;

describe.each(['SQLite', 'Postgres'] as const)('an action that somebody attacks, on %s', (database) => {
  let world: World;
  let issuer: TokenIssuer;
  beforeAll(async () => {
    issuer = await TokenIssuer.start();
    world = await World.open({
      server,
      database,
      policies: { 'settings.yaml': settings(KEYS), 'deploy.yaml': deploy(issuer.url) },
    });
    await world.start();
  });
  afterAll(async () => {
    await world.close();
    await issuer.stop();
  });

  const token = (claims: object = {}) =>
    issuer.sign(new Date(world.clock.now()), { repository: 'acme/api', ...claims });
  interface Got {
    status: number;
    body: { id: string; status: string; usable_until?: string; code?: string };
  }
  /** With which credential, and to which process. */
  interface From {
    as?: string | undefined;
    url?: string | undefined;
  }
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    { as, url = world.product.url }: From = {},
  ): Promise<Got> => {
    const reply = await fetch(`${url}/api/v1/${path}`, {
      method,
      headers: {
        connection: 'close',
        authorization: `Bearer ${as ?? (await token())}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: reply.status, body: (await reply.json()) as Got['body'] };
  };
  const use = (id: string, parameters: object, from?: From) => call('POST', `requests/${id}/use`, { parameters }, from);
  /** Asks, and somebody approves it in Slack. */
  const approved = async (parameters: object, as?: string) => {
    const before = world.parents('writes').length;
    const asked = await call(
      'POST',
      'actions/deploy-production/requests',
      { parameters, reason: 'Release Quince' },
      { as },
    );
    expect(asked).toMatchObject({ status: 201 });
    await world.approve(DEE, await world.see(() => world.parents('writes')[before]));
    return asked.body.id;
  };

  it('is no access that people could ask for', async () => {
    for (const line of ['deploy-production', 'deploy-production 1h it is urgent'])
      expect(await world.command(ANA, `/access ${line}`)).toContain('is an action, which pipelines and agents ask for');
    expect(await world.command(ANA, '/access revoke deploy-production')).toContain('no-such-grant');
  });

  it('is used once, after a kill -9, however many ask of however many processes', async () => {
    const id = await approved({ sha: 'beef' });
    await world.product.kill();
    const one = await world.start();
    const other = database === 'SQLite' ? undefined : await world.launch().ready();
    const urls = [one.url, other?.url ?? one.url];
    const job = await token();
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, i) => use(id, { sha: 'beef' }, { url: urls[i % 2], as: job })),
    );
    const said = all.map(({ status, body }) => `${status} ${body.code ?? body.status}`);
    expect(said.sort()).toEqual(['200 used', ...Array(39).fill('409 already-used')]);
    if (!other) return;
    await Promise.all([one.stop(), other.stop()]);
    await world.start();
  });

  it('stays approved, and is done once, whatever a pipeline or somebody on the network writes', async () => {
    const id = await approved({ sha: 'dead' });
    const job = await token();
    const from = world.product.logs.length;
    const right = JSON.stringify({ parameters: { sha: 'dada' } });
    const asks = 'actions/deploy-production/requests';
    for (const path of [
      ...[
        `${id}%00/use`,
        `..%2f${id}/use`,
        `${id}%2fuse`,
        `${id}/use/`,
        `${id}//use`,
        '__proto__/use',
        '%F0%9F%98%80/use',
      ],
      ...['__proto__', 'constructor', '%00', 'a%2fb', '%ED%A0%80', 'deploy%2Dproduction', 'DEPLOY-PRODUCTION'],
    ].map((name) => (name.endsWith('use') || name.endsWith('/') ? `requests/${name}` : `actions/${name}/requests`)))
      expect([404, 405]).toContain((await call('POST', path, right, { as: job })).status);
    for (const body of [
      ...['{"sha": "dada", "__proto__": "x"}', '{"__proto__": "x"}', '{"sha": "dada\\u0000"}', '{"\\u0000": "x"}'],
      ...['{"sha": "dada", "note": "a\\u0000"}', '{"sha": "dada", "note": "\\ud800"}', '{"\\ud800": "x"}'],
      ...['{"sha": "dada", "note": " x"}', '{"sha": "dada", "note": ""}', '{"constructor": "x", "toString": "y"}'],
      `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`,
    ].map((parameters) => `{"parameters": ${parameters}}`)) {
      expect([400, 422]).toContain((await call('POST', asks, body, { as: job })).status);
      expect([400, 409]).toContain((await call('POST', `requests/${id}/use`, body, { as: job })).status);
    }
    for (const reason of ['"\\u0000"', '"\\udc00"', `"${'r'.repeat(60_000)}"`])
      expect(
        await call('POST', asks, `{"parameters": {"sha": "dada"}, "reason": ${reason}}`, { as: job }),
      ).toMatchObject({
        status: 422,
      });
    expect(world.product.logs.slice(from).filter(({ level }) => level === 'error')).toEqual([]);
    expect(await use(id, { sha: 'dead' })).toMatchObject({ status: 200 });
  });

  it('is asked for by no call that two readers could read differently', async () => {
    const job = await token();
    const path = '/api/v1/actions/deploy-production/requests';
    const body = '{"parameters":{"sha":"5555"}}';
    const head = `Host: x\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer ${job}\r\n`;
    const length = `Content-Length: ${body.length}\r\n`;
    const answered = async (text: string): Promise<string | undefined> => {
      const socket = connect(Number(new URL(world.product.url).port), '127.0.0.1');
      let got = '';
      socket.on('data', (chunk) => {
        got += chunk.toString();
      });
      socket.write(text);
      await once(socket, 'close');
      return /^HTTP\/1\.1 (\d+)/.exec(got)?.[1];
    };
    for (const [text, status] of [
      [`POST ${path} HTTP/1.1\r\n${head}${length}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, '400'],
      [`POST ${path} HTTP/1.1\r\n${head}${length}Content-Length: 5\r\n\r\n${body}`, '400'],
      [`POST ${path} HTTP/1.1\r\n${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, '400'],
      [`POST ${path} HTTP/1.1\n${`${head}${length}`.replaceAll('\r', '')}\n${body}`, '400'],
      [`POST http://x${path} HTTP/1.1\r\n${head}${length}\r\n${body}`, '404'],
      [`POST /healthz/..${path} HTTP/1.1\r\n${head}${length}\r\n${body}`, '404'],
      [`POST /${path} HTTP/1.1\r\n${head}${length}\r\n${body}`, '404'],
      [`POST ${path} HTTP/1.1\r\nAuthorization: Bearer x\r\n${head}${length}\r\n${body}`, '401'],
      [`GET ${path} HTTP/1.1\r\nX-HTTP-Method-Override: POST\r\n${head}${length}\r\n${body}`, '405'],
    ] as const)
      expect([text, await answered(text)]).toEqual([text, status]);
  });

  it('is refused when the policies were tightened, or the key was taken out, between the approval and the use', async () => {
    const id = await approved({ sha: '1111' });
    const withKey = await approved({ sha: '2222' }, KEY);
    const looked = async () => (await call('GET', `requests/${withKey}`, undefined, { as: KEY })).status;
    const loads = async () => (await world.events()).filter(({ type }) => type === 'PoliciesLoaded').length;
    const before = await loads();
    await writePolicies(world.policies, { 'deploy.yaml': deploy(issuer.url, 2) });
    await world.eventually(async () => (await loads()) > before);
    expect(await use(id, { sha: '1111' })).toMatchObject({ status: 403, body: { code: 'policy-changed' } });
    const withoutKey = deploy(issuer.url).replace(', {api_key: jenkins}', '');
    await writePolicies(world.policies, { 'deploy.yaml': withoutKey, 'settings.yaml': settings('') });
    await world.eventually(async () => (await looked()) === 401);
    expect(await use(withKey, { sha: '2222' }, { as: KEY })).toMatchObject({ status: 401 });
    await writePolicies(world.policies, { 'settings.yaml': settings(KEYS), 'deploy.yaml': deploy(issuer.url) });
    await world.eventually(async () => (await looked()) === 200);
    await world.eventually(async () => (await use(withKey, { sha: '2222' }, { as: KEY })).status === 200);
    expect(await use(id, { sha: '1111' })).toMatchObject({ status: 200 });
  });

  it('is over at its time, though the machine’s clock was set back while nothing ran', async () => {
    const id = await approved({ sha: '3333' }, KEY);
    const look = async () => (await call('GET', `requests/${id}`, undefined, { as: KEY })).body;
    const { status, usable_until: until = '' } = await look();
    expect(status).toBe('approved');
    // A few seconds are left of it.
    await world.clock.move(Date.parse(until) - 4_000 - world.clock.now());
    await world.product.stop();
    await world.clock.move(-HOUR);
    await world.start();
    await world.eventually(async () => (await look()).status === 'unused');
    expect(await use(id, { sha: '3333' }, { as: KEY })).toMatchObject({ status: 410, body: { code: 'approval-over' } });
  });

  it('leaves a log that is whole, and neither credentials nor reasons in what was printed', async () => {
    await world.settled();
    await world.auditIsIntact();
    const printed = world.products.map((product) => JSON.stringify(product.logs) + product.printed + product.errors);
    expect(printed.join()).not.toMatch(/eyJ[\w-]+\.eyJ|lk_[\w-]{43}|Quince/);
  });
});
