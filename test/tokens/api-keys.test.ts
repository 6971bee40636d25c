import { createHash } from 'node:crypto';
import { hashOfApiKey, newApiKey } from '../../src/tokens/api-key.ts';
import { createCredentials } from '../../src/tokens/credentials.ts';
import { TestClock } from '../support/clock.ts';

const [key, older, other] = [newApiKey(), newApiKey(), newApiKey()];
const apiKeys = new Map([
  ['jenkins', [hashOfApiKey(older), hashOfApiKey(key)]],
  ['agent', [hashOfApiKey(other)]],
]);
const { callerOf } = createCredentials({
  audience: 'latchkey',
  issuers: () => new Set(),
  apiKeys: () => apiKeys,
  clock: new TestClock(),
});

describe('an API key', () => {
  it('is 256 random bits behind lk_, and settings keep its SHA-256', () => {
    expect(key).toMatch(/^lk_[\w-]{43}$/);
    expect(Buffer.from(key.slice(3), 'base64url')).toHaveLength(32);
    expect(key).not.toBe(older);
    expect(hashOfApiKey(key)).toBe(createHash('sha256').update(key).digest('hex'));
  });

  it('says which caller it is, also while it is being replaced', async () => {
    for (const good of [key, older])
      expect(await callerOf(`Bearer ${good}`)).toEqual({ ok: true, caller: { kind: 'api-key', name: 'jenkins' } });
    expect(await callerOf(`bearer  ${other} `)).toMatchObject({ caller: { name: 'agent' } });
  });

  it.each([
    ['another one', newApiKey()],
    ['a longer one', `${key}x`],
    ['a shorter one', key.slice(0, -1)],
    ['one in other letters', `lk_${key.slice(3).toUpperCase()}x`],
    ['none', 'lk_'],
    ['its hash', `lk_${hashOfApiKey(key)}`],
    ['one with an invisible mark', `${key}\u200b`],
  ])('is refused when the settings have none like it: %s', async (_, bad) => {
    const answer = await callerOf(`Bearer ${bad}`);
    expect(answer).toMatchObject({
      ok: false,
      code: 'bad-token',
      sentence: expect.stringContaining('no such API key'),
    });
    expect(JSON.stringify(answer)).not.toContain(bad.slice(3) || '\0');
  });

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['only the word', 'Bearer'],
    ['a space', 'Bearer '],
    ['the key alone', key],
    ['another scheme', `Basic ${key}`],
    ['two', `Bearer ${key} ${key}`],
    ['a comma', `Bearer,${key}`],
  ])('that is not sent as a bearer is none: %s', async (_, authorization) => {
    expect(await callerOf(authorization)).toMatchObject({
      ok: false,
      code: 'no-credential',
      sentence: expect.stringContaining('Authorization: Bearer'),
    });
  });
});
