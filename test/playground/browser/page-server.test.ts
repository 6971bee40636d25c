import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { State } from '../../../src/playground/browser/wire.ts';
import { type ScriptedApp, startScriptedApp } from './scripted-app.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

describe('the playground’s own HTTP', () => {
  let app: ScriptedApp;
  beforeAll(async () => {
    app = await startScriptedApp();
  });
  afterAll(() => app.stop());

  /** Plain HTTP, because `fetch` sets Host and Origin itself. */
  function ask(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(app.url);
      const request = httpRequest(
        { hostname, port, path, method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false },
        (response) => {
          let body = '';
          response.on('data', (chunk) => {
            body += String(chunk);
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        },
      );
      request.on('error', reject);
      request.end(options.body);
    });
  }
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(`/playground/${path}`, {
      method: 'POST',
      headers: { origin: app.url, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const state = async (viewer = 'U01ANA') => JSON.parse((await ask(`/playground/state?as=${viewer}`)).body) as State;

  it('serves the page with a policy that allows nothing inline and nothing from elsewhere', async () => {
    const page = await ask('/');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*|data:/);
    expect(page.body).not.toMatch(/<script(?![^>]*src=)|<style|style=|\son[a-z]+=|https?:\/\//);
  });

  it.each([
    ['main.js', 'text/javascript; charset=utf-8'],
    ['elements/combobox.js', 'text/javascript; charset=utf-8'],
    ['styles/base.css', 'text/css; charset=utf-8'],
    ['icon.svg', 'image/svg+xml'],
  ])('serves %s', async (file, type) => {
    const answer = await ask(`/playground/${file}`);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
  });

  it.each([
    '../playground.ts',
    '..%2fplayground.ts',
    'elements/../../cast.ts',
    'nothing.js',
    'main.ts',
    '.tsbuildinfo',
  ])('serves no %s', async (file) => {
    expect((await ask(`/playground/${file}`)).status).toBe(404);
  });

  it('leaves every other path to the product', async () => {
    expect((await ask('/healthz')).body).toBe('');
    expect((await ask('/playgrounds')).status).toBe(404);
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example'])(
    'does not answer to the name %s, which may have been rebound to this machine',
    async (host) => {
      for (const path of ['/', '/playground/state?as=U01ANA', '/playground/events']) {
        expect((await ask(path, { headers: { host } })).status).toBe(403);
      }
    },
  );

  it('answers to localhost', async () => {
    const { port } = new URL(app.url);
    expect((await ask('/', { headers: { host: `localhost:${port}` } })).status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['the opaque origin', { origin: 'null' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text that looks like JSON', { 'content-type': 'text/plain' }],
  ])('takes no change from %s', async (_who, headers) => {
    const before = (await state()).version;
    const answer = await post('member', { group: 'prod-db-readers', email: 'ana@example.com', present: true }, headers);
    expect(answer.status).toBe(403);
    expect((await state()).version).toBe(before);
  });

  it('takes no change without an Origin', async () => {
    const answer = await ask('/playground/clock', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"advance":60000}',
    });
    expect(answer.status).toBe(403);
  });

  it('reads no body over 64 KiB', async () => {
    const answer = await post('post', { as: 'U01ANA', channel: 'C01GENERAL', text: 'x'.repeat(70_000) });
    expect(answer.status).toBe(413);
  });

  it.each<[string, string, unknown, number]>([
    ['no JSON', 'clock', '{', 400],
    ['a clock that goes back', 'clock', { advance: -1 }, 400],
    ['a clock that jumps for years', 'clock', { advance: 1e12 }, 400],
    ['an unknown key', 'clock', { advance: 1, secret: 1 }, 400],
    ['a missing key', 'post', { as: 'U01ANA', text: 'x' }, 400],
    ['a stranger', 'command', { as: 'U0NOBODY', channel: 'C01GENERAL', text: '/access' }, 409],
    ['a group that is not there', 'member', { group: 'root', email: 'ana@example.com', present: true }, 409],
    ['somebody who is not there', 'member', { group: 'staging-admins', email: 'x@example.com', present: true }, 409],
    ['a view that is not open', 'view-submit', { as: 'U01ANA', view: 'V0', values: {} }, 409],
  ])('refuses %s with a sentence', async (_what, path, body, status) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(status);
    const { ok, problem } = JSON.parse(answer.body) as { ok: boolean; problem: string };
    expect(ok).toBe(false);
    expect(problem.length).toBeGreaterThan(10);
  });

  it('says which method a path takes', async () => {
    const get = await ask('/playground/command');
    expect([get.status, get.headers.allow]).toEqual([405, 'POST']);
    const put = await ask('/playground/state', { method: 'PUT' });
    expect([put.status, put.headers.allow]).toEqual([405, 'GET']);
  });

  it('shows nobody’s view to a stranger', async () => {
    expect((await ask('/playground/state?as=U0NOBODY')).status).toBe(409);
    expect((await ask('/playground/state')).status).toBe(409);
  });

  it('never shows a secret', async () => {
    const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, PLAYGROUND_SCIM_TOKEN } = app.playground.environment;
    await post('command', { as: 'U01ANA', channel: 'C01GENERAL', text: '/access list' });
    const shown = JSON.stringify(await state());
    for (const secret of [SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, PLAYGROUND_SCIM_TOKEN]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(shown).not.toContain(secret);
    }
  });

  it('starts with the people, channels and groups of the sample policies, and Dee standing in one group', async () => {
    const { people, conversations, directory } = await state();
    expect(people.filter((person) => !person.bot).map(({ name }) => name)).toEqual([
      'Ana',
      'Ben',
      'Cy',
      'Dee',
      'Eli',
      'Fay',
      'Gus',
      'Hal',
    ]);
    expect(conversations.filter(({ kind }) => kind === 'channel').map(({ name }) => name)).toEqual([
      'general',
      'db-access',
      'access-requests',
      'access-audit',
      'deploys',
    ]);
    expect(directory.groups).toEqual([
      { name: 'prod-db-readers', members: ['dee@example.com'] },
      { name: 'prod-db-writers', members: [] },
      { name: 'staging-admins', members: [] },
      { name: 'data-exporters', members: [] },
      { name: 'sales-readers', members: [] },
      { name: 'prod-operators', members: [] },
      { name: 'cloud-admins', members: [] },
      { name: 'admin-network', members: [] },
    ]);
  });

  it('escapes what people write, as Slack’s own client does', async () => {
    await post('post', { as: 'U01BEN', channel: 'C05DEPLOYS', text: '<!channel> & co' });
    const deploys = (await state()).conversations.find(({ name }) => name === 'deploys');
    expect(deploys?.messages.at(-1)?.text).toBe('&lt;!channel&gt; &amp; co');
  });

  it('tells listening pages of every change, and lets go of them when it stops', async () => {
    const other = await startScriptedApp();
    const request = httpRequest(`${other.url}/playground/events`, { agent: false });
    request.end();
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
    response.setEncoding('utf8');
    const versions: number[] = [];
    const next = async (above: number): Promise<void> => {
      while (!versions.some((version) => version > above)) {
        const [chunk] = (await once(response, 'data')) as [string];
        for (const match of chunk.matchAll(/"version":(\d+)/g)) versions.push(Number(match[1]));
      }
    };
    await next(-1);
    const seen = Math.max(...versions);
    const changed = next(seen);
    await fetch(`${other.url}/playground/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: other.url },
      body: '{"advance":3600000}',
    });
    await changed;
    const ended = once(response, 'end');
    response.resume();
    await other.stop();
    await ended;
  });
});
