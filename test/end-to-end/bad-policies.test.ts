import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FakeMessage } from '../../src/playground/slack/types.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import { latchkey, type Product } from '../support/product.ts';
import { POLICIES, writePolicies } from './policies.ts';
import { ANA, BEN, CY, DEE, HOUR, startServer, World, words } from './world.ts';

let server: RolesServer;
let world: World;

beforeAll(async () => {
  server = await startServer();
  world = await World.open({ server, database: 'SQLite' });
});
afterAll(async () => {
  await world.close();
  await server.stop();
});

const read = POLICIES['read.yaml'] as string;
const directory = POLICIES['directory.yaml'] as string;

/** Nine levels of nine times the one before: four hundred million values, in less than a kilobyte. */
const BOMB = ['a: &a [x, x, x, x, x, x, x, x, x]']
  .concat([...'bcdefghi'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(', ')}]`))
  .join('\n');

/** What is wrong, the files, and the place and code that must be named. */
const BROKEN: [string, Record<string, string>, RegExp][] = [
  [
    'a typo in a key',
    { 'read.yaml': read.replace('requesters:', 'requestors:') },
    /read\.yaml:6:1 unknown-key .*requesters/,
  ],
  [
    'a group that nobody is in',
    {
      'directory.yaml': directory.replace(
        'contractors: [eli@example.com]',
        'contractors: [eli@example.com]\n  empty: []',
      ),
      'read.yaml': read.replace('approvers: [group:dba]', 'approvers: [group:empty]'),
    },
    /read\.yaml:8:\d+ empty-group /,
  ],
  ['two accesses of one name', { 'zz.yaml': read }, /zz\.yaml:3:7 duplicate-access .*read\.yaml:3/],
  [
    'a target that does not exist',
    { 'read.yaml': read.replace('target: directory', 'target: dierctory') },
    /read\.yaml:5:19 unknown-target .*directory/,
  ],
  ['a YAML bomb', { 'bomb.yaml': BOMB }, /bomb\.yaml:1:7 alias-not-allowed /],
  [
    'a secret in the file',
    { 'targets.yaml': (POLICIES['targets.yaml'] as string).replace("'${env:SCIM_TOKEN}'", 'hunter2') },
    /targets\.yaml:4:\d+ secret-in-file (?!.*hunter2)/,
  ],
  [
    'an action that everybody with a token of the issuer could ask for',
    {
      'deploy.yaml':
        "version: 1\nkind: action\nname: deploy\ncallers:\n  - {issuer: 'https://token.example.com', claims: {}}\n",
    },
    /deploy\.yaml:5:\d+ bad-caller .*everybody/,
  ],
  [
    'an end without use at a target that cannot tell of it',
    { 'read.yaml': `${read}revoke_on_idle: 30m\n` },
    /read\.yaml:10:1 cannot-tell-use .*`directory` is a `scim-group`/,
  ],
];

describe('a first start with broken policies ends at once and says where', () => {
  it.each(BROKEN)('%s', async (_, files, says) => {
    const folder = join(world.folder, `broken-${BROKEN.findIndex(([what]) => what === _)}`);
    await mkdir(folder);
    await writePolicies(folder, { ...POLICIES, ...files });
    const database = join(folder, 'never-made.db');
    const env = { ...world.env, POLICIES_DIR: folder, PORT: '0', HOST: '127.0.0.1', DATABASE_URL: `file:${database}` };
    const [started, checked] = await Promise.all([latchkey(['serve'], env), latchkey(['policy', 'check'], env)]);
    expect(started.err).toMatch(
      /^Latchkey cannot start: (1 problem|\d\d+ problems) in the policies in .*, so nothing is served\.\n/,
    );
    expect(started.err).toMatch(says);
    expect(started.code).toBe(2);
    expect(checked.out).toMatch(says);
    expect(checked.code).toBe(2);
  });

  it('and says all of it at once', async () => {
    const folder = join(world.folder, 'broken-all');
    await mkdir(folder);
    await writePolicies(folder, {
      ...POLICIES,
      'bomb.yaml': BOMB,
      'read.yaml': read.replace('requesters:', 'requestors:'),
      'zz.yaml': read,
    });
    const { err } = await latchkey(['serve'], { ...world.env, POLICIES_DIR: folder });
    for (const code of ['alias-not-allowed', 'unknown-key']) expect(err).toContain(code);
  });
});

describe('a reload', () => {
  beforeAll(() => world.start());

  it('by a changed file takes the new rules into force', async () => {
    const from = world.product.logs.length;
    await writePolicies(world.policies, { 'read.yaml': read.replace('max: 8h', 'max: 10h') });
    await world.product.log('new policies are in force', from);
    expect(await world.command(ANA, '/access prod-db-read 11h')).toContain('10h');
  });

  it('by SIGHUP does so too, and finds what the watcher has taken already', async () => {
    const from = world.product.logs.length;
    await writePolicies(world.policies, { 'read.yaml': read.replace('max: 8h', 'max: 12h') });
    world.product.signal('SIGHUP');
    await world.product.log('new policies are in force', from);
    expect(await world.command(ANA, '/access prod-db-read 13h')).toContain('12h');
  });

  it('of a broken set keeps the last good one, and says so in the log, at /readyz, in the digest and in the audit log', async () => {
    const from = world.product.logs.length;
    await writePolicies(world.policies, { 'read.yaml': read.replace('requesters:', 'requestors:') });
    const line = await world.product.log('the last good ones stay in force', from);
    expect(line.level).toBe('error');
    expect(String(line.problems)).toMatch(/read\.yaml:6:1 unknown-key/);

    const { status, body } = await world.product.readiness();
    expect(status).toBe(200);
    expect(body.checks.policies).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/problems? on disk since .*last good set is in force/),
    });

    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    await world.approve(DEE, message);
    await world.given(message);

    await world.clock.move(24 * HOUR);
    const digest = await world.see(() => world.parents('access-audit')[0]);
    expect(words(digest)).toMatch(
      /Policies on disk are broken\* \(\d problems?, since .*\); the last good set is still in force/,
    );
    expect(words(digest)).toContain('read.yaml:6:1 unknown-key');
    const events = await world.events();
    expect(events.filter(({ type }) => type === 'PoliciesRejected')).toEqual([
      expect.objectContaining({ first: expect.stringMatching(/read\.yaml:6:1/) }),
    ]);
  });

  it('of a mended set ends that', async () => {
    const from = world.product.logs.length;
    await writePolicies(world.policies, { 'read.yaml': read });
    await world.product.log('new policies are in force', from);
    expect((await world.product.readiness()).body.checks.policies).toMatchObject({ ok: true });
    expect((await world.events()).at(-1)).toMatchObject({ type: 'PoliciesLoaded' });
  });

  it('that tightens the rules holds for a request that is waiting; one that loosens them does not', async () => {
    const message = await world.ask(BEN, 'prod-db-read 30m', 'db-access');
    let from = world.product.logs.length;
    await writePolicies(world.policies, {
      'read.yaml': read.replace('requesters: [group:backend, group:dba]', 'requesters: [group:dba]'),
    });
    await world.product.log('new policies are in force', from);
    expect(await world.refusedClick(DEE, message, 'approve')).toMatch(
      /possible when it was asked for, and is refused now: .*`policy-changed`/s,
    );
    from = world.product.logs.length;
    await writePolicies(world.policies, {
      'read.yaml': read.replace('approvers: [group:dba], need: 1', 'approvers: [everyone], need: 1'),
    });
    await world.product.log('new policies are in force', from);
    expect(await world.refusedClick(ANA, message, 'approve')).toMatch(/`not-an-approver`/);
    expect(world.members('prod-db-readers')).toEqual([]);
  });
});

describe('a restart with broken policies', () => {
  let waiting: FakeMessage;
  let running: FakeMessage;
  let product: Product;

  beforeAll(async () => {
    const from = world.product.logs.length;
    await writePolicies(world.policies, { 'read.yaml': read });
    await world.product.log('new policies are in force', from);
    running = await world.ask(ANA, 'prod-db-write 1h INC-42 slow queries', 'writes');
    await world.approve(CY, running);
    await world.approve(DEE, running);
    await world.given(running);
    waiting = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    await world.product.stop();
    // In the file of the directory, which every rule and every owner of a target speaks of.
    await writePolicies(world.policies, { 'directory.yaml': directory.replace('people:', 'peeple:') });
    product = world.launch();
    await product.until(() => product.printed.includes('waits at'));
    world.slack.setRequestUrl(`${product.url}/slack/events`);
  });

  it('says so on the terminal, in the log, at /readyz and in the audit log', async () => {
    // A pipe of its own: what was printed first may be read last.
    await product.until(() => product.errors.includes('directory.yaml:3:1 unknown-key '), 'it says why');
    expect(product.errors).toMatch(/^Latchkey serves nothing: \d+ problems? in the policies in .*no restart is needed/);
    const line = await product.log('the policies are broken: nothing is served');
    expect(String(line.problems)).toMatch(/directory\.yaml:3:1 unknown-key/);
    const { status, body } = await product.readiness();
    expect(status).toBe(503);
    expect(body.checks.policies).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/since the start .*nothing is served.*directory\.yaml:3:1/),
    });
    expect((await world.events()).at(-1)).toMatchObject({ type: 'PoliciesRejected' });
  });

  it('answers every command and button with a sentence, and does nothing', async () => {
    const before = (await world.events()).length;
    for (const said of [
      await world.command(ANA, '/access prod-db-read 30m'),
      await world.command(ANA, '/access list'),
      await world.refusedClick(DEE, waiting, 'approve'),
    ]) {
      expect(said).toMatch(/policies are broken, so nothing can be asked or approved/);
    }
    expect(await world.events()).toHaveLength(before);
    expect(world.members('prod-db-readers')).toEqual([]);
  });

  it('takes away on time all the same, and lets requests lapse', async () => {
    expect(await world.hasRole('ana', 'app_writer')).toBe(true);
    await world.clock.move(9 * HOUR);
    expect(await world.ended(running)).toMatch(/seen gone/);
    expect(await world.hasRole('ana', 'app_writer')).toBe(false);
    await world.see(() => world.thread(waiting).find((text) => /[Ll]apsed/.test(text)));
  });

  it('serves again as soon as they are mended, without a restart', async () => {
    const from = product.logs.length;
    await writePolicies(world.policies, { 'directory.yaml': directory });
    await product.log('new policies are in force', from);
    await product.ready();
    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    await world.approve(DEE, message);
    await world.given(message);
    await world.auditIsIntact();
  });
});
