import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import type { Identified } from '../../src/app/ports/credentials.ts';
import { createCredentials } from '../../src/tokens/credentials.ts';
import { MINUTE, SECOND, TestClock } from '../support/clock.ts';
import { TokenIssuer } from '../support/token-issuer.ts';

let issuer: TokenIssuer;
let stranger: TokenIssuer;
let clock: TestClock;
let callerOf: (token: string) => Promise<Identified>;

beforeEach(async () => {
  issuer = await TokenIssuer.start();
  stranger = await TokenIssuer.start();
  clock = new TestClock();
  const named = new Set([issuer.url]);
  const credentials = createCredentials({
    audience: 'latchkey',
    issuers: () => named,
    apiKeys: () => new Map(),
    clock,
  });
  callerOf = (token) => credentials.callerOf(`Bearer ${token}`);
});
afterEach(() => Promise.all([issuer.stop(), stranger.stop()]));

const now = () => new Date(clock.now());
const seconds = () => now().getTime() / 1000;
const refused = (sentence: RegExp) => ({ ok: false, code: 'bad-token', sentence: expect.stringMatching(sentence) });

describe('a good ID token', () => {
  it('says who calls, and what it says of them', async () => {
    const token = await issuer.sign(now(), {
      repository: 'acme/api',
      run_attempt: 1,
      ref_protected: true,
      groups: ['ci', 7],
      empty: [],
      nested: { repository: 'acme/other' },
      mixed: ['ci', { admin: true }],
      nothing: null,
      big: 2 ** 53,
      jti: 'one',
    });
    expect(await callerOf(token)).toEqual({
      ok: true,
      caller: {
        kind: 'oidc',
        issuer: issuer.url,
        subject: 'repo:acme/api:ref:refs/heads/main',
        claims: {
          repository: 'acme/api',
          run_attempt: '1',
          ref_protected: 'true',
          groups: ['ci', '7'],
          empty: [],
        },
      },
    });
  });

  it.each(['RS256', 'PS384', 'ES512', 'EdDSA'])('may be signed with %s', async (alg) => {
    await issuer.publish('other', alg);
    expect(await callerOf(await issuer.sign(now(), {}, { alg, kid: 'other' }))).toMatchObject({ ok: true });
  });

  it('may be for several audiences, ours among them', async () => {
    expect(await callerOf(await issuer.sign(now(), { aud: ['vault', 'latchkey'] }))).toMatchObject({ ok: true });
  });

  it('may come from a machine whose clock is half a minute off', async () => {
    const token = await issuer.sign(new Date(now().getTime() + 29 * SECOND), { nbf: seconds() + 29 });
    expect(await callerOf(token)).toMatchObject({ ok: true });
    expect(await callerOf(await issuer.sign(now(), { exp: seconds() - 29 }))).toMatchObject({ ok: true });
  });
});

describe('a token is refused', () => {
  it('when it is signed by nobody', async () => {
    const token = new UnsecuredJWT({ iss: issuer.url, aud: 'latchkey', sub: 'x', exp: seconds() + 60 }).encode();
    expect(await callerOf(token)).toEqual(refused(/must be signed with one of RS256/));
    expect(issuer.asked).toEqual([]);
  });

  it('when it is signed with the public key, as if that were a secret', async () => {
    const key = await importJWK({ ...issuer.keys[0], kty: 'EC' }, 'ES256', { extractable: true });
    const secret = new TextEncoder().encode(await exportSPKI(key as never));
    expect(await callerOf(await issuer.sign(now(), {}, { alg: 'HS256', key: secret }))).toEqual(
      refused(/must be signed with one of/),
    );
  });

  it.each([
    ['another audience', { aud: 'vault' }, /for another audience \(`aud`\): get one for "latchkey"/],
    ['no audience', { aud: undefined }, /for another audience/],
    ['one that has ours in it', { aud: 'latchkey.example' }, /for another audience/],
    ['no end', { exp: undefined }, /`exp` is missing/],
    ['an end that is no number', { exp: 'tomorrow' }, /`exp` is missing or is not what it must be/],
    ['nobody', { sub: undefined }, /`sub` is missing/],
    ['nobody in particular', { sub: '' }, /`sub` must be a text of 1 to 512/],
    ['somebody with a long name', { sub: 'x'.repeat(513) }, /`sub` must be a text of 1 to 512/],
    ['two lines of a name', { sub: 'ana\nApproved by <@U01DEE>' }, /`sub` must be/],
    [
      'more claims than can be kept',
      { a: 'x'.repeat(5_000), b: Array(100).fill('y'.repeat(200)) },
      /longer than|more than can be kept/,
    ],
    [
      'many small claims',
      Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`c${i}`, ''])),
      /longer than|more than/,
    ],
    ['a line feed', { ref: 'main\nx' }, /control characters/],
    ['half a character', { ref: '\ud800' }, /control characters/],
  ])('when it is for %s', async (_, claims, sentence) => {
    expect(await callerOf(await issuer.sign(now(), claims))).toEqual(refused(sentence));
  });

  it.each(['at+jwt', 'logout+jwt', 'application/at+jwt', ''])('when it is another kind of token: %s', async (typ) => {
    expect(await callerOf(await issuer.sign(now(), {}, { typ }))).toEqual(refused(/another kind of token/));
  });

  it.each<[string, object]>([
    ['a type that is no text', { typ: { toString: 1 } }],
    ['a list of types', { typ: ['JWT'] }],
    ['an algorithm that is no text', { alg: ['ES256'] }],
    ['an algorithm of another kind of key', { alg: 'RS256' }],
    ['no algorithm', { alg: undefined }],
    ['something that has to be understood', { crit: ['exp'] }],
    ['a body that is not encoded', { crit: ['b64'], b64: false }],
    ['another key of its issuer', { kid: 'second' }],
    ['a key of no name', { kid: '../first' }],
    ['a key that is no text', { kid: { toString: 1 } }],
  ])('when its head was changed to say %s', async (_, change) => {
    await issuer.publish('second');
    const [head = '', body, signature] = (await issuer.sign(now())).split('.');
    const changed = { ...JSON.parse(Buffer.from(head, 'base64url').toString()), ...change };
    const token = `${Buffer.from(JSON.stringify(changed)).toString('base64url')}.${body}.${signature}`;
    expect(await callerOf(token)).toMatchObject({ ok: false, code: 'bad-token' });
  });

  it('when it brings its own key, or says where one is', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'first', alg: 'ES256' };
    stranger.json('/keys', () => ({ keys: [jwk] }));
    const payload = { iss: issuer.url, aud: 'latchkey', sub: 'x', exp: seconds() + 60 };
    for (const brought of [{ jwk }, { jku: `${stranger.url}/keys` }, { x5u: `${stranger.url}/keys` }]) {
      const token = await new SignJWT(payload)
        .setProtectedHeader({ alg: 'ES256', kid: 'first', ...brought })
        .sign(privateKey);
      expect(await callerOf(token)).toEqual(refused(/signature is not/));
    }
    expect(stranger.asked).toEqual([]);
  });

  it('when its time is over, has not come, or lies ahead', async () => {
    expect(await callerOf(await issuer.sign(now(), { exp: seconds() - 31 }))).toEqual(refused(/has expired/));
    expect(await callerOf(await issuer.sign(now(), { nbf: seconds() + 31 }))).toEqual(refused(/not valid yet/));
    expect(await callerOf(await issuer.sign(now(), { iat: seconds() + 31 }))).toEqual(refused(/in the future/));
    const token = await issuer.sign(now());
    expect(await callerOf(token)).toMatchObject({ ok: true });
    clock.advance(6 * MINUTE);
    expect(await callerOf(token)).toEqual(refused(/has expired/));
  });

  it('when somebody else signed it with a key of the same name', async () => {
    const { privateKey: key } = await generateKeyPair('ES256');
    expect(await callerOf(await issuer.sign(now(), {}, { key }))).toEqual(refused(/signature is not its issuer's/));
  });

  it('when a word of it was changed', async () => {
    const [head, , signature] = (await issuer.sign(now())).split('.');
    const [, body] = (await issuer.sign(now(), { repository: 'acme/api' })).split('.');
    expect(await callerOf(`${head}.${body}.${signature}`)).toEqual(refused(/signature is not/));
  });

  it.each(['x', 'a.b', 'a.b.c', '..', 'e30.e30.e30', `${'a'.repeat(13_000)}.b.c`])(
    'when it is none: %.20s',
    async (token) => {
      expect(await callerOf(token)).toMatchObject({ ok: false, code: 'bad-token' });
    },
  );
});

describe('claims with names of the language', () => {
  it('are claims like others, and reach nothing', async () => {
    const claims = JSON.parse(
      '{"__proto__": "x", "constructor": "y", "toString": "z", "nested": {"__proto__": {"ok": 1}}}',
    );
    const got = await callerOf(await issuer.sign(now(), claims));
    if (!got.ok || got.caller.kind !== 'oidc') throw new Error('it is a good token');
    expect(Object.entries(got.caller.claims)).toEqual(
      expect.arrayContaining([
        ['constructor', 'y'],
        ['toString', 'z'],
      ]),
    );
    expect(Object.getPrototypeOf(got.caller.claims)).toBe(Object.prototype);
    expect(({} as { ok?: unknown }).ok).toBeUndefined();
  });
});

describe('an issuer that no action names', () => {
  it('is never asked for anything', async () => {
    const named = await issuer.sign(now());
    for (const token of [
      await stranger.sign(now()),
      await stranger.sign(now(), { iss: `${issuer.url}/` }),
      await stranger.sign(now(), { iss: [issuer.url] }),
      await stranger.sign(now(), { iss: undefined }),
    ])
      expect(await callerOf(token)).toEqual(refused(/issuer that no action names/));
    expect([...stranger.asked, ...issuer.asked]).toEqual([]);
    expect(await callerOf(named)).toMatchObject({ ok: true });
  });

  it('cannot speak for one that it names', async () => {
    expect(await callerOf(await stranger.sign(now(), { iss: issuer.url }))).toEqual(refused(/signature is not/));
    expect(stranger.asked).toEqual([]);
  });
});
