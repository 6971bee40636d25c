import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiClient, apiClient } from '../../src/cli/action/api-client.ts';
import { ask } from '../../src/cli/action/ask.ts';
import { TokenRefused, tokenSource } from '../../src/cli/action/token.ts';
import { Secret } from '../../src/secret.ts';

/** GitHub, as far as a job asks it for a token. */
let answer: () => [status: number, body: string] | 'gone';
let asked: string[] = [];
const github = createServer((req, res) => {
  asked.push(`${req.headers.authorization} ${req.url}`);
  const says = answer();
  if (says === 'gone') return void res.destroy();
  const [status, body] = says;
  res.writeHead(status, { 'content-type': 'application/json' }).end(body);
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(github.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => github.close(resolve)));
beforeEach(() => {
  asked = [];
});

const ofGithub = () =>
  tokenSource({
    audience: 'prod',
    credential: { kind: 'github', url: `${url}/token?api-version=2.0`, token: new Secret('request-token') },
  });
let count = 0;
const tokenFor = (seconds: number): string => {
  count += 1;
  const body = Buffer.from(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + seconds, count })).toString(
    'base64url',
  );
  return `e30.${body}.c2ln`;
};
const gives = (seconds: number) => (): [number, string] => [200, JSON.stringify({ value: tokenFor(seconds) })];

describe('the token of a job of GitHub', () => {
  it('is asked for once, for the audience, and again before it ends', async () => {
    const token = ofGithub();
    answer = gives(300);
    expect(await token()).toBe(await token());
    expect(asked).toEqual(['Bearer request-token /token?api-version=2.0&audience=prod']);
    const other = ofGithub();
    answer = gives(59);
    expect(await other()).not.toBe(await other());
  });

  it.each([
    ['no right to it', () => [403, '{}'] as [number, string]],
    ['an answer without one', () => [200, '{}'] as [number, string]],
    ['an answer that is nothing', () => [200, 'null'] as [number, string]],
  ])('is not waited for with %s', async (_, says) => {
    answer = says;
    await expect(ofGithub()()).rejects.toThrow(TokenRefused);
    const reply = await apiClient(url, ofGithub()).look('req_1');
    expect(reply).toMatchObject({ kind: 'wrong', why: expect.stringContaining('gave no ID token') });
  });

  it('is asked for again while GitHub fails', async () => {
    answer = () => [502, 'bad gateway'];
    expect(await apiClient(url, ofGithub()).look('req_1')).toMatchObject({
      kind: 'silent',
      why: 'GitHub gives no ID token now (HTTP 502)',
    });
  });

  it('is not taken for Latchkey when GitHub does not answer at all', async () => {
    answer = () => 'gone';
    expect(await apiClient(url, ofGithub()).look('req_1')).toMatchObject({
      kind: 'silent',
      why: expect.stringMatching(/^GitHub gives no ID token now \(.+\)$/),
    });
  });

  it('that was given is sent as it is', async () => {
    expect(await tokenSource({ audience: 'x', credential: { kind: 'given', token: new Secret('lk_a') } })()).toBe(
      'lk_a',
    );
  });
});

describe('the command', () => {
  const silent = async () => ({ kind: 'silent' as const, why: 'Latchkey does not answer (ECONNREFUSED)' });
  const nobody: ApiClient = { ask: silent, look: silent, use: silent, cancel: silent };
  const command = { action: 'deploy', parameters: {}, waitMs: 3_600_000, json: false };

  /** On a clock that goes on only while it waits. */
  async function run(api: Partial<ApiClient>, stop = new AbortController(), waitMs = command.waitMs) {
    let now = 0;
    let said = '';
    const say = (text: string) => {
      said += text;
    };
    const code = await ask(
      { ...command, waitMs },
      {
        api: { ...nobody, ...api },
        terminal: { out: say, err: say, env: {} },
        now: () => now,
        pause: async (ms) => {
          now += ms;
        },
        interrupted: stop.signal,
      },
    );
    return { code, said, minutes: Math.round(now / 60_000) };
  }

  it('gives up after five minutes without an answer, and says so once', async () => {
    expect(await run({})).toEqual({
      code: 2,
      minutes: 5,
      said: 'Latchkey does not answer (ECONNREFUSED). Trying again.\nLatchkey does not answer (ECONNREFUSED).\n',
    });
  });

  it('waits no longer than it was told to', async () => {
    expect(await run({}, undefined, 120_000)).toMatchObject({ code: 2, minutes: 2 });
  });

  it('does not go on asking when it is interrupted', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await run({}, stop)).toMatchObject({ code: 2, minutes: 0 });
  });
});
