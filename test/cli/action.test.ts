import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { action } from '../../src/cli/action/action.ts';
import { apiClient } from '../../src/cli/action/api-client.ts';
import { ask } from '../../src/cli/action/ask.ts';
import { latchkey } from '../support/product.ts';

/** What answers at LATCHKEY_URL: a status with a body, or whatever a test does to the connection. */
type Script =
  | readonly [status: number, body: unknown, headers?: Record<string, string>]
  | ((res: ServerResponse) => void);

const shown = (status: string, values: object = {}): object => ({
  id: 'req_1',
  action: 'deploy',
  status,
  parameters: { sha: 'f00d' },
  asked_at: '2026-03-03T14:05:09.000Z',
  lapses_at: '2026-03-03T15:05:09.000Z',
  steps: [{ need: 1, approvers: ['group:release'], approved_by: ['gus@example.com'] }],
  policy: { digest: 'd'.repeat(64) },
  ...values,
});
const APPROVED = [200, shown('approved')] as const;
const problem = (code: string, detail: string, more: object = {}) => ({ code, detail, ...more });

const TOKEN = `lk_${'x'.repeat(43)}`;
let script: Script[] = [];
let asked: { call: string; authorization: string | undefined }[] = [];
const server = createServer((req, res) => {
  req.resume();
  asked.push({ call: `${req.method} ${req.url}`, authorization: req.headers.authorization });
  const next = script.length > 1 ? script.shift() : script[0];
  if (next === undefined) return void res.destroy();
  if (typeof next === 'function') return next(res);
  const [status, body, headers = {}] = next;
  res.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
  res.end(typeof body === 'string' ? body : JSON.stringify(body));
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** `latchkey action deploy sha=f00d …` against these answers, one a call; the last is repeated. */
async function deploy(answers: readonly Script[], ...more: string[]) {
  script = [...answers];
  asked = [];
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    env: { LATCHKEY_URL: url, LATCHKEY_TOKEN: TOKEN },
  };
  const code = await action(['deploy', 'sha=f00d', ...more], terminal);
  return { code, out, err, calls: asked.map(({ call }) => call) };
}

/** What GitHub's runner takes for a command in the log of a job: `::` first in a line, `##[` anywhere in one. */
const commandsIn = (log: string): string[] =>
  log.split(/\r\n|[\r\n]/).filter((line) => line.trim().startsWith('::') || line.includes('##['));
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const SEEN_BY_TERMINALS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
const HOSTILE = 'x\n::set-env name=A::b\r##[set-output name=a;]b \u001b[2J\u009b2J ##vso[task.setvariable]';

describe('the command goes ahead', () => {
  it('when it is told that this approval is used', async () => {
    const done = await deploy([
      [201, shown('approved')],
      [200, shown('used', { decided_by: 'gus@example.com' })],
    ]);
    expect(done).toMatchObject({
      code: 0,
      out: 'Go ahead, once: deploy is approved by gus@example.com, and the approval is used now.\n',
      calls: ['POST /api/v1/actions/deploy/requests', 'POST /api/v1/requests/req_1/use'],
    });
  });

  it.each<[string, Script]>([
    ['that it is approved still', APPROVED],
    ['of another request', [200, shown('used', { id: 'req_2' })]],
    ['of other parameters', [200, shown('used', { parameters: { sha: 'beef' } })]],
    ['of no parameters', [200, shown('used', { parameters: undefined })]],
    ['that it is denied', [200, shown('denied')]],
    ['nothing', [200, '']],
    ['nothing, in other words', [204, '']],
    ['null', [200, null]],
    ['a page', [200, '<html>Welcome</html>', { 'content-type': 'text/html' }]],
    ['that it is used, with a failure', [409, shown('used')]],
    ['a redirect to where it is said', [307, '', { location: '/used' }]],
    ['a great deal', [200, `${JSON.stringify(shown('used')).slice(0, -1)},"x":"${'x'.repeat(1_100_000)}"}`]],
  ])('never when the answer to the use says %s', async (_, answer) => {
    const done = await deploy([APPROVED, answer, [200, shown('used')]]);
    expect(done.code).not.toBe(0);
    expect(done.out).toBe('');
    expect(done.calls).toHaveLength(2);
  });

  it('never for a request of another action, or with other parameters', async () => {
    for (const other of [{ action: 'drop-database' }, { parameters: { sha: 'beef' } }, { parameters: {} }])
      expect(
        await deploy([
          [200, shown('approved', other)],
          [200, shown('used', other)],
        ]),
      ).toMatchObject({
        code: 2,
        err: expect.stringMatching(/answer to something else/),
        calls: ['POST /api/v1/actions/deploy/requests'],
      });
  });

  it('never when the answer to the use was lost and the approval is used by then', async () => {
    const lost = await deploy([APPROVED, (res) => res.destroy(), [200, shown('used')]]);
    expect(lost).toMatchObject({ code: 4, out: '', err: expect.stringContaining('Do not go ahead') });
    const refused = [409, problem('already-used', 'It counts once.')] as const;
    const twice = await deploy([
      APPROVED,
      [503, problem('not-ready', 'Later.'), { 'retry-after': '0' }],
      APPROVED,
      refused,
    ]);
    expect(twice).toMatchObject({ code: 4, out: '' });
  });

  it('never when it was interrupted while it used the approval', async () => {
    script = [APPROVED, [200, shown('used')]];
    const stop = new AbortController();
    const api = apiClient(url, async () => TOKEN);
    const said: string[] = [];
    const code = await ask(
      { action: 'deploy', parameters: { sha: 'f00d' }, waitMs: 1_000, json: false },
      {
        api: {
          ...api,
          use: async (...of) => {
            const used = await api.use(...of);
            stop.abort();
            return used;
          },
        },
        terminal: { out: (text) => said.push(text), err: (text) => said.push(text), env: {} },
        now: () => 0,
        pause: async () => {},
        interrupted: stop.signal,
      },
    );
    expect([code, said]).toEqual([3, ['Interrupted: the approval is used up. Do not go ahead.\n']]);
  });
});

describe('the credential', () => {
  it('goes nowhere but to LATCHKEY_URL, and into no message', async () => {
    let elsewhere = 0;
    const other = createServer((_, res) => {
      elsewhere += 1;
      res.end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    for (const status of [301, 302, 303, 307, 308]) {
      const { code, out, err } = await deploy([[status, '', { location }]]);
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain('it sends us elsewhere');
      expect(err).not.toContain(TOKEN);
    }
    expect(elsewhere).toBe(0);
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('the log of a job', () => {
  it.each<[string, Script[]]>([
    ['whoever denied it', [[201, shown('denied', { decided_by: HOSTILE, decision_reason: HOSTILE })]]],
    [
      'a refusal',
      [[403, problem('not-eligible', `::error::${HOSTILE}`, { rule: HOSTILE, others: [problem(HOSTILE, HOSTILE)] })]],
    ],
    ['whoever says that the token is wrong', [[401, problem('bad-token', `::error::${HOSTILE}`)]]],
    ['whoever does not answer', [APPROVED, [503, problem('x', `::error::${HOSTILE}`)], [404, problem('x', 'x')]]],
    ['whoever approves', [[201, shown('used', { decided_by: HOSTILE })]]],
  ])('takes no command from %s', async (_, answers) => {
    for (const json of [[], ['--json']]) {
      const { code, out, err } = await deploy(answers, ...json);
      expect(code).not.toBe(0);
      for (const text of [out, err]) {
        expect(commandsIn(text)).toEqual([]);
        expect(text).not.toContain('##vso[');
        expect(text).not.toMatch(SEEN_BY_TERMINALS);
      }
      if (json.length > 0) JSON.parse(out);
    }
  });

  it('has the same words for whoever reads the JSON', async () => {
    const { out } = await deploy([[201, shown('denied', { decision_reason: HOSTILE })]], '--json');
    expect(JSON.parse(out)).toEqual(shown('denied', { decision_reason: HOSTILE }));
  });
});

describe('a parameter that is no text', () => {
  it('is not asked for: people would approve something else than what is done', async () => {
    script = [APPROVED];
    asked = [];
    const run = latchkey(['action', 'deploy', 'sha=\ufffd'], { LATCHKEY_URL: url, LATCHKEY_TOKEN: TOKEN });
    expect(await run).toMatchObject({ code: 1, out: '', err: expect.stringContaining('sha is not UTF-8') });
    expect(asked).toEqual([]);
  });
});
