import type { Request, Response } from 'express';
import type { RolesServer } from '../support/postgres-roles.ts';
import { answer, on } from '../support/scim-directory.ts';
import { POLICIES, writePolicies } from './policies.ts';
import { ANA, buttons, CY, DEE, HOUR, MINUTE, startServer, World, words } from './world.ts';

let server: RolesServer;
let world: World;

beforeAll(async () => {
  server = await startServer();
  world = await World.open({ server, database: 'Postgres' });
  await world.start();
});
afterAll(async () => {
  await world.close();
  await server.stop();
});
afterEach(() => world.directory.setFault(undefined));

/** Lines of the log about attempts that failed, after the first `from`. */
const failures = (from: number, kind: string) =>
  world.product.logs.slice(from).filter(({ msg }) => msg.startsWith(`${kind} failed`));

/** Direct messages that say that something is there, and offer to end it. */
const cards = () => world.slack.directMessages(ANA).filter((message) => buttons(message).length > 0);

describe('a target that is down', () => {
  it('at provision: nobody is told that it is there, it is tried again, and given when the target is back', async () => {
    world.directory.setFault(answer(503));
    const from = world.product.logs.length;
    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    await world.approve(DEE, message);
    await world.see(() => words(world.now(message)).includes('It is being given now'));
    await world.product.until(() => failures(from, 'provision').length >= 2);
    expect(cards()).toEqual([]);
    expect(await world.command(ANA, '/access list')).toContain('being given now');
    world.directory.setFault(undefined);
    await world.clock.move(MINUTE);
    await world.given(message);
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);
    await world.command(ANA, '/access revoke prod-db-read');
    await world.ended(message);
  });

  it('at provision until the time is over: it is never given, and its requester is told why', async () => {
    world.directory.setFault(answer(503));
    const from = world.product.logs.length;
    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    await world.approve(DEE, message);
    await world.product.until(() => failures(from, 'provision').length >= 1);
    await world.clock.move(30 * MINUTE);
    await world.see(() => world.slack.directMessages(ANA).find(({ text }) => text.includes('it could not be given')));
    world.directory.setFault(undefined);
    await world.clock.move(MINUTE);
    await world.ended(message);
    expect(world.members('prod-db-readers')).toEqual([]);
    expect(world.thread(message).some((text) => text.startsWith('Given'))).toBe(false);
  });

  it('at provision of one of two things: both or nothing, so the other is taken back', async () => {
    await server.admin.query('ALTER ROLE exporter RENAME TO exporter_away');
    const message = await world.ask(ANA, 'customer-export 1h', 'exports');
    await world.approve(CY, message);
    await world.approve(DEE, message);
    const told = await world.see(() =>
      world.slack.directMessages(ANA).find((dm) => words(dm).includes('has no role exporter')),
    );
    expect(told.text).toMatch(/approved, but it could not be given\. Anything already given is being taken back\./);
    await world.see(() =>
      world.thread(message).some((text) => text.startsWith('It could not be given') && text.includes('seen gone')),
    );
    expect(world.members('data-exporters')).toEqual([]);
    await server.admin.query('ALTER ROLE exporter_away RENAME TO exporter');
  });

  it('at revoke: nothing is called gone, people see the alarm, and it is taken away when the target is back', async () => {
    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    await world.approve(DEE, message);
    await world.given(message);
    world.directory.setFault(answer(503));
    const from = world.product.logs.length;
    await world.clock.move(30 * MINUTE);
    for (const attempts of [1, 2, 3]) {
      await world.product.until(() => failures(from, 'revoke').length >= attempts);
      await world.clock.move(MINUTE);
    }
    await world.see(() =>
      world.thread(message).some((text) => text.includes('keeps failing. It is tried again until it is seen gone')),
    );
    await world.see(() => world.parents('access-audit').some(({ text }) => text.includes('keeps failing')));
    expect((await world.product.readiness()).body.checks.outbox).toMatchObject({
      ok: false,
      detail: expect.stringContaining('revoke'),
    });
    expect(await world.command(ANA, '/access list')).toContain('being taken away now');
    expect(world.thread(message).some((text) => text.includes('seen gone '))).toBe(false);
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);

    world.directory.setFault(undefined);
    await world.clock.move(2 * MINUTE);
    await world.see(() => world.thread(message).some((text) => text.startsWith('Its time is over: ')));
    expect(world.members('prod-db-readers')).toEqual([]);
    // The end is said before all of it is said: what is left is told now.
    await world.settled();
    expect((await world.product.readiness()).body.checks.outbox).toEqual({ ok: true });
  });
});

describe('a target that answers after the deadline', () => {
  it('of a change that lands late: what was taken away meanwhile is looked at again, and does not stay', async () => {
    // The first change is held, and made much later, though nobody waits for its answer any more.
    let land: (() => void) | undefined;
    world.directory.setFault(
      on(['PATCH'], (_request: Request, _response: Response, pass) => {
        if (land) pass();
        else land = () => world.directory.setMember('prod-db-readers', 'ana@example.com', true);
      }),
    );
    const from = world.product.logs.length;
    const message = await world.ask(ANA, 'prod-db-read 1h', 'db-access');
    await world.approve(DEE, message);
    const late = await world.product.until(() => failures(from, 'provision')[0]);
    expect(late.code).toBe('deadline');
    await world.given(message);

    await world.command(ANA, '/access revoke prod-db-read');
    await world.see(() => world.members('prod-db-readers').length === 0);
    land?.();
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);
    expect(world.thread(message).some((text) => text.includes('seen gone'))).toBe(false);
    // It is taken away again within a quarter of a minute, and said to be gone when nothing more can land.
    await world.clock.move(MINUTE / 3);
    await world.see(() => world.members('prod-db-readers').length === 0);
    expect(world.thread(message).some((text) => text.includes('seen gone'))).toBe(false);
    await world.clock.move(2 * MINUTE);
    await world.ended(message);
    expect(world.members('prod-db-readers')).toEqual([]);
  });

  it('of a Postgres whose table of memberships is locked for longer: given once, when it can be', async () => {
    const message = await world.ask(ANA, 'prod-db-write 1h look after the orders', 'writes');
    await world.approve(DEE, message);
    const client = await server.admin.connect();
    try {
      const from = world.product.logs.length;
      await client.query('BEGIN; LOCK TABLE pg_auth_members IN EXCLUSIVE MODE');
      await world.approve(CY, message);
      await world.product.until(() => failures(from, 'provision').length >= 1);
      expect(cards()).toEqual([]);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
    await world.clock.move(MINUTE);
    await world.given(message);
    expect(await world.hasRole('ana', 'app_writer')).toBe(true);
    await world.clock.move(HOUR);
    await world.ended(message);
    expect(await world.hasRole('ana', 'app_writer')).toBe(false);
    await world.auditIsIntact();
  });
});

it('a permission that was there before is neither claimed nor taken away', async () => {
  world.directory.setMember('prod-db-readers', 'ana@example.com', true);
  const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
  await world.approve(DEE, message);
  await world.given(message);
  await world.clock.move(30 * MINUTE);
  expect(await world.ended(message)).toMatch(/stays, as it was there before Latchkey gave anything/);
  expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);
  world.directory.setMember('prod-db-readers', 'ana@example.com', false);
});

it('a target that leaves the policies while something is granted there: it is said, and taken away when it is back', async () => {
  const message = await world.ask(ANA, 'prod-db-write 1h look after the orders', 'writes');
  await world.approve(DEE, message);
  await world.approve(CY, message);
  await world.given(message);
  const without = (text = '') => text.replace(/^ {2}prod-postgres:.*\n/m, '');
  const from = world.product.logs.length;
  await writePolicies(world.policies, {
    'targets.yaml': without(POLICIES['targets.yaml']),
    'write.yaml': undefined,
    'export.yaml': undefined,
  });
  await world.product.log('new policies are in force', from);
  await world.clock.move(HOUR);
  await world.product.until(() => failures(from, 'revoke').some(({ code }) => code === 'unknown-target'));
  const back = world.product.logs.length;
  await writePolicies(world.policies, POLICIES);
  await world.product.log('new policies are in force', back);
  await world.clock.move(2 * MINUTE);
  await world.ended(message);
  expect(await world.hasRole('ana', 'app_writer')).toBe(false);
});
