import { type RolesServer, until } from '../support/postgres-roles.ts';
import { answer } from '../support/scim-directory.ts';
import { ANA, BEN, buttons, DEE, ELI, HOUR, MINUTE, startServer, World } from './world.ts';

let server: RolesServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/**
 * The process ends, the machine's clock is set back by an hour, a process starts (invariant 11). `leftMs` is what is left of
 * a time when the process ends: longer than it takes to end and to start, shorter than anybody waits.
 */
describe.each([
  ['SQLite', 'stopped', 4_000],
  ['Postgres', 'killed', 12_000],
] as const)('a clock set back by an hour while nothing runs, on %s, when Latchkey was %s', (database, how, leftMs) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ server, database });
    await world.start();
  });
  afterAll(() => world.close());

  const remembered = async (): Promise<number> => {
    const [row] = await world.sql<{ at: string | Date }>('SELECT "at" FROM "TimeReached"');
    return row ? new Date(row.at).getTime() : 0;
  };

  /** What is claimed when it is killed waits for the claim to run out. */
  const anythingClaimed = async (): Promise<boolean> =>
    (await world.sql(`SELECT 1 FROM "Effect" WHERE "status" = 'pending' AND "claim" IS NOT NULL`)).length > 0;

  const restartAnHourBack = async (): Promise<void> => {
    if (how === 'killed') {
      const now = world.clock.now();
      await until(async () => (await remembered()) >= now);
      await until(async () => !(await anythingClaimed()));
      await world.product.kill();
    } else await world.product.stop();
    await world.clock.move(-HOUR);
    await world.start();
  };

  const eventsOf = async (type: string) => (await world.events()).filter((event) => event.type === type);

  it('makes neither a grant nor a request last longer', async () => {
    const request = await world.ask(BEN, 'customer-export 1h', 'exports');
    const grant = await world.ask(ANA, 'prod-db-read 2h', 'db-access');
    await world.approve(DEE, grant);
    await world.given(grant);
    // Its holder is warned, and then nothing happens for ten minutes that the audit log would tell of.
    await world.clock.move(2 * HOUR - 11 * MINUTE);
    await world.product.log('GrantWarned');
    const [opened] = await eventsOf('RequestOpened');
    const lapsesAt = String((opened?.request as { lapsesAt: string } | undefined)?.lapsesAt);
    await world.clock.move(Date.parse(lapsesAt) - leftMs - world.clock.now());
    await restartAnHourBack();

    // Nobody moves the clock from here on.
    await world.see(() => world.thread(request).some((text) => text.startsWith('Nobody answered in time')));
    await world.ended(grant);
    expect(world.members('prod-db-readers')).toEqual([]);
    const [lapsed] = await eventsOf('RequestLapsed');
    expect(Date.parse(String(lapsed?.at))).toBeGreaterThanOrEqual(Date.parse(lapsesAt));
    expect(Date.parse(String(lapsed?.at))).toBeLessThan(Date.parse(lapsesAt) + MINUTE);
    const [ended] = await eventsOf('GrantEnded');
    expect(Date.parse(String(ended?.at))).toBeGreaterThanOrEqual(Date.parse(String(ended?.dueAt)));
    expect(Date.parse(String(ended?.at))).toBeLessThan(Date.parse(String(ended?.dueAt)) + MINUTE);
  });

  it('repeats nothing, loses nothing, and what comes after is written down as later', async () => {
    const message = await world.ask(ELI, 'prod-db-read 1h', 'db-access');
    await world.approve(DEE, message);
    await world.given(message);
    expect(world.parents('db-access')).toHaveLength(2);
    expect(world.parents('exports')).toHaveLength(1);
    expect(world.thread(message)).toHaveLength(2);

    const events = await world.events();
    const times = events.map(({ at }) => String(at));
    expect(times).toEqual([...times].sort());
    for (const table of ['Request', 'Grant']) {
      const rows = await world.sql<{ id: string }>(
        `SELECT "id" FROM "${table}" ORDER BY "${table === 'Grant' ? 'approvedAt' : 'openedAt'}"`,
      );
      const ids = rows.map(({ id }) => id);
      expect(ids).toEqual([...ids].sort());
    }
    await world.auditIsIntact();
  });

  it('does not put off a revocation that is tried again and again', async () => {
    world.directory.setFault(answer(503));
    const message = world.parents('db-access')[1];
    if (!message) throw new Error('there is no message');
    await world.clock.move(HOUR + HOUR);
    const { product } = world;
    await product.until(() => product.logs.some(({ kind, attempt }) => kind === 'revoke' && Number(attempt) >= 3));
    await restartAnHourBack();
    world.directory.setFault(undefined);
    // A claim that the killed process had after all, and a call of it that might land late, take half a minute each.
    await world.see(() => world.thread(message).some((text) => text.includes(' seen gone ')), 180_000);
    expect(world.members('prod-db-readers')).toEqual([]);
    await world.see(() => buttons(world.now(message)).length === 0);
  });

  it('posts no digest twice, and the next one on its day', async () => {
    const date = new Date(world.clock.now());
    const nine = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1, 9, 0, 5);
    await world.clock.move(nine - world.clock.now());
    await world.see(() => world.parents('access-audit')[0]);
    await restartAnHourBack();
    await world.clock.move(HOUR);
    await world.command(ANA, '/access list');
    // The next day's, with nothing in between.
    await world.clock.move(24 * HOUR);
    await world.see(() => world.parents('access-audit')[1]);
    const dates = world.parents('access-audit').map(({ text }) => /\d{4}-\d\d-\d\d/.exec(text)?.[0]);
    expect(dates).toEqual([...new Set(dates)]);
    expect(dates).toHaveLength(2);
    await world.auditIsIntact();
  });
});
