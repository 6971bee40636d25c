import { createServer } from 'node:net';
import type { FakeMessage } from '../../src/playground/slack/types.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import type { Product } from '../support/product.ts';
import { ANA, BEN, buttons, CY, DEE, HOUR, startServer, World, words } from './world.ts';

let server: RolesServer;
let world: World;

const APP_TOKEN = 'xapp-end-to-end';
/** Two connections, and no signing secret: Slack signs nothing here. */
const SOCKETS = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: '' };

beforeAll(async () => {
  server = await startServer();
  // A click that is lost with its connection is given up after this.
  const slack = { appToken: APP_TOKEN, ackTimeoutMs: 6_000 };
  world = await World.open({ server, database: 'SQLite', slack });
});
afterAll(async () => {
  await world.close();
  await server.stop();
});

/** A product that is to end by itself; then the world's own is the one that is talked to again. */
function launchForOnce(env: Readonly<Record<string, string>>): Product {
  const product = world.launch({ ...SOCKETS, ...env });
  void product.exited.then(() => world.products.splice(world.products.indexOf(product), 1));
  return product;
}

/** Asks one connection to come again, as Slack does every few hours, now to this and now to that one. */
function refreshOne(): void {
  const { sockets } = world.slack as unknown as { sockets: { connections: { send(text: string): void }[] } };
  sockets.connections[0]?.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} }));
}

/** The connections that are there; the world is looked at when one comes or goes. */
const connections = (count: number): Promise<true | undefined> =>
  world.see(() => world.slack.socketConnections === count || undefined);

/** Every connection is closed and made anew, which takes the SDK five seconds. */
async function renewAll(): Promise<void> {
  world.slack.refreshSockets();
  await connections(0);
  await connections(2);
}

/** What Slack sent since, and was not acknowledged in time. */
const unacknowledged = (before: number): unknown[] =>
  world.slack.deliveries.slice(before).filter(({ sent, ok }) => sent && !ok);

describe('over Socket Mode', () => {
  it('two connections are held, and a whole request goes over them', async () => {
    await world.launch(SOCKETS).ready();
    await connections(2);
    const message = await world.ask(ANA, 'prod-db-read 1h', 'db-access');
    await world.approve(DEE, message);
    await world.given(message);
    await world.clock.move(HOUR);
    await world.ended(message);
    expect(world.members('prod-db-readers')).toEqual([]);
    // The SDK takes a clock that was set for a Slack that has fallen silent, and comes again: not in the tests below.
    await renewAll();
  });

  it('the HTTP address takes nothing from Slack', async () => {
    const reply = await fetch(`${world.product.url}/slack/events`, {
      method: 'POST',
      body: '{}',
      headers: { connection: 'close' },
    });
    expect(reply.status).toBe(404);
    await reply.text();
  });

  it('the HTTP address is there for callers of actions', async () => {
    const reply = await fetch(`${world.product.url}/api/v1/requests/req_1`, { headers: { connection: 'close' } });
    expect({ status: reply.status, body: await reply.json() }).toMatchObject({
      status: 401,
      body: { code: 'no-credential' },
    });
  });

  it('the form searches, draws itself anew, says mistakes and is sent', async () => {
    const { slack } = world;
    const before = { deliveries: slack.deliveries.length, writes: world.parents('writes').length };
    await slack.command(BEN, 'general', '/access');
    const form = await world.see(() => slack.views(BEN)[0]);
    const found = await slack.options(BEN, form.id, 'choose-access', 'write');
    expect(found[0]).toMatchObject({ value: 'prod-db-write' });
    await slack.clickInView(BEN, form.id, 'choose-access', 'prod-db-write');
    await world.see(() => slack.views(BEN)[0]?.blocks.some(({ block_id }) => block_id === 'duration:prod-db-write'));
    await slack.submitView(BEN, form.id, { 'reason-text': ' '.repeat(12) });
    await world.see(() => slack.views(BEN)[0]?.errors.reason);
    await slack.submitView(BEN, form.id, { 'reason-text': 'repair order 4711' });
    const message = await world.see(() => world.parents('writes')[before.writes]);
    expect(slack.views(BEN)).toEqual([]);

    // Deny opens a form of its own, within the three seconds of its trigger.
    await slack.click(DEE, message, 'deny');
    const denial = await world.see(() => slack.views(DEE)[0]);
    await slack.submitView(DEE, denial.id, { 'reason-text': 'use the replica' });
    await world.see(() => buttons(world.now(message)).length === 0);
    expect(words(world.now(message))).toMatch(/Denied by <@U01DEE>\.[\s\S]*use the replica/);
    expect(unacknowledged(before.deliveries)).toEqual([]);
  });

  it('a click that may not count is answered to the clicker only, and five at once count as one', async () => {
    const message = await world.ask(ANA, 'customer-export 1h', 'exports');
    expect(await world.refusedClick(ANA, message, 'approve')).toContain('own-request');
    const click = world.slack.prepareClick(CY, message, 'approve');
    const answers = await world.slack.deliverTogether(click, 5);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true, true]);
    await world.see(() => world.thread(message).some((text) => text.includes('<@U01CY> approved')));
    await world.command(ANA, '/access revoke customer-export');
    await world.see(() => buttons(world.now(message)).length === 0);
    expect(world.thread(message).filter((text) => text.includes('<@U01CY> approved'))).toHaveLength(1);
    expect(world.members('data-exporters')).toEqual([]);
  });

  it('loses no click while Slack renews one of the connections', async () => {
    const message = await world.ask(ANA, 'customer-export 1h', 'exports');
    const before = world.slack.deliveries.length;
    refreshOne();
    await connections(1);
    expect(await world.refusedClick(ANA, message, 'approve')).toContain('own-request');
    await world.slack.click(CY, message, 'approve');
    // All of this went over the one that was left.
    expect(world.slack.socketConnections).toBe(1);
    await world.approve(DEE, message);
    await world.given(message);
    expect(await world.command(ANA, '/access list')).toContain('`customer-export`');
    await connections(2);
    await world.command(ANA, '/access revoke customer-export');
    await world.ended(message);
    expect(unacknowledged(before)).toEqual([]);
  });

  it('a click in the very moment of a renewal is acknowledged and counts, or is said to have failed; never half', async () => {
    const message = await world.ask(ANA, 'prod-db-read 1h', 'db-access');
    const click = world.slack.click(DEE, message, 'approve');
    // The click may be acknowledged over connections that are about to go: what comes next needs the new ones.
    const renewed = renewAll();
    const { ok } = await click;
    await renewed;
    // Slack shows a failed click as such, and the person presses again.
    if (!ok) await world.slack.click(DEE, message, 'approve').catch(alreadyDecided);
    await world.given(message);
    expect(world.thread(message).filter((text) => text.includes('<@U01DEE> approved'))).toHaveLength(1);
    await world.command(ANA, '/access revoke prod-db-read');
    await world.ended(message);

    /** The first press did count: the button is gone. */
    function alreadyDecided(error: unknown): void {
      expect(buttons(world.now(message))).toEqual([]);
      expect(error).toBeInstanceOf(Error);
    }
  });

  it('goes on when Slack asks every connection to come again', async () => {
    await renewAll();
    const message = await world.ask(ANA, 'prod-db-read 1h', 'db-access');
    await world.command(ANA, '/access revoke prod-db-read');
    await world.see(() => buttons(world.now(message)).length === 0);
  });

  it('starts although Slack is away, so that what is due ends on time, and connects when it is back', async () => {
    const message = await world.ask(ANA, 'prod-db-read 1h', 'db-access');
    await world.approve(DEE, message);
    await world.given(message);
    await world.product.stop();
    world.slack.setOutage(true);
    const product = world.launch(SOCKETS);
    try {
      await product.until(() => product.printed.includes('serves at'));
      await world.clock.move(HOUR);
      await product.log('GrantEnded');
      expect(world.members('prod-db-readers')).toEqual([]);
    } finally {
      world.slack.setOutage(false);
    }
    await connections(2);
    await product.ready();
    expect(await world.command(ANA, '/access list')).toMatch(/^You have no access/);
  });

  it('refuses to start with an app-level token that Slack refuses, and says so', async () => {
    const product = launchForOnce({ SLACK_APP_TOKEN: 'xapp-of-somebody-else' });
    expect(await product.exited).toMatchObject({ code: 2 });
    expect(product.errors).toBe(
      'Latchkey cannot start: Slack refused apps.connections.open with invalid_auth: check SLACK_APP_TOKEN, an app-level token with the scope connections:write\n',
    );
  });

  it('refuses to start with a bot token that Slack refuses, and holds no connection afterwards', async () => {
    const product = launchForOnce({ SLACK_BOT_TOKEN: 'xoxb-of-somebody-else' });
    expect(await product.exited).toEqual({ code: 2, signal: null });
    expect(product.errors).toMatch(
      /^Latchkey cannot start: Slack refused auth\.test with invalid_auth: .*SLACK_BOT_TOKEN\n$/,
    );
    await connections(2);
  });

  it('refuses to start when its port is taken, and holds no connection afterwards', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    try {
      const product = launchForOnce({ PORT: String(port) });
      expect(await product.exited).toEqual({ code: 2, signal: null });
      expect(product.errors).toContain(`Port ${port} on 127.0.0.1 is in use`);
      await connections(2);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('stops gracefully: what was acknowledged is done, nothing more is taken, and the next start goes on', async () => {
    const message: FakeMessage = await world.ask(ANA, 'prod-db-read 1h', 'db-access');
    expect((await world.slack.click(DEE, message, 'approve')).ok).toBe(true);
    expect(await world.product.stop()).toEqual({ code: 0, signal: null });
    expect(world.slack.socketConnections).toBe(0);
    expect((await world.events()).findLast(({ type }) => type === 'VoteCast')).toMatchObject({
      actor: 'dee@example.com',
    });

    await world.launch(SOCKETS).ready();
    await world.given(message);
    await world.command(ANA, '/access revoke prod-db-read');
    await world.ended(message);
    expect(world.members('prod-db-readers')).toEqual([]);
  });

  it('stops within its time, with exit code 0', async () => {
    expect(await world.product.stop()).toEqual({ code: 0, signal: null });
    await world.auditIsIntact();
  });
});
