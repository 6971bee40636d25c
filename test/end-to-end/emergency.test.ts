import type { FakeMessage } from '../../src/playground/slack/types.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import { POLICIES } from './policies.ts';
import { ANA, BEN, buttons, CY, DEE, HOUR, MINUTE, startServer, World, words } from './world.ts';

let server: RolesServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const ACCESS = 'prod-db-write';
const glass = `break_glass: {allow: ['user:ben@example.com'], review_within: 2h, quota: {times: 3, per: 30d}}\n`;

describe.each(['SQLite', 'Postgres'] as const)('an emergency on %s', (database) => {
  let world: World;

  beforeAll(async () => {
    world = await World.open({ server, database, policies: { 'write.yaml': `${POLICIES['write.yaml']}${glass}` } });
    await world.start();
  });
  afterAll(() => world.close());

  /** The message about the newest emergency in a person's direct messages. */
  const told = (user: string, reason: string): Promise<FakeMessage> =>
    world.see(() =>
      world.slack.directMessages(user).findLast(({ text }) => text.includes('🚨') && text.includes(reason)),
    );
  let seen = 0;
  /** One more is over than before. NB. the newest message may still be about the one that ended last. */
  const ended = async (): Promise<void> => {
    await world.see(() => world.slack.directMessages(BEN).filter(({ text }) => /^Your .* is over\. /.test(text))[seen]);
    seen += 1;
  };

  it('is given at once, told to everybody who approves and to the audit channel, and reviewed', async () => {
    expect(await world.command(ANA, `/access emergency ${ACCESS} 1h the shop is down`)).toMatch(
      /^You may not take `prod-db-write` in an emergency\./,
    );
    expect(await world.command(BEN, `/access emergency ${ACCESS} 1h the shop is down`)).toMatch(
      /^`prod-db-write` is being given now\./,
    );
    const message = await told(DEE, 'the shop is down');
    await told(CY, 'the shop is down');
    for (const channel of ['writes', 'access-audit'])
      await world.see(() => world.parents(channel).find(({ text }) => text.includes('🚨 <@U01BEN> took')));
    await world.given(message);
    expect(await world.hasRole('ben', 'app_writer')).toBe(true);
    expect(buttons(world.now(message))).toEqual(['review-fine', 'review-not-justified']);

    await world.slack.click(DEE, world.now(message), 'review-fine');
    const form = await world.see(() => world.slack.views(DEE)[0]);
    await world.slack.submitView(DEE, form.id, { 'reason-text': 'I saw it down myself' });
    await world.see(() => buttons(world.now(message)).length === 0);
    expect(words(world.now(message))).toMatch(/Reviewed by <@U01DEE>: fine[\s\S]*I saw it down myself/);
    await world.command(BEN, `/access revoke ${ACCESS}`);
    await ended();
    expect(await world.hasRole('ben', 'app_writer')).toBe(false);
  });

  it('typed on the server while Slack is away is given beside the running process, and told when Slack is back', async () => {
    world.slack.failNext(/.*/, { status: 503 }, 10_000);
    const { code, out, err } = await world.cli(
      'emergency',
      'ben@example.com',
      ACCESS,
      '--for',
      '30m',
      '--reason',
      'Slack and the shop are down',
    );
    expect({ code, err, out }).toEqual({ code: 0, err: '', out: expect.stringContaining('Given, and seen') });
    expect(out).toMatch(
      /^Recorded as req_\w+: ben@example\.com takes prod-db-write in an emergency\..*\nGiven, and seen/,
    );
    expect(await world.hasRole('ben', 'app_writer')).toBe(true);
    world.slack.clearFaults();
    await world.clock.move(6 * MINUTE);
    const message = await told(CY, 'Slack and the shop are down');
    expect(message.text).toMatch(/\(typed on the server by `cli:\S+`\)/);
    await world.clock.move(HOUR);
    await ended();
    expect(await world.hasRole('ben', 'app_writer')).toBe(false);
    // Nobody reviewed it within two hours.
    await world.clock.move(HOUR);
    await world.see(() =>
      world.thread(message).find((text) => text.includes('Nobody has reviewed this emergency in time')),
    );
  });

  it('typed on the server while nothing runs is given by the command alone, and taken away by the next process', async () => {
    await world.product.stop();
    const { code } = await world.cli('emergency', 'ben@example.com', ACCESS, '--reason', 'everything is down');
    expect(code).toBe(0);
    expect(await world.hasRole('ben', 'app_writer')).toBe(true);
    await world.start();
    await told(DEE, 'everything is down');
    await world.clock.move(61 * MINUTE);
    await ended();
    expect(await world.hasRole('ben', 'app_writer')).toBe(false);
  });

  it('is refused on the server as in Slack: whom, why and how often', async () => {
    const run = (...args: string[]) => world.cli('emergency', ...args);
    const reason = ['--reason', 'the shop is down'];
    expect(await run('ben@example.com', ACCESS)).toMatchObject({ code: 1, err: expect.stringMatching(/^Say why/) });
    expect(await run('ben@example.com', ...reason)).toMatchObject({ code: 1, err: expect.stringContaining('Usage') });
    expect(await run('ana@example.com', ACCESS, ...reason)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/You may not take[\s\S]*Code: not-eligible/),
    });
    expect(await run('ben@example.com', ACCESS, ...reason)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/the next one is possible from 20[\s\S]*Code: quota-used/),
    });
    expect((await world.events()).filter(({ type }) => type === 'EmergencyTaken')).toHaveLength(3);
    await world.auditIsIntact();
    const { out } = await world.cli('audit', 'list', '--person', 'ben@example.com');
    expect(out).toMatch(/cli:\S+ \[ben@example\.com\]: took prod-db-write in an emergency, number 3/);
    expect(out).toMatch(/dee@example\.com \[ben@example\.com\]: reviewed the emergency prod-db-write as fine/);
  });
});
