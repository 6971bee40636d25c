import { readFile } from 'node:fs/promises';
import { evaluate, formatProblem, type PolicySet, parsePolicies, readPolicyFolder } from '../../src/policy/index.ts';
import { provider as postgresRole } from '../../src/providers/postgres-role/index.ts';
import { provider as scimGroup } from '../../src/providers/scim-group/index.ts';

/** What the playground sets. */
const ENV: Readonly<Record<string, string>> = {
  PLAYGROUND_SCIM_URL: 'http://127.0.0.1:3999/scim/v2',
  PLAYGROUND_SCIM_TOKEN: 'playground-token',
};

describe('the sample policies', () => {
  let policies: PolicySet;
  beforeAll(async () => {
    const folder = await readPolicyFolder('policies');
    if (!folder.ok) throw new Error(folder.problems.map(formatProblem).join('\n'));
    // The providers themselves, so that the samples cannot drift from what they accept.
    const providers = new Map([scimGroup, postgresRole].map((provider) => [provider.name, provider]));
    const parsed = parsePolicies(folder.files, providers, (name) => ENV[name]);
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
    policies = parsed.policies;
  });

  const asks = (slack: string, access: string, reason = 'looking into slow queries') => {
    const decision = evaluate(policies, { slack, access, reason, now: '2026-03-02T12:00:00.000Z' });
    return decision.ok ? decision.flow.name : decision.refusal.code;
  };

  it('name exactly the people of the playground', () => {
    expect(policies.directory.people.map(({ email, slack }) => [email, slack])).toEqual([
      ['ana@example.com', 'U01ANA'],
      ['ben@example.com', 'U01BEN'],
      ['cy@example.com', 'U01CY'],
      ['dee@example.com', 'U01DEE'],
      ['eli@example.com', 'U01ELI'],
    ]);
  });

  it('offer four accesses, all at the target that the playground has', () => {
    expect([...policies.accesses.keys()]).toEqual([
      'customer-data-export',
      'prod-db-read',
      'prod-db-write',
      'staging-admin',
    ]);
    for (const access of policies.accesses.values()) expect(access.targets).toEqual(['directory']);
  });

  it('let an engineer ask for everything', () => {
    expect(asks('U01ANA', 'prod-db-read')).toBe('database administrators');
    expect(asks('U01ANA', 'prod-db-write')).toBe('two people');
    expect(asks('U01ANA', 'staging-admin')).toBe('staging is open');
    expect(asks('U01ANA', 'customer-data-export')).toBe('security and database administrators');
  });

  it('show what refusals look like', () => {
    expect(asks('U01ELI', 'prod-db-write')).toBe('denied-by-policy');
    expect(asks('U01DEE', 'prod-db-read')).toBe('not-eligible');
    expect(asks('U01ANA', 'prod-db-write', 'because')).toBe('invalid-field');
    expect(asks('U01CY', 'customer-data-export')).toBe('no-approvers');
  });

  it('begin with a word to the newcomer', async () => {
    const folder = await readPolicyFolder('policies');
    if (!folder.ok) throw new Error('read above');
    for (const { path } of folder.files) expect(await readFile(path, 'utf8')).toMatch(/^# \S/);
  });
});
