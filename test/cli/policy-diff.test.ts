import { readdir, symlink } from 'node:fs/promises';
import type { PolicyDiff } from '../../src/policy/index.ts';
import { latchkey } from '../support/product.ts';
import { AuditedDatabase, inProcess } from './support/audited-database.ts';
import { GitRepository } from './support/git-repository.ts';

let repository: GitRepository;
beforeEach(async () => {
  repository = await GitRepository.make();
});
afterEach(() => repository.remove());

const diff = (...args: string[]) => latchkey(['policy', 'diff', ...args], {}, undefined, repository.folder);
const longer = () => repository.replace('policies/staging.yaml', 'max: 8h', 'max: 12h');
const LONGER =
  'wider     group:backend (3 people) can ask for staging-admin for at most 12h; was at most 8h  [policies/staging.yaml:12]\n' +
  '1 wider, 0 narrower, 0 other; over 8 accesses, 2 actions and 8 people.\n' +
  'Conditions of customer-data-export ask for what people write, which can be anything: compared for the words that the conditions mention and for usual ones.\n' +
  'Who is in group:on-call is known to Slack or a directory, not to the files: members are compared as people in no other group, and changes among them are not seen.\n';

describe('latchkey policy diff', () => {
  it('compares a revision with a folder, a folder with a revision, and two revisions', async () => {
    const before = repository.git('rev-parse', 'HEAD');
    await longer();
    expect(await diff('main', 'policies')).toEqual({ code: 0, out: LONGER, err: '' });
    expect(await diff('HEAD', './policies')).toEqual({ code: 0, out: LONGER, err: '' });
    expect((await diff('policies', 'HEAD')).out).toMatch(/^narrower +group:backend/);
    repository.commit('longer');
    for (const old of ['HEAD~1', 'main~1:policies', 'HEAD^', before, `${before.slice(0, 10)}:policies/`])
      expect(await diff(old, 'HEAD')).toEqual({ code: 0, out: LONGER, err: '' });
    expect(await diff('main', 'policies')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^No decision differs/),
    });
  });

  it('reads a revision out of Git’s own store: the work tree, the index and what is changed in them stay as they are', async () => {
    await longer();
    await repository.write('policies/broken.yaml', 'this: is [not yaml');
    repository.git('add', 'policies/staging.yaml');
    const before = [repository.git('status', '--porcelain=v2'), await readdir(repository.folder)];
    expect((await diff('main', 'HEAD')).out).toMatch(/^No decision differs/);
    expect([repository.git('status', '--porcelain=v2'), await readdir(repository.folder)]).toEqual(before);
  });

  it('fails on wider changes only when it is told to, with a code of its own', async () => {
    await longer();
    expect(await diff('main', 'policies', '--fail-on', 'wider')).toEqual({ code: 3, out: LONGER, err: '' });
    expect((await diff('policies', 'main', '--fail-on', 'wider')).code).toBe(0);
    expect((await diff('main', 'main', '--fail-on=wider')).code).toBe(0);
  });

  it('says what is wrong with the command line', async () => {
    await repository.write('v1/x.yaml', 'version: 1');
    repository.git('tag', 'v1');
    const wrong: [string[], RegExp][] = [
      [['main'], /Something is missing/],
      [['main', 'policies', 'more'], /one word too many/],
      [['main', 'policies', '--frmat'], /^Unknown option '--frmat'\.\nUsage: /],
      [['main', 'policies', '--fail-on', 'narrower'], /--fail-on narrower: it is wider/],
      [['main', 'policies', '--format', 'xml'], /text, json, markdown/],
      [['nope', 'policies'], /^nope: there is no such folder, and no such revision/],
      [['main:nope', 'policies'], /there is no folder nope in [0-9a-f]{12}/],
      [['main:policies/staging.yaml', 'policies'], /there is no folder policies\/staging.yaml/],
      [['v1', 'policies'], /there is a folder and a revision of this name/],
      [['--', '--output=x', 'policies'], /neither a folder nor a revision/],
    ];
    for (const [args, err] of wrong)
      expect(await diff(...args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(err) });
  });

  it('prints the problems of either side, and nothing else', async () => {
    await repository.replace('policies/staging.yaml', 'max: 8h', 'max: 8');
    const folder = await diff('main', 'policies');
    expect(folder).toMatchObject({ code: 2, out: '' });
    expect(folder.err).toMatch(/^In policies:\npolicies\/staging\.yaml:12:\d+ bad-duration/);
    repository.commit('broken');
    expect((await diff('HEAD', 'HEAD~1')).err).toMatch(/^In HEAD:\npolicies\/staging\.yaml:12:/);
  });

  it('keeps the limits of a folder, and follows no link out of it', async () => {
    const problems = async (write: () => Promise<unknown>): Promise<string> => {
      const before = repository.git('rev-parse', 'HEAD');
      await write();
      repository.commit('more');
      const { code, err } = await diff('HEAD', before);
      expect(code).toBe(2);
      repository.git('reset', '-q', '--hard', before);
      return err;
    };
    await repository.write('elsewhere.yaml', 'version: 1\n');
    await repository.write('outside/x.yaml', 'version: 1\n');
    repository.commit('outside');
    const link = (target: string, path: string) => () => symlink(target, repository.path(path));
    expect(await problems(link('../elsewhere.yaml', 'policies/a.yaml'))).toMatch(
      /a\.yaml:1:1 link-leaves-folder .*out of/,
    );
    expect(await problems(link('/etc/passwd', 'policies/a.yaml'))).toMatch(/link-leaves-folder/);
    expect(await problems(link('../outside', 'policies/team'))).toMatch(
      /team:1:1 link-leaves-folder .* where this revision does not show/,
    );
    expect(await problems(() => repository.write('policies/big.yaml', '#'.repeat(1024 * 1024 + 1)))).toMatch(
      /big\.yaml:1:1 file-too-large/,
    );
    expect(await problems(() => repository.write('policies/latin.yaml', Buffer.from([65, 10, 0xe9])))).toMatch(
      /latin\.yaml:2:1 not-utf-8/,
    );
    expect(await problems(() => repository.write('policies/empty.yaml', ''))).toMatch(/empty-file/);
    const deep = `policies/${'d/'.repeat(18)}x.yaml`;
    expect(await problems(() => repository.write(deep, 'version: 1\n'))).toMatch(/folder-too-large/);
  });

  it('follows a link to a file of the folder, as it does on the disk, and leaves out hidden files and tests', async () => {
    await repository.write('policies/.hidden.yaml', 'broken: [');
    await repository.write('policies/x.test.yaml', 'broken: [');
    await repository.write('policies/notes.md', '# Notes');
    const text =
      'version: 1\nkind: access\nname: linked\nrequesters: []\ngrants: [{target: directory, group: g}]\nduration: {default: 1h, max: 1h}\n';
    await repository.write('policies/z.txt', text);
    await symlink('z.txt', repository.path('policies/linked.yaml'));
    repository.commit('linked');
    const [committed, onDisk] = [await diff('HEAD', 'HEAD~1'), await diff('policies', 'HEAD~1')];
    expect(committed).toMatchObject({ code: 0, out: expect.stringMatching(/over 9 accesses/) });
    expect(onDisk.out).toBe(committed.out);
  });

  it('takes a submodule for what it is: a folder that cannot be read here', async () => {
    const other = await GitRepository.make();
    repository.git('submodule', '--quiet', 'add', other.folder, 'policies/shared');
    repository.commit('a submodule');
    expect(await diff('HEAD', 'HEAD~1')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/policies\/shared:1:1 unreadable .*a Git submodule/),
    });
    await other.remove();
  });

  it('sees that a target is pointed elsewhere, although nothing of the environment is set', async () => {
    await repository.replace('policies/targets.yaml', 'env:PLAYGROUND_SCIM_URL', 'env:ANOTHER_SCIM_URL');
    expect((await diff('main', 'policies')).out).toMatch(/^wider +the target directory is another system\n/);
  });

  it('compares actions by the callers that their rules can tell apart', async () => {
    await repository.replace('policies/deploys.yaml', ", ref_protected: 'true'}", '}');
    await repository.replace('policies/deploys.yaml', 'valid_for: 15m', 'valid_for: 10m');
    const { code, out } = await diff('main', 'policies', '--fail-on', 'wider');
    expect(code).toBe(3);
    const who =
      'callers of https://token.actions.githubusercontent.com with environment=production and repository=acme/shop';
    expect(out.split('\n').slice(0, 4)).toEqual([
      `wider     ${who} can newly ask for deploy-production during office-hours: 1 approval (1 of group:platform or group:dba)  [policies/deploys.yaml:12]`,
      `wider     ${who} can newly ask for deploy-production outside office-hours: 1 approval (1 of group:incident-leads)  [policies/deploys.yaml:12]`,
      'narrower  deploy-production: an approval may be used for 10m instead of 15m  [policies/deploys.yaml:30]',
      '2 wider, 1 narrower, 0 other; over 8 accesses, 2 actions and 8 people.',
    ]);
  });

  it('as JSON tells people and places in full', async () => {
    await longer();
    const { out } = await diff('main', 'policies', '--format', 'json');
    const report = JSON.parse(out) as PolicyDiff & { old: { name: string; commit: string } };
    expect(report.old).toEqual({ name: 'main', commit: repository.git('rev-parse', 'HEAD') });
    expect(report.changes).toEqual([
      expect.objectContaining({
        direction: 'wider',
        kind: 'longer',
        accesses: ['staging-admin'],
        people: ['ana@example.com', 'ben@example.com', 'eli@example.com'],
        who: 'group:backend (3 people)',
        places: [expect.objectContaining({ file: 'policies/staging.yaml', line: 12 })],
      }),
    ]);
  });

  it('as Markdown is one comment with folds', async () => {
    await longer();
    const { out } = await diff('main', 'policies', '--format', 'markdown');
    expect(out).toMatch(/^<!-- latchkey policy diff -->\n### /);
    expect(out).toContain('<details open><summary>Wider: more can happen than before (1)</summary>');
  });
});

describe('latchkey policy diff --replay', () => {
  let database: AuditedDatabase;
  beforeAll(async () => {
    database = await AuditedDatabase.make();
  });
  afterAll(() => database.remove());

  // Who asked in that database: Ana for `read` for 1 h and 2 h, Ben for `both`.
  const policies = (read: string, requesters = '[group:backend]') => `version: 1
kind: directory
people:
  - {email: ana@example.com, slack: U0ANA}
  - {email: ben@example.com, slack: U0BEN}
  - {email: dee@example.com, slack: U0DEE}
groups: {backend: [ana@example.com, ben@example.com], dba: [dee@example.com]}
---
version: 1
kind: targets
targets: {db: {provider: postgres-role, url: '\${env:DB}', owner: group:dba}}
---
version: 1
kind: access
name: read
grants: [{target: db, role: reader}]
requesters: ${requesters}
duration: {default: 1h, max: 4h}
flows: [{name: one, ${read}}]
`;
  const STEPS = "steps: [{approvers: ['group:dba']}]";
  const replayed = async (was: string, now: string, ...more: string[]) => {
    await repository.write('was/p.yaml', was);
    await repository.write('now/p.yaml', now);
    return inProcess(
      await database.copy(),
      'policy',
      'diff',
      repository.path('was'),
      repository.path('now'),
      '--replay',
      ...more,
    );
  };

  it('asks again what was asked in the last 90 days, under both', async () => {
    const { code, out } = await replayed(policies(STEPS), policies('auto_approve: true'));
    expect(code).toBe(0);
    expect(out).toMatch(/wider +2 past requests would now be automatic: ana@example\.com for read on 2026-03-03; ana/);
    expect(out).toMatch(/3 past requests and 0 refused ones since 2025-12-05 asked again\./);
  });

  it('tells what would now be refused, and why', async () => {
    const { out } = await replayed(policies(STEPS), policies(STEPS, '[user:ben@example.com]'));
    expect(out).toMatch(/narrower +2 past requests would now be refused \(not-eligible\)/);
    const same = await replayed(policies(STEPS), policies(STEPS), '--fail-on', 'wider');
    expect(same).toMatchObject({ code: 0, out: expect.stringMatching(/each would end as before/) });
  });

  it('names a database that cannot be asked', async () => {
    const { code, err, out } = await latchkey(
      ['policy', 'diff', 'main', 'policies', '--replay'],
      { DATABASE_URL: 'file:./nowhere.db' },
      undefined,
      repository.folder,
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/--replay: the database .* cannot be used/);
  });
});
