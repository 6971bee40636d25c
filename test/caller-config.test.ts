import { inspect } from 'node:util';
import { loadCallerConfig } from '../src/caller-config.ts';

const url = 'https://latchkey.example.com';
const key = `lk_${'a'.repeat(43)}`;
const github = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://pipelines.example/token?api-version=2.0',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
};

const problems = (env: NodeJS.ProcessEnv): string[] => {
  const loaded = loadCallerConfig(env);
  return loaded.ok ? [] : loaded.problems;
};

describe('the environment of a caller', () => {
  it('says where Latchkey is and who calls', () => {
    const loaded = loadCallerConfig({ LATCHKEY_URL: `${url}/`, LATCHKEY_TOKEN: key });
    expect(loaded).toMatchObject({ ok: true, config: { url, audience: 'latchkey', credential: { kind: 'given' } } });
    expect(loaded.ok && loaded.config.credential.token.reveal()).toBe(key);
    expect(inspect(loaded, { depth: 9, showHidden: true })).not.toContain(key);
  });

  it('is that of a job of GitHub, unless a token is given', () => {
    const loaded = loadCallerConfig({ LATCHKEY_URL: url, LATCHKEY_AUDIENCE: 'prod', ...github });
    expect(loaded).toMatchObject({ ok: true, config: { audience: 'prod', credential: { kind: 'github' } } });
    expect(loadCallerConfig({ LATCHKEY_URL: url, LATCHKEY_TOKEN: key, ...github })).toMatchObject({
      config: { credential: { kind: 'given' } },
    });
  });

  it('may hold what is set up for others', () => {
    expect(
      problems({
        LATCHKEY_URL: 'http://127.0.0.1:3000',
        LATCHKEY_TOKEN: key,
        DATABASE_URL: 'mysql://app',
        PORT: 'http',
        HOST: ':',
      }),
    ).toEqual([]);
  });

  it.each([
    [{ LATCHKEY_TOKEN: key }, /^LATCHKEY_URL is missing: say where Latchkey is/],
    [{ LATCHKEY_URL: '', LATCHKEY_TOKEN: key }, /^LATCHKEY_URL is missing/],
    [{ LATCHKEY_URL: 'latchkey', LATCHKEY_TOKEN: key }, /^LATCHKEY_URL is not a URL: it must look like https:/],
    [
      { LATCHKEY_URL: 'http://latchkey.example.com', LATCHKEY_TOKEN: key },
      /^LATCHKEY_URL .* because your credential travels/,
    ],
    [{ LATCHKEY_URL: `${url}?a=b`, LATCHKEY_TOKEN: key }, /^LATCHKEY_URL must hold no user/],
    [{ LATCHKEY_URL: url }, /^LATCHKEY_TOKEN is missing: .*`permissions: \{id-token: write\}`/],
    [{ LATCHKEY_URL: url, LATCHKEY_TOKEN: '' }, /^LATCHKEY_TOKEN is missing/],
    [{ LATCHKEY_URL: url, ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x.example' }, /^LATCHKEY_TOKEN is missing/],
    [{ LATCHKEY_URL: url, LATCHKEY_TOKEN: `${key}\n` }, /^LATCHKEY_TOKEN has white space/],
    [{ LATCHKEY_URL: url, LATCHKEY_TOKEN: `${key} b` }, /^LATCHKEY_TOKEN must be one word/],
    [{ LATCHKEY_URL: url, LATCHKEY_TOKEN: key, LATCHKEY_AUDIENCE: 'a b' }, /^LATCHKEY_AUDIENCE must be 1 to 255/],
    [
      { LATCHKEY_URL: url, LATCHKEY_TOKEN: key, LATCHKEY_UR: url },
      /^LATCHKEY_UR is not a setting .*did you mean LATCHKEY_URL/,
    ],
  ])('is told what is wrong, and no credential is quoted: %j', (env, expected) => {
    expect(problems(env)).toEqual([expect.stringMatching(expected)]);
    expect(problems(env).join()).not.toContain(key);
  });

  it('is told everything at once', () => {
    expect(problems({ LATCHKEY_URL: 'x', LATCHKEY_AUDIENCE: ' ', LATCHKEY_TOKE: 'x' }).length).toBe(3);
  });
});
