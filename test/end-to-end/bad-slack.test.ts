import type { FakeMessage } from '../../src/playground/slack/types.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import { ANA, BEN, buttons, DEE, HOUR, MINUTE, startServer, World, words } from './world.ts';

let server: RolesServer;
let world: World;

beforeAll(async () => {
  server = await startServer();
  world = await World.open({ server, database: 'SQLite' });
  await world.start();
});
afterAll(async () => {
  await world.close();
  await server.stop();
});
afterEach(async () => {
  world.slack.clearFaults();
  // The faults of the next test are for what it does itself.
  await world.settled();
});

/** Every message of the product has a key that is never posted twice. */
function expectNothingTwice(): void {
  const all = world.slack.state(ANA).conversations.flatMap(({ id }) => world.slack.messages(id));
  const dms = [ANA, BEN, DEE].flatMap((user) => world.slack.directMessages(user));
  const keys = [...new Map([...all, ...dms].map((message) => [`${message.channel} ${message.ts}`, message])).values()]
    .map(({ metadata }) => metadata?.event_payload.key)
    .filter((key) => key !== undefined);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
}

/** From the question to the end, and that each of the four messages of the channel is there once. */
async function wholeStory(): Promise<FakeMessage> {
  const before = world.parents('db-access').length;
  const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
  await world.approve(DEE, message);
  await world.given(message);
  await world.see(() => world.slack.directMessages(ANA).some((dm) => buttons(dm).includes('end-now')));
  await world.command(ANA, '/access revoke prod-db-read');
  await world.ended(message);
  await world.see(() => words(world.now(message)).includes('was seen gone'));
  await world.see(() => world.slack.directMessages(ANA).at(-1)?.text.includes('seen gone'));
  expect(world.parents('db-access')).toHaveLength(before + 1);
  expect(world.thread(message)).toHaveLength(3);
  expectNothingTwice();
  return message;
}

describe('Slack that goes wrong once at every kind of call', () => {
  const faults = [
    ['answers 429', { status: 429, retryAfter: 1 }],
    ['answers 500', { status: 500 }],
    ['posts and loses the reply', { loseReply: true }],
    ['says internal_error', { error: 'internal_error' }],
  ] as const;

  it.each(faults)('%s: exactly one message in the end', async (_, fault) => {
    for (const method of ['chat.postMessage', 'chat.update']) world.slack.failNext(method, fault);
    await wholeStory();
  });

  it('answers nothing at all: the post is given up at its deadline and made once', async () => {
    world.slack.failNext('chat.postMessage', { hang: true });
    await wholeStory();
  });

  it('loses every reply to a post for a while, and cannot be looked into either: nothing is said twice', async () => {
    world.slack.failNext('chat.postMessage', { loseReply: true });
    world.slack.failNext(/^(users\.conversations|conversations\.history)$/, { status: 503 }, 2);
    await wholeStory();
  });

  it('loses the replies in threads and direct messages', async () => {
    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    world.slack.failNext('chat.postMessage', { loseReply: true }, 3);
    await world.slack.click(DEE, message, 'approve');
    await world.given(message);
    await world.see(() =>
      world.slack
        .directMessages(ANA)
        .at(-1)
        ?.blocks.some(({ type }) => type === 'actions'),
    );
    await world.command(ANA, '/access revoke prod-db-read');
    await world.ended(message);
    expect(world.thread(message)).toHaveLength(3);
    expectNothingTwice();
  });
});

describe('Slack that refuses', () => {
  it('the channel: the approvers are asked in direct messages instead', async () => {
    world.slack.failNext('chat.postMessage', { error: 'channel_not_found' });
    expect(await world.command(BEN, '/access prod-db-read 30m')).toMatch(/^Asked in #db-access/);
    const asked = await world.see(() => world.slack.directMessages(DEE).find((dm) => buttons(dm).includes('approve')));
    await world.slack.click(DEE, asked, 'approve');
    await world.see(() => world.members('prod-db-readers').includes('ben@example.com'));
    await world.command(BEN, '/access revoke prod-db-read');
    await world.see(() =>
      words(world.slack.directMessages(DEE).find(({ ts }) => ts === asked.ts) ?? asked).includes('seen gone'),
    );
    await world.product.log('announce failed');
  });

  it('to open the form: the person is told the other way to ask', async () => {
    world.slack.failNext('views.open', { error: 'expired_trigger_id' });
    expect(await world.command(BEN, '/access')).toMatch(
      /Slack did not open the form \(expired-trigger-id\)\. Ask in one line instead/,
    );
  });

  it('an answer to a person: what they did counts all the same, and the log says that they do not know', async () => {
    const before = world.parents('db-access').length;
    const from = world.product.logs.length;
    world.slack.failNext('response_url', { status: 500 });
    await world.slack.command(BEN, 'general', '/access prod-db-read 30m');
    const message = await world.see(() => world.parents('db-access')[before]);
    await world.product.log('an answer did not reach its person', from);
    await world.command(BEN, '/access revoke prod-db-read');
    await world.see(() => buttons(world.now(message)).length === 0);
  });
});

describe('Slack that is away', () => {
  it('for hours: what is due ends at the target all the same, and the story is told when Slack is back, once', async () => {
    const message = await world.ask(ANA, 'prod-db-read 1h', 'db-access');
    await world.approve(DEE, message);
    await world.given(message);
    const from = world.product.logs.length;
    world.slack.setOutage(true);
    await world.clock.move(HOUR);
    await world.product.log('GrantEnded', from);
    expect(world.members('prod-db-readers')).toEqual([]);
    await world.product.until(() =>
      world.product.logs.slice(from).some(({ msg }) => /(story|refresh) failed/.test(msg)),
    );
    expect((await world.product.readiness()).body.checks.outbox).toMatchObject({
      ok: false,
      detail: expect.stringContaining('unreachable'),
    });
    world.slack.setOutage(false);
    // The longest that the next attempt may be away.
    await world.clock.move(6 * MINUTE);
    await world.ended(message);
    await world.see(() => words(world.now(message)).includes('was seen gone'));
    expect(world.thread(message)).toHaveLength(3);
    expectNothingTwice();
  });

  it('at the start: grants end on time, clicks are answered with "starting", and it gets ready when Slack is back', async () => {
    const message = await world.ask(ANA, 'prod-db-read 1h', 'db-access');
    await world.approve(DEE, message);
    await world.given(message);
    await world.product.stop();
    world.slack.setOutage(true);
    const product = world.launch();
    await product.log('Slack does not answer yet');
    await product.until(() => product.printed.includes('serves at'));
    expect(await product.readiness()).toMatchObject({ status: 503, body: { checks: { slack: { ok: false } } } });
    await world.clock.move(HOUR);
    await product.log('GrantEnded');
    expect(world.members('prod-db-readers')).toEqual([]);
    world.slack.setOutage(false);
    await product.ready();
    world.slack.setRequestUrl(`${product.url}/slack/events`);
    await world.clock.move(6 * MINUTE);
    await world.ended(message);
    expectNothingTwice();
    await world.auditIsIntact();
  });

  it('with a token that it refuses: the start is refused, and says what to do', async () => {
    const refused = world.launch({ SLACK_BOT_TOKEN: 'xoxb-of-somebody-else' });
    expect(await refused.exited).toMatchObject({ code: 2 });
    expect(refused.errors).toBe(
      'Latchkey cannot start: Slack refused auth.test with invalid_auth: the bot token is not valid: check SLACK_BOT_TOKEN\n',
    );
  });
});
