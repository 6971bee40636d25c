import pg from 'pg';
import type { RolesServer } from '../support/postgres-roles.ts';
import { POLICIES } from './policies.ts';
import { ANA, CY, DEE, MINUTE, startServer, World, words } from './world.ts';

let server: RolesServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe.each(['SQLite', 'Postgres'] as const)('an access that nobody uses, on %s', (database) => {
  let world: World;

  beforeAll(async () => {
    await server.admin.query(`ALTER ROLE ana PASSWORD 'pw'`);
    world = await World.open({
      server,
      database,
      policies: { 'write.yaml': `${POLICIES['write.yaml']}revoke_on_idle: 10m\n` },
    });
    await world.start();
  });
  afterAll(() => world.close());

  /** Moves the clock, and waits until it was looked, or until there is nothing left to look at. */
  const pass = async (ms: number) => {
    const before = await lookedAt();
    await world.clock.move(ms);
    await world.eventually(async () => (await lookedAt()) !== before);
  };
  const lookedAt = async (): Promise<string | undefined> => {
    const [row] = await world.sql<{ payload: string }>(
      `SELECT "payload" FROM "Effect" WHERE "kind" = 'watch' AND "status" = 'pending'`,
    );
    return row && (JSON.parse(row.payload) as { lookedAt: string }).lookedAt;
  };

  it('is announced, stays while its account is connected and at work, and is taken away after', async () => {
    const message = await world.ask(ANA, 'prod-db-write 1h repair order 4711 by hand', 'writes');
    expect(words(message)).toContain('It ends early after 10m without use.');
    await world.approve(CY, message);
    await world.approve(DEE, message);
    await world.given(message);
    const card = await world.see(() => world.slack.directMessages(ANA).find(({ text }) => text.startsWith('You have')));
    expect(card.text).toContain('It ends early after 10m without use.');
    expect(await world.command(ANA, '/access list')).toContain('or 10m without use');

    const ana = new pg.Client({ connectionString: server.server.urlFor({ user: 'ana', password: 'pw' }) });
    await ana.connect();
    await ana.query('BEGIN; SET ROLE app_writer');
    // It is looked every minute; three without a look would count as use.
    for (let count = 0; count < 6; count += 1) await pass(2 * MINUTE);
    expect(await world.hasRole('ana', 'app_writer')).toBe(true);
    await ana.query('COMMIT');
    await ana.end();

    for (let count = 0; count < 4; count += 1) await pass(2 * MINUTE);
    await pass(MINUTE);
    expect(await world.hasRole('ana', 'app_writer')).toBe(true);
    await world.clock.move(2 * MINUTE);
    expect(await world.ended(message)).toMatch(/^Ended early, unused since <!date.* was seen gone/);
    expect(await world.hasRole('ana', 'app_writer')).toBe(false);
    const news = await world.see(() => world.slack.directMessages(ANA).find(({ text }) => text.includes(' is over. ')));
    expect(news.text).toMatch(
      /^Your Production database, write \(prod-db-write\) is over\. Ended early, unused since /,
    );
    expect((await world.events()).filter(({ type }) => type === 'GrantEnding')).toMatchObject([
      { reason: 'idle', actor: 'latchkey' },
    ]);
    await world.auditIsIntact();
    const { out } = await world.cli('audit', 'list', '--access', 'prod-db-write');
    expect(out).toMatch(/prod-db-write is ending: idle \(unused since 2030-/);
  });
});
