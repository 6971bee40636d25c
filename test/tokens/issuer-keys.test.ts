import type { Identified } from '../../src/app/ports/credentials.ts';
import { createCredentials } from '../../src/tokens/credentials.ts';
import { discoveryUrl, keysUrl } from '../../src/tokens/issuer-url.ts';
import { readJson } from '../../src/tokens/read-json.ts';
import { DAY, MINUTE, SECOND, TestClock } from '../support/clock.ts';
import { TokenIssuer } from '../support/token-issuer.ts';

let issuer: TokenIssuer;
let clock: TestClock;
let callerOf: (token: string) => Promise<Identified>;
let logged: object[];

beforeEach(async () => {
  issuer = await TokenIssuer.start();
  clock = new TestClock();
  logged = [];
  const log = { info: () => {}, warn: (fields: object) => void logged.push(fields), error: () => {} };
  const issuers = () => new Set([issuer.url]);
  const credentials = createCredentials({ audience: 'latchkey', issuers, apiKeys: () => new Map(), clock, log });
  callerOf = (token) => credentials.callerOf(`Bearer ${token}`);
});
afterEach(() => issuer.stop());

const now = () => new Date(clock.now());
const sign = async (kid = 'first') => issuer.sign(now(), {}, { kid });
const DISCOVERY = '/.well-known/openid-configuration';
const onePass = [DISCOVERY, '/keys'];
const unavailable = {
  ok: false,
  code: 'issuer-unavailable',
  sentence: expect.stringMatching(
    /^Whether the token is good cannot be checked now: http.* does not tell its keys now/,
  ),
  retryAfterMs: 5_000,
};

describe('the keys of an issuer', () => {
  it('are read once for many tokens, also when they come together, and again after ten minutes', async () => {
    const token = await sign();
    for (const { ok } of await Promise.all(Array.from({ length: 20 }, () => callerOf(token)))) expect(ok).toBe(true);
    clock.advance(4 * MINUTE);
    expect(await callerOf(token)).toMatchObject({ ok: true });
    expect(issuer.asked).toEqual(onePass);
    clock.advance(6 * MINUTE);
    expect(await callerOf(await sign())).toMatchObject({ ok: true });
    expect(issuer.asked).toEqual([...onePass, ...onePass]);
  });

  it('are looked at again when a token names a new one, but not at once', async () => {
    expect(await callerOf(await sign())).toMatchObject({ ok: true });
    await issuer.publish('second');
    expect(await callerOf(await sign('second'))).toMatchObject({
      code: 'bad-token',
      sentence: expect.stringContaining('a key that its issuer does not publish'),
    });
    expect(issuer.asked).toEqual(onePass);
    clock.advance(30 * SECOND);
    expect(await callerOf(await sign('second'))).toMatchObject({ ok: true });
    expect(issuer.asked).toEqual([...onePass, ...onePass]);
  });

  it('are not read again for each of a thousand tokens that name keys which nobody has', async () => {
    const pair = new TokenIssuer();
    await pair.publish('forged');
    pair.url = issuer.url;
    const token = await pair.sign(now(), {}, { kid: 'forged' });
    for (let count = 0; count < 1_000; count++) expect(await callerOf(token)).toMatchObject({ code: 'bad-token' });
    expect(issuer.asked).toEqual(onePass);
  });

  it('that it takes back are believed no longer than ten minutes', async () => {
    expect(await callerOf(await sign())).toMatchObject({ ok: true });
    issuer.keys = [];
    await issuer.publish('second');
    clock.advance(10 * MINUTE);
    expect(await callerOf(await sign())).toMatchObject({ ok: false, code: 'bad-token' });
  });

  it('that it takes back are believed no longer because the clock steps back', async () => {
    expect(await callerOf(await sign())).toMatchObject({ ok: true });
    issuer.keys = [];
    await issuer.publish('second');
    clock.advance(-DAY);
    expect(await callerOf(await sign())).toMatchObject({ ok: false, code: 'bad-token' });
    expect(await callerOf(await sign('second'))).toMatchObject({ ok: true });
    expect(issuer.asked).toEqual([...onePass, ...onePass]);
  });
});

describe('an issuer that cannot be asked', () => {
  const ways: [string, () => void][] = [
    ['is not found', () => issuer.answers.delete(DISCOVERY)],
    ['answers with a failure', () => issuer.answers.set(DISCOVERY, (_, res) => res.writeHead(500).end('{}'))],
    ['answers with what is no JSON', () => issuer.answers.set(DISCOVERY, (_, res) => res.end('<html>'))],
    ['breaks off', () => issuer.answers.set(DISCOVERY, (_, res) => void res.write('{', () => res.destroy()))],
    [
      'describes another issuer',
      () => issuer.json(DISCOVERY, () => ({ issuer: `${issuer.url}/`, jwks_uri: `${issuer.url}/keys` })),
    ],
    ['describes nobody', () => issuer.json(DISCOVERY, () => null)],
    ['names no keys', () => issuer.json(DISCOVERY, () => ({ issuer: issuer.url }))],
    ['has keys in a file', () => issuer.json(DISCOVERY, () => ({ issuer: issuer.url, jwks_uri: 'file:///etc/keys' }))],
    [
      'has keys at plain HTTP elsewhere',
      () => issuer.json(DISCOVERY, () => ({ issuer: issuer.url, jwks_uri: 'http://192.0.2.1/keys' })),
    ],
    ['has keys that are none', () => issuer.json('/keys', () => ({ keys: 'none' }))],
    [
      'has a set of keys without end',
      () => issuer.json('/keys', () => ({ keys: issuer.keys, more: 'x'.repeat(300_000) })),
    ],
    [
      'sends us elsewhere',
      () => {
        issuer.json('/elsewhere', () => ({ keys: issuer.keys }));
        issuer.answers.set('/keys', (_, res) => res.writeHead(302, { location: `${issuer.url}/elsewhere` }).end());
      },
    ],
  ];
  it.each(ways)('because it %s is no pass, and not asked again at once', async (_, spoil) => {
    spoil();
    const token = await sign();
    expect(await callerOf(token)).toEqual(unavailable);
    const { length } = issuer.asked;
    expect(await callerOf(token)).toEqual(unavailable);
    expect(issuer.asked).toHaveLength(length);
    expect(issuer.asked).not.toContain('/elsewhere');
    expect(logged).toHaveLength(1);
    clock.advance(2 * SECOND);
    expect(await callerOf(token)).toMatchObject({ code: 'issuer-unavailable', retryAfterMs: 3_000 });
    clock.advance(3 * SECOND);
    await callerOf(token);
    expect(issuer.asked.length).toBeGreaterThan(length);
  });

  it('is asked again when the clock has stepped back since it failed', async () => {
    issuer.answers.delete(DISCOVERY);
    expect(await callerOf(await sign())).toEqual(unavailable);
    issuer.json(DISCOVERY, () => ({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }));
    clock.advance(-DAY);
    expect(await callerOf(await sign())).toMatchObject({ ok: true });
  });

  it('because nobody listens there is no pass', async () => {
    const token = await sign();
    await issuer.stop();
    expect(await callerOf(token)).toEqual(unavailable);
  });

  it('because it does not answer to the end is not waited for', async () => {
    issuer.answers.set('/keys', (_, res) => void res.write('{"keys":['));
    await expect(readJson(new URL(`${issuer.url}/keys`), 50)).rejects.toThrow(/\/keys did not answer within 0\.05 s$/);
    issuer.answers.set('/keys', () => {});
    await expect(readJson(new URL(`${issuer.url}/keys`), 50)).rejects.toThrow('did not answer within');
  });

  it('keeps no more than fifty callers waiting', async () => {
    let go = () => {};
    const arrived = new Promise<void>((resolve) => {
      issuer.answers.set('/keys', (_, res) => {
        go = () => res.end(JSON.stringify({ keys: issuer.keys }));
        resolve();
      });
    });
    const token = await sign();
    const waiting = Array.from({ length: 50 }, () => callerOf(token));
    expect(await callerOf(token)).toEqual(unavailable);
    await arrived;
    go();
    for (const { ok } of await Promise.all(waiting)) expect(ok).toBe(true);
  });

  it('believed a moment ago, is believed for the rest of its ten minutes', async () => {
    const token = await sign();
    expect(await callerOf(token)).toMatchObject({ ok: true });
    issuer.answers.clear();
    expect(await callerOf(token)).toMatchObject({ ok: true });
    clock.advance(10 * MINUTE);
    expect(await callerOf(await sign())).toEqual(unavailable);
  });
});

describe('the addresses', () => {
  it('are below the issuer, with or without a slash at its end', () => {
    expect(discoveryUrl('https://gitlab.example').href).toBe('https://gitlab.example/.well-known/openid-configuration');
    expect(discoveryUrl('https://idp.example/a/').href).toBe('https://idp.example/a/.well-known/openid-configuration');
  });

  it.each([
    'http://idp.example',
    'ftp://idp.example',
    'idp.example',
    'https://idp.example?a=b',
    'https://u:p@idp.example',
  ])('of %s are not read', (url) => {
    expect(() => discoveryUrl(url)).toThrow('no https:// address');
  });

  it('of keys may be another host, but no other scheme, nor this machine', () => {
    const from = 'https://idp.example';
    const keys = (uri: unknown) => keysUrl({ issuer: from, jwks_uri: uri }, from);
    expect(keys('https://keys.example/jwks').href).toBe('https://keys.example/jwks');
    for (const uri of ['http://idp.example/jwks', 'http://localhost/jwks', 'https://u@idp.example/jwks', '/jwks', 7])
      expect(() => keys(uri)).toThrow('no https:// address of keys');
  });
});
