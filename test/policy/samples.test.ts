import { readFile } from 'node:fs/promises';
import { cast, channels, groups, usergroups } from '../../src/playground/cast.ts';
import { evaluate, formatProblem, type PolicySet, parsePolicies, readPolicyFolder } from '../../src/policy/index.ts';
import { review } from '../../src/policy/review/review.ts';
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
    const fields = { ticket: 'SUP-42', customers: 'one', incident: 'INC-42' };
    const given = policies.accesses.get(access)?.fields.map(({ name }) => [name, fields[name as keyof typeof fields]]);
    const decision = evaluate(policies, {
      slack,
      access,
      reason,
      fields: Object.fromEntries(given ?? []),
      now: '2026-03-02T12:00:00.000Z',
    });
    return decision.ok ? decision.flow.name : decision.refusal.code;
  };

  it('name exactly the people of the playground', () => {
    expect(policies.directory.people.map(({ email, slack }) => [email, slack])).toEqual([
      ['ana@example.com', 'U01ANA'],
      ['ben@example.com', 'U01BEN'],
      ['cy@example.com', 'U01CY'],
      ['dee@example.com', 'U01DEE'],
      ['eli@example.com', 'U01ELI'],
      ['fay@example.com', 'U01FAY'],
      ['gus@example.com', 'U01GUS'],
      ['hal@example.com', 'U01HAL'],
    ]);
  });

  it('name people, channels, groups and user groups that the playground has', () => {
    expect(policies.directory.people.map(({ email, slack }) => [slack, email])).toEqual(
      cast.map(({ id, email }) => [id, email]),
    );
    const names = new Set(channels.map(({ name }) => `#${name}`));
    const granted = new Set<string>();
    for (const { channel } of policies.actions.values()) expect(names).toContain(channel);
    for (const access of policies.accesses.values()) {
      if (access.channel !== undefined) expect(names).toContain(access.channel);
      for (const { permission } of access.grants) granted.add(permission.group ?? '');
    }
    expect([...granted].sort()).toEqual(Object.keys(groups).sort());
    expect([...policies.live.usergroups.values()]).toEqual(usergroups.map(({ id }) => id));
  });

  it('offer a small company’s accesses, all in the one directory that the playground has', () => {
    expect([...policies.accesses.keys()].sort()).toEqual([
      'cloud-admin',
      'contractor-db-read',
      'customer-data-export',
      'prod-db-read',
      'prod-db-write',
      'prod-servers',
      'sales-figures',
      'staging-admin',
    ]);
    const systems = new Set([...policies.targets.values()].map(({ provider, system }) => `${provider} ${system}`));
    expect([...systems]).toEqual([`scim-group ${ENV.PLAYGROUND_SCIM_URL}`]);
  });

  it('let pipelines ask for what cannot be undone, by what their tokens say', () => {
    const callers = [...policies.actions.values()].flatMap(({ name, callers: rules }) =>
      rules.map((rule) => [name, rule.kind === 'oidc' ? rule.issuer : rule.name]),
    );
    expect(callers).toEqual([
      ['delete-customer-data', 'https://token.actions.githubusercontent.com'],
      ['deploy-production', 'https://token.actions.githubusercontent.com'],
    ]);
    // NB. whoever copies the samples would copy a key whose secret everybody can read.
    expect([...policies.settings.apiKeys]).toEqual([]);
  });

  it('let an engineer ask for what engineers need', () => {
    expect(asks('U01ANA', 'prod-db-read')).toBe('database administrators');
    expect(asks('U01ANA', 'prod-db-write')).toBe('two people');
    expect(asks('U01ANA', 'staging-admin')).toBe('staging is open');
    expect(asks('U01ANA', 'customer-data-export')).toBe('one customer');
    expect(asks('U01ANA', 'sales-figures')).toBe('a working day');
  });

  it('show what refusals look like', () => {
    expect(asks('U01ELI', 'prod-db-write')).toBe('denied-by-policy');
    expect(asks('U01DEE', 'prod-db-read')).toBe('not-eligible');
    expect(asks('U01ANA', 'prod-db-write', 'because')).toBe('invalid-field');
    // Slack did not say who is on call: nobody guesses.
    expect(asks('U01ANA', 'prod-servers')).toBe('policy-error');
    expect(asks('U0WHO', 'sales-figures')).toBe('unknown-person');
  });

  it('raise no question that a reviewer would ask', () => {
    expect(review(policies).map(formatProblem)).toEqual([]);
  });

  it('begin with a word to the newcomer', async () => {
    const folder = await readPolicyFolder('policies');
    if (!folder.ok) throw new Error('read above');
    for (const { path } of folder.files) expect(await readFile(path, 'utf8')).toMatch(/^# \S/);
  });
});
