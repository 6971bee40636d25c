import { provider } from '../../../src/providers/scim-group/index.ts';

describe('the settings of a SCIM directory', () => {
  const problems = (config: object) => {
    const parsed = provider.config.safeParse({ token: 't', url: 'https://idp.example.com/scim/v2', ...config });
    return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  };

  it.each([
    'https://idp.example.com/scim/v2',
    'http://localhost:8080/scim',
    'http://127.0.0.1:1/',
    'http://[::1]/scim',
  ])('may be %s', (url) => {
    expect(problems({ url })).toEqual([]);
  });

  it.each([
    ['http://idp.example.com/scim/v2', 'use https'],
    ['http://127.0.0.1.example.com/', 'use https'],
    ['http://localhost.example.com/', 'use https'],
    ['https://user:pw@idp.example.com/', 'without a user name'],
    ['https://idp.example.com/scim?tenant=1', 'without ?'],
    ['ftp://idp.example.com/', 'SCIM base address'],
    ['idp.example.com', 'SCIM base address'],
  ])('may not be %s', (url, why) => {
    expect(problems({ url })).toEqual([expect.stringContaining(why)]);
  });

  it.each(['', 'two words', 'line\nbreak', 'ünicode'])('may not have the token %j', (token) => {
    expect(problems({ token })).toEqual([expect.stringContaining('bearer token')]);
  });

  it.each([
    ['https://idp.example.com/scim/v2', 'https://idp.example.com/scim/v2'],
    ['https://IDP.example.com:443/scim/v2//', 'https://idp.example.com/scim/v2'],
    ['https://idp.example.com/Scim', 'https://idp.example.com/Scim'],
    ['http://localhost:8080', 'http://localhost:8080'],
  ])('%s is the system %s', (url, system) => {
    expect(provider.identity({ url, token: 't' })).toBe(system);
  });

  it('may not name a group with hidden characters', () => {
    for (const group of ['a\nb', 'a\0b', '\u0085', 'x'.repeat(1001)]) {
      expect(provider.permission.safeParse({ group }).success).toBe(false);
    }
  });
});
