import type { RolesServer } from '../support/postgres-roles.ts';
import { hold } from '../support/scim-directory.ts';
import { ANA, BEN, buttons, DEE, startServer, World, words } from './world.ts';

let server: RolesServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** What Ana asked for is approved, and being given by a target that does not answer until it is let go. */
async function whileATargetIsAtWork(world: World) {
  const message = await world.ask(ANA, 'prod-db-read 1h', 'db-access');
  const held = hold(['PATCH']);
  world.directory.setFault(held.fault);
  await world.approve(DEE, message);
  await held.reached;
  return { message, held };
}

describe.each(['SQLite', 'Postgres'] as const)('a stop by SIGTERM on %s', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ server, database });
    await world.start();
  });
  afterAll(() => world.close());

  it('while a target is at work: not ready any more, the work in hand is finished, the exit code is 0', async () => {
    const { held } = await whileATargetIsAtWork(world);

    const { product } = world;
    product.signal('SIGTERM');
    await product.log('stopping');
    // It takes nothing new and says so, or is not to be reached any more: a load balancer sends no more either way.
    const status = await product.readiness().then(
      (answer) => answer.status,
      () => 'refused',
    );
    expect([503, 'refused']).toContain(status);
    expect(product.running).toBe(true);
    held.letGo();
    world.directory.setFault(undefined);
    expect(await product.exited).toEqual({ code: 0, signal: null });
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);
    const given = (await world.events()).filter(({ type }) => type === 'GrantActivated');
    expect(given).toHaveLength(1);
    await world.auditIsIntact();
  });

  it('and the next start goes on where it was left: what was to be said is said, once', async () => {
    await world.start();
    const [message] = world.parents('db-access');
    if (!message) throw new Error('there is no message');
    await world.given(message);
    await world.see(() => world.slack.directMessages(ANA).some((dm) => buttons(dm).includes('end-now')));
    await world.see(() => words(world.now(message)).includes('Active until'));
    await world.clock.move(3_600_000);
    await world.ended(message);
    expect(world.members('prod-db-readers')).toEqual([]);
    expect(world.thread(message)).toHaveLength(3);
    expect(world.parents('db-access')).toHaveLength(1);
  });

  it('while commands come in: each is either done and answered, or refused so that its person sees it', async () => {
    const { product } = world;
    const people = [ANA, BEN];
    const accesses = ['prod-db-read 1h', 'customer-export 1h'];
    const deliveries = Promise.all(
      people.flatMap((user) => accesses.map((line) => world.slack.command(user, 'general', `/access ${line}`))),
    );
    product.signal('SIGTERM');
    const acknowledged = (await deliveries).filter(({ ok }) => ok).length;
    expect(await product.exited).toEqual({ code: 0, signal: null });
    const opened = (await world.events()).filter(({ type }) => type === 'RequestOpened').length - 1;
    expect(opened).toBe(acknowledged);
    await world.auditIsIntact();
  });

  it('when nothing is to be done takes no time, by SIGINT too', async () => {
    const product = await world.start();
    const begun = performance.now();
    product.signal('SIGINT');
    expect(await product.exited).toEqual({ code: 0, signal: null });
    // Well before the 25 seconds after which a stop is forced.
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});

describe('a second Ctrl-C', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ server, database: 'SQLite' });
    await world.start();
  });
  afterAll(() => world.close());

  it('ends it at once and without a word, whatever hangs; what was approved is given by the next start', async () => {
    const { message, held } = await whileATargetIsAtWork(world);

    const { product } = world;
    product.signal('SIGINT');
    await product.log('stopping');
    product.signal('SIGINT');
    expect(await product.exited).toEqual({ code: null, signal: 'SIGINT' });
    expect(product.errors).toBe('');
    held.letGo();
    world.directory.setFault(undefined);

    await world.start();
    // What it had claimed is claimed again when its lease is over.
    await world.clock.move(31_000);
    await world.given(message);
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);
    await world.auditIsIntact();
  });
});
