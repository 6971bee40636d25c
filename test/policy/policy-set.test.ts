import { inspect } from 'node:util';
import { FrozenMap } from '../../src/policy/frozen.ts';
import { parsePolicies, withCommit } from '../../src/policy/index.ts';
import { providers } from './support/providers.ts';
import { access, DIRECTORY, env, policiesIn, policiesWith, SECRET, TARGETS } from './support/world.ts';

describe('loaded policies', () => {
  it('hold what the files say, defaults filled in', () => {
    const policies = policiesIn({
      'd.yaml': DIRECTORY,
      't.yaml': TARGETS,
      's.yaml':
        "version: 1\nkind: settings\ntimezone: Europe/Berlin\nmatch_slack_email: false\ndigest: {channel: C012AUDIT, at: '09:00', days: [mon, fri, mon]}\n",
      'a.yaml': access({ labels: '{env: production}', flows: '[{name: a, auto_approve: true}]' }),
    });
    expect(policies.settings).toEqual({
      timezone: 'Europe/Berlin',
      schedules: new FrozenMap([]),
      apiKeys: new FrozenMap([]),
      digest: { channel: 'C012AUDIT', at: '09:00', days: ['mon', 'fri'] },
    });
    expect(policies.accesses.get('db-read')).toMatchObject({
      name: 'db-read',
      title: 'db-read',
      labels: { env: 'production' },
      targets: ['app-db'],
      requesters: [{ kind: 'group', name: 'backend' }],
      deny: [],
      duration: { defaultMs: 3_600_000, maxMs: 14_400_000 },
      reason: { required: false, minLength: 0 },
      flows: [{ name: 'a', autoApprove: true, steps: [], timeoutMs: 28_800_000 }],
    });
    expect(policies.targets.get('app-db')).toMatchObject({
      provider: 'postgres-role',
      owner: { kind: 'group', name: 'dba' },
    });
    expect(policies.targets.get('unowned')?.owner).toBeUndefined();
  });

  it('need nothing but what they need: no settings, no accesses, no files', () => {
    expect(policiesIn({}).settings).toEqual({
      timezone: 'UTC',
      schedules: new FrozenMap([]),
      apiKeys: new FrozenMap([]),
    });
    expect(policiesIn({ 'a.yaml': '# nothing yet\n---\n# nor here\n' }).accesses.size).toBe(0);
  });

  it('add up over files and documents, whatever their order', () => {
    const more =
      'version: 1\nkind: directory\npeople: [{email: zoe@example.com, manager: ana@example.com}]\ngroups: {oncall: [ben@example.com]}\n';
    const policies = policiesIn({
      'a.yaml': `${more}---\n${access({ requesters: "['group:oncall']" })}`,
      'z.yaml': `${TARGETS}---\n${DIRECTORY}`,
    });
    expect(policies.directory.members('oncall').map(({ email }) => email)).toEqual(['ben@example.com']);
    expect(policies.directory.byEmail('zoe@example.com')?.manager).toBe('ana@example.com');
  });

  it('cannot be changed', () => {
    const policies = policiesWith(access({ labels: '{env: production}' }));
    const found = policies.accesses.get('db-read')!;
    const target = policies.targets.get('app-db')!;
    const frozen: object[] = [
      policies,
      policies.revision,
      policies.settings,
      policies.search,
      found,
      found.labels,
      found.grants,
      found.grants[0]!.permission,
      found.requesters,
      found.duration,
      found.reason,
      found.flows[0]!,
      found.flows[0]!.steps[0]!.approvers,
      found.places,
      policies.directory,
      policies.directory.people,
      policies.directory.people[0]!,
      policies.directory.people[0]!.accounts,
      policies.directory.members('dba'),
      target,
      target.config,
      target.owner!,
    ];
    for (const part of frozen) expect(Object.isFrozen(part)).toBe(true);
    expect((policies.accesses as Map<string, unknown>).set).toBeUndefined();
    expect(() => Map.prototype.set.call(policies.accesses, 'x', found)).toThrow(TypeError);
  });
});

describe('the settings of a target', () => {
  const target = policiesWith(access()).targets.get('directory')!;

  it('reach the provider whole', () => {
    expect({ ...target.config }).toEqual({ url: 'https://idp.example.com/scim/v2', token: SECRET });
    // A provider may check them again, and finds no key that it does not know.
    expect(providers.get('scim-group')!.config.safeParse(target.config).success).toBe(true);
  });

  it('never print', () => {
    const policies = policiesWith(access());
    const prints = [
      JSON.stringify(target.config),
      JSON.stringify({ a: [target, target.config] }),
      JSON.stringify([...policies.targets]),
      JSON.stringify({ ...policies, targets: [...policies.targets.values()] }),
      inspect(target.config),
      inspect(policies, { depth: 20 }),
      inspect([...policies.targets.values()], { depth: 20, getters: true }),
      String(target.config),
    ];
    for (const print of prints) expect(print).not.toContain(SECRET);
    expect(JSON.stringify(target.config)).toBe('"[target config]"');
    expect(inspect(target.config)).toBe('[target config]');
  });

  it('take the environment’s value as it is, in any text', () => {
    const text = TARGETS.replace(
      "'${env:POSTGRES_URL}'",
      "'${env:POSTGRES_URL}', options: {pool: 3}, end_sessions: true",
    );
    const policies = policiesIn({ 'd.yaml': DIRECTORY, 't.yaml': text });
    expect({ ...policies.targets.get('app-db')!.config }).toEqual({
      url: `postgresql://latchkey:${SECRET}@db.example.com/app`,
      options: { pool: 3 },
      end_sessions: true,
    });
  });
});

describe('the revision', () => {
  const files = [
    { path: 'p/a.yaml', text: access() },
    { path: 'p/d.yaml', text: DIRECTORY },
    { path: 'p/t.yaml', text: TARGETS },
  ];
  const digest = (of: typeof files): string => {
    const parsed = parsePolicies(of, providers, env);
    if (!parsed.ok) throw new Error('these are good');
    return parsed.policies.revision.digest;
  };

  it('is the same for the same files in any order, with or without tests and byte order marks', () => {
    const first = digest(files);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(digest(files.toReversed())).toBe(first);
    expect(digest([...files, { path: 'p/a.test.yaml', text: 'anything: [' }])).toBe(first);
    expect(digest([...files, { path: 'p/README.md', text: '# hello' }])).toBe(first);
    expect(digest(files.map(({ path, text }) => ({ path, text: `\uFEFF${text}` })))).toBe(first);
  });

  it('differs for any other text, name or division into files', () => {
    const all = [
      files,
      files.map(({ path, text }) => ({ path, text: `${text}\n` })),
      files.map(({ path, text }) => ({ path: path.replace('p/', 'q/'), text })),
      [{ path: 'p/a.yaml', text: files.map(({ text }) => text).join('---\n') }],
      [{ path: 'p/a.yaml', text: '' }, ...files.slice(1)],
    ];
    expect(new Set(all.map(digest)).size).toBe(all.length);
  });

  it('can be given a commit', () => {
    const policies = policiesWith(access());
    const committed = withCommit(policies, 'abc');
    expect(committed.revision).toEqual({ digest: policies.revision.digest, commit: 'abc' });
    expect(policies.revision).not.toHaveProperty('commit');
    expect(committed.accesses).toBe(policies.accesses);
    expect(committed.targets.get('directory')?.config).toBe(policies.targets.get('directory')?.config);
  });
});
