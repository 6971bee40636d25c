import type { FakeMessage } from '../../src/playground/slack/types.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import { POLICIES } from './policies.ts';
import { ANA, buttons, CY, DEE, HOUR, MINUTE, startServer, World, words } from './world.ts';

let server: RolesServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe.each(['SQLite', 'Postgres'] as const)('an extension on %s', (database) => {
  let world: World;

  beforeAll(async () => {
    const write = POLICIES['write.yaml']?.replace('max: 4h}', 'max: 4h, extend: {times: 1, by: 1h}}');
    world = await World.open({ server, database, policies: { 'write.yaml': write } });
    await world.start();
  });
  afterAll(() => world.close());

  const direct = (beginning: string): Promise<FakeMessage> =>
    world.see(() => world.slack.directMessages(ANA).findLast(({ text }) => text.startsWith(beginning)));

  it('is offered before the end, asked for with a button, approved by the last step, and keeps the role until the new end', async () => {
    const message = await world.ask(ANA, 'prod-db-write 1h repair order 4711 by hand', 'writes');
    await world.approve(CY, message);
    await world.approve(DEE, message);
    await world.given(message);
    expect(await world.hasRole('ana', 'app_writer')).toBe(true);

    await world.clock.move(54 * MINUTE);
    const warning = await direct('Your Production database, write');
    expect(buttons(warning)).toEqual(['extend', 'end-now']);
    expect(await world.refusedClick(DEE, warning, 'extend').catch(() => 'not for Dee')).toMatch(
      /Only the person who holds an access can extend it|not for Dee/,
    );
    const before = world.parents('writes').length;
    await world.slack.click(ANA, warning, 'extend');
    const extension = await world.see(() => world.parents('writes')[before]);
    expect(extension.text).toContain('<@U01ANA> asks to extend Production database, write (prod-db-write) by 1h');
    expect(words(extension)).toContain('repair order 4711 by hand');
    await world.approve(DEE, extension);
    await world.see(() => world.thread(message).find((text) => text.startsWith('Extended. <@U01ANA> has it until')));
    await direct('Your Production database, write (prod-db-write) is extended');
    // Once was all there is.
    await world.see(() => !buttons(world.now(warning)).includes('extend'));
    expect(await world.command(ANA, '/access extend prod-db-write')).toMatch(/can be extended once, by 1h, and was/);

    await world.clock.move(10 * MINUTE);
    expect(await world.hasRole('ana', 'app_writer')).toBe(true);
    await world.clock.move(HOUR);
    await world.ended(message);
    expect(await world.hasRole('ana', 'app_writer')).toBe(false);
    // The clock jumped over the second warning: after the end it would be none.
    expect((await world.events()).filter(({ type }) => type === 'GrantWarned')).toHaveLength(1);
    await world.auditIsIntact();
    const { out } = await world.cli('audit', 'list', '--access', 'prod-db-write');
    expect(out).toMatch(
      /dee@example\.com \[ana@example\.com\]: prod-db-write extended .* after it was asked for; it ends 20/,
    );
  });
});
