import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import pg from 'pg';
import type { FakeMessage, FakeView } from '../../src/playground/slack/types.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import { latchkey } from '../support/product.ts';
import {
  ANA,
  type AuditEvent,
  BEN,
  buttons,
  CY,
  DEE,
  ELI,
  HOUR,
  MINUTE,
  STRANGER,
  startServer,
  World,
  words,
} from './world.ts';

let server: RolesServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe.each(['SQLite', 'Postgres'] as const)('one request on %s', (database) => {
  let world: World;

  beforeAll(async () => {
    world = await World.open({ server, database });
    await world.start();
  });
  afterAll(() => world.close());

  /** The direct message about a grant that runs, with its button. */
  const card = (user: string): Promise<FakeMessage> =>
    world.see(() => world.slack.directMessages(user).findLast((message) => buttons(message).includes('end-now')));

  it('is asked in one line, approved with a button, given in the directory, and taken away when its time is over', async () => {
    const answer = await world.command(ANA, '/access prod-db-read 30m INC-42 slow <!channel> queries');
    expect(answer).toMatch(/^Asked in #db-access: `prod-db-read` needs 1 of group `dba`\. It lapses <!date\^/);

    const message = await world.see(() => world.parents('db-access')[0]);
    expect(message.text).toContain(
      '<@U01ANA> asks for Production database, read only (prod-db-read) for 30m: INC-42 slow &lt;!channel&gt; queries.',
    );
    const shown = words(message);
    expect(shown).toContain(
      '*If approved, for 30m:*\n• group prod-db-readers at `directory` for account `ana@example.com`',
    );
    expect(shown).toContain('1 of group `dba` – waiting for 1 approval from <@U01CY> and <@U01DEE>');
    expect(shown).toMatch(/Waiting for approval\. It lapses <!date\^/);
    expect(buttons(message)).toEqual(['approve', 'deny']);
    expect(message.notifications).not.toContain('channel');
    expect(world.members('prod-db-readers')).toEqual([]);

    await world.approve(DEE, message);
    await world.given(message);
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);
    await world.see(() => buttons(world.now(message)).length === 0);
    expect(words(world.now(message))).toMatch(/Approved by <@U01DEE>\. Active until <!date\^/);
    const mine = await card(ANA);
    expect(mine.text).toMatch(/^You have Production database, read only \(`prod-db-read`\) until <!date\^/);
    expect(words(mine)).toContain('prod-db-readers');

    await world.clock.move(29 * MINUTE);
    expect(await world.command(ANA, '/access list')).toMatch(/`prod-db-read` – (59s|[1-5]?\ds|1m) left/);
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);

    await world.clock.move(MINUTE);
    expect(await world.ended(message)).toMatch(
      /^Its time is over: group prod-db-readers at `directory` was seen gone <!date\^/,
    );
    expect(world.members('prod-db-readers')).toEqual([]);
    await world.see(() => buttons(world.now(message)).length === 0 && buttons(lastCard(mine)).length === 0);
    const told = await world.see(() => world.slack.directMessages(ANA).find(({ text }) => text.includes('is over')));
    expect(told.text).toContain('was seen gone');
    expect(world.thread(message)).toEqual([
      expect.stringMatching(/^<@U01DEE> approved\. That was the last approval; it ends /),
      expect.stringMatching(/^Given, and seen at the target\. <@U01ANA> has it until /),
      expect.stringMatching(/^Its time is over/),
    ]);

    function lastCard(of: FakeMessage): FakeMessage {
      return world.slack.directMessages(ANA).find(({ ts }) => ts === of.ts) ?? of;
    }
  });

  it('is asked in a form that searches, shows who will be asked, and says mistakes beside the input', async () => {
    const { slack } = world;
    await slack.command(BEN, 'general', '/access');
    const opened = await world.see(() => slack.views(BEN)[0]);
    const top = (): FakeView => {
      const view = slack.views(BEN)[0];
      if (!view) throw new Error('The form is closed.');
      return view;
    };

    const all = await slack.options(BEN, opened.id, 'choose-access', '');
    expect(all.map(({ value }) => value).sort()).toEqual([
      'customer-export',
      'prod-db-read',
      'prod-db-write',
      'staging-admin',
    ]);
    const found = await slack.options(BEN, opened.id, 'choose-access', 'write');
    expect(found[0]).toMatchObject({ value: 'prod-db-write' });

    await slack.clickInView(BEN, opened.id, 'choose-access', 'prod-db-write');
    await world.see(() => top().blocks.some(({ block_id }) => block_id === 'duration:prod-db-write'));
    expect(words(top() as never)).toContain('*Who will be asked, in #writes*');
    expect(words(top() as never)).toContain('1. 1 of group `dba` (<@U01CY> and <@U01DEE>)');
    expect(words(top() as never)).toContain(
      '2. 1 of the requester’s manager or group `security` (<@U01CY> and <@U01DEE>)',
    );
    expect(words(top() as never)).toContain('• role app_writer at `prod-postgres`');

    // What Slack's own client lets through (ten characters), the rule does not (of spaces).
    await slack.submitView(BEN, opened.id, { 'reason-text': ' '.repeat(12) });
    await world.see(() => top().errors.reason);
    expect(top().errors.reason).toMatch(/reason/i);

    const before = world.parents('writes').length;
    await slack.submitView(BEN, opened.id, { 'reason-text': 'fix the broken orders', 'choose-duration': '2h' });
    const message = await world.see(() => world.parents('writes')[before]);
    expect(slack.views(BEN)).toEqual([]);
    expect(message.text).toContain('<@U01BEN> asks for Production database, write (prod-db-write) for 2h');
    await world.see(() => slack.ephemerals(BEN).find(({ text }) => text.startsWith('Asked in #writes')));
    await world.command(BEN, '/access revoke prod-db-write');
    await world.see(() => buttons(world.now(message)).length === 0);
    expect(words(world.now(message))).toContain('Withdrawn by <@U01BEN>.');
  });

  it('goes through its steps in order, with one seat for each person, and ends in a role of a real Postgres', async () => {
    const message = await world.ask(ANA, 'prod-db-write 1h repair order 4711 by hand', 'writes');
    expect(words(message)).toContain(
      '*Step 1 of 2:* 1 of group `dba` – waiting for 1 approval from <@U01CY> and <@U01DEE>',
    );

    expect(await world.refusedClick(ANA, message, 'approve')).toMatch(/your own request.*own-request/s);
    expect(await world.refusedClick(BEN, message, 'approve')).toMatch(/not-an-approver/);
    await world.approve(DEE, message);
    await world.see(() =>
      words(world.now(message)).includes('*Step 2 of 2:* 1 of the requester’s manager or group `security` – waiting'),
    );
    expect(words(world.now(message))).toContain('*Step 1 of 2:* 1 of group `dba` – approved by <@U01DEE> ✓');
    expect(await world.refusedClick(DEE, message, 'approve')).toMatch(/already-voted/);
    expect(await world.hasRole('ana', 'app_writer')).toBe(false);

    await world.approve(CY, message);
    await world.given(message);
    expect(await world.hasRole('ana', 'app_writer')).toBe(true);
    expect(words(await card(ANA))).toContain('Connect to prod-postgres as ana');

    await world.clock.move(HOUR);
    await world.ended(message);
    expect(await world.hasRole('ana', 'app_writer')).toBe(false);
  });

  it('is ended by its holder with End now, and by nobody else', async () => {
    const message = await world.ask(ANA, 'prod-db-read 4h a long look', 'db-access');
    await world.approve(CY, message);
    await world.given(message);
    const mine = await card(ANA);
    // Somebody who got hold of the message could send its button: the click is not theirs to make.
    const foreign = world.slack.prepareClick(ANA, mine, 'end-now', {
      edit: (payload) => {
        payload.user = { id: BEN, username: 'ben', name: 'ben', team_id: 'T01ACME' };
      },
    });
    await world.slack.deliver(foreign);
    await world.see(() => world.slack.calls.some(({ args }) => String(args.text).includes('not-your-grant')));
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);

    await world.slack.click(ANA, mine, 'end-now');
    expect(await world.ended(message)).toMatch(/^Given back early: group prod-db-readers at `directory` was seen gone/);
    expect(world.members('prod-db-readers')).toEqual([]);
  });

  it('gives two things or nothing, needs two people of one group, and ends each overlapping grant at its own time', async () => {
    const first = await world.ask(ANA, 'customer-export 1h', 'exports');
    await world.approve(CY, first);
    expect(world.members('data-exporters')).toEqual([]);
    await world.approve(DEE, first);
    await world.given(first);
    expect(world.members('data-exporters')).toEqual(['ana@example.com']);
    expect(await world.hasRole('ana', 'exporter')).toBe(true);

    const second = await world.ask(ANA, 'customer-export 2h', 'exports');
    await world.approve(DEE, second);
    await world.approve(CY, second);
    await world.given(second);

    await world.clock.move(HOUR);
    expect(await world.ended(first)).toMatch(/stays until another running grant of the same person ends/);
    expect(world.members('data-exporters')).toEqual(['ana@example.com']);
    expect(await world.hasRole('ana', 'exporter')).toBe(true);

    await world.clock.move(HOUR);
    expect(await world.ended(second)).toMatch(/was seen gone.*was seen gone/);
    expect(world.members('data-exporters')).toEqual([]);
    expect(await world.hasRole('ana', 'exporter')).toBe(false);
  });

  it('is given without asking where the policy approves by itself, and given back with /access revoke', async () => {
    expect(await world.command(BEN, '/access staging-admin 1h')).toMatch(/^`staging-admin` is approved automatically/);
    await card(BEN);
    expect(world.members('staging-admins')).toEqual(['ben@example.com']);
    expect(await world.command(BEN, '/access list')).toMatch(
      /\*You have\*\n• `staging-admin` – (59m|1h) left, until <!date\^/,
    );
    expect(await world.command(BEN, '/access revoke prod-db-reed')).toMatch(/You have: staging-admin/);

    expect(await world.command(BEN, '/access revoke staging-admin')).toBe(
      'Taking `staging-admin` away now; I tell you when it is seen gone.',
    );
    await world.see(() => world.slack.directMessages(BEN).find(({ text }) => /Given back early.*seen gone/.test(text)));
    expect(world.members('staging-admins')).toEqual([]);
    expect(await world.command(BEN, '/access list')).toMatch(/^You have no access through Latchkey now/);
  });

  it('explains itself with /access help, to each person what they may ask for', async () => {
    const help = await world.command(BEN, '/access help');
    const forms = [
      '`/access`',
      '/access &lt;name&gt; &lt;duration&gt; &lt;reason…&gt;',
      '/access list',
      '/access revoke &lt;name&gt;',
    ];
    for (const form of forms) expect(help).toContain(form);
    expect(help).toContain('• `prod-db-write` – Production database, write');
    expect(await world.command(ELI, '/access help')).not.toContain('• `prod-db-write`');
    expect(await world.command(STRANGER, '/access help')).toContain('You may not ask for anything yet');
  });

  it('is denied with a reason, which its requester reads', async () => {
    const message = await world.ask(BEN, 'prod-db-read 1h please', 'db-access');
    await world.slack.click(DEE, message, 'deny');
    const form = await world.see(() => world.slack.views(DEE)[0]);
    await world.slack.submitView(DEE, form.id, { 'reason-text': 'use the replica' });
    await world.see(() => buttons(world.now(message)).length === 0);
    expect(words(world.now(message))).toMatch(/Denied by <@U01DEE>\.[\s\S]*use the replica/);
    const told = await world.see(() =>
      world.slack.directMessages(BEN).find(({ text }) => text.includes('denied your request')),
    );
    expect(words(told)).toContain('use the replica');
    await world.see(() => world.thread(message).some((text) => text === '<@U01DEE> denied this request.'));
    expect(world.members('prod-db-readers')).toEqual([]);
  });

  it('lapses when nobody answers in time', async () => {
    const message = await world.ask(BEN, 'customer-export 1h', 'exports');
    await world.clock.move(2 * HOUR);
    await world.see(() =>
      world.thread(message).includes('Nobody answered in time, so this request lapsed. Nothing was given.'),
    );
    await world.see(() => buttons(world.now(message)).length === 0);
    await world.see(() =>
      world.slack.directMessages(BEN).find(({ text }) => text.includes('lapsed: it was not approved in time')),
    );
  });

  it('ends on time although the machine’s clock is set back by a day meanwhile', async () => {
    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    await world.approve(DEE, message);
    await world.given(message);
    await world.clock.move(-24 * HOUR);
    await world.product.log('the machine’s clock was set');
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);
    // Work that waits for a time is still done: the heartbeat does not stand still until the clock has caught up.
    world.slack.failNext('chat.postMessage', { status: 500 });
    const again = await world.ask(BEN, 'prod-db-read 30m', 'db-access');
    await world.command(BEN, '/access revoke prod-db-read');
    await world.see(() => buttons(world.now(again)).length === 0);

    await world.clock.move(24 * HOUR + 30 * MINUTE);
    await world.ended(message);
    expect(world.members('prod-db-readers')).toEqual([]);
  });

  it('is told of in the digest, once a day, counts first', async () => {
    const now = new Date(world.clock.now());
    const nine = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1, 9, 0, 1);
    await world.clock.move(nine - world.clock.now());
    const digest = await world.see(() => world.parents('access-audit')[0]);
    expect(digest.text).toMatch(
      /^Access digest \d{4}-\d\d-\d\d: 7 granted, 1 denied, 1 lapsed, 7 ended, \d refused, 0 active now\.$/,
    );
    await world.clock.move(24 * HOUR);
    const quiet = await world.see(() => world.parents('access-audit')[1]);
    expect(quiet.text).toMatch(/nothing happened, and nothing is active/);
    expect(quiet.blocks).toEqual([]);
    expect(world.parents('access-audit')).toHaveLength(2);
  });

  /** `audit list --json`. */
  async function listed(...filters: string[]): Promise<AuditEvent[]> {
    const { code, out, err } = await world.cli('audit', 'list', '--json', ...filters);
    expect([code, err]).toEqual([0, '']);
    const lines = out.split('\n').filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as { entry: { event: AuditEvent } }).entry.event);
  }

  it('can be proved: the CLI lists who, what, when and why, and verifies the chain and the rows', async () => {
    const intact = await world.cli('audit', 'verify');
    expect(intact.out).toMatch(
      /^T01ACME: intact\. \d+ entries, each follows the one before; \d+ rows are exactly what they tell\. Head [0-9a-f]{64}\n$/,
    );
    expect(intact.code).toBe(0);

    const writes = await listed('--access', 'prod-db-write', '--person', 'ana@example.com');
    const told = writes.map(({ type }) => type);
    expect(told.filter((type) => type !== 'CommandRefused')).toEqual([
      'RequestOpened',
      'VoteCast',
      'VoteCast',
      'RequestApproved',
      'EntitlementBaselined',
      'EntitlementGiven',
      'GrantActivated',
      'GrantEnding',
      'EntitlementTaken',
      'GrantEnded',
    ]);
    expect(told.filter((type) => type === 'CommandRefused')).toHaveLength(3);
    expect(writes.map(({ access }) => access).filter((name) => name !== undefined)).not.toContain('prod-db-read');
    expect(await listed('--since', '1s')).toEqual([]);

    const { out } = await world.cli('audit', 'list', '--person', 'ben@example.com', '--access', 'staging-admin');
    expect(out).toMatch(/^2030-03-05T\S+Z +\d+ {2}ben@example\.com: /m);
    expect(out).toMatch(/policy:staging-admin\/staging is open/);
  });

  it('is found out when somebody changes one byte of what happened: verify names the first broken entry', async () => {
    await world.product.stop();
    const copy = await tampered(world, database);
    const broken = await latchkey(['audit', 'verify'], { ...world.env, DATABASE_URL: copy });
    expect(broken.out).toMatch(/^T01ACME: BROKEN\.\n {2}entry 5: /);
    expect(broken.code).toBe(3);
  });
});

/** A copy of the database in which the fifth entry says something else; the triggers were taken off and put back. */
async function tampered(world: World, database: 'SQLite' | 'Postgres'): Promise<string> {
  const { DATABASE_URL = '' } = world.env;
  if (database === 'SQLite') {
    const copy = join(world.folder, 'copy.db');
    const original = createClient({ url: DATABASE_URL, timeout: 30_000 });
    await original.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    original.close();
    await copyFile(join(world.folder, 'latchkey.db'), copy);
    const client = createClient({ url: `file:${copy}`, timeout: 30_000 });
    const guard = await client.execute(`SELECT sql FROM sqlite_master WHERE name = 'AuditEntry_no_update'`);
    await client.execute('DROP TRIGGER "AuditEntry_no_update"');
    await client.execute(`UPDATE "AuditEntry" SET "body" = replace("body", 'ana@', 'eve@') WHERE "seq" = 5`);
    await client.execute(`UPDATE "AuditEntry" SET "body" = "body" || ' ' WHERE "seq" = 5`);
    await client.execute(String(guard.rows[0]?.sql));
    client.close();
    return `file:${copy}`;
  }
  const name = new URL(DATABASE_URL).pathname.slice(1);
  await world.server.admin.query(`CREATE DATABASE ${name}_copy TEMPLATE ${name}`);
  const url = DATABASE_URL.replace(name, `${name}_copy`);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('ALTER TABLE "AuditEntry" DISABLE TRIGGER "AuditEntry_no_change"');
  await client.query(`UPDATE "AuditEntry" SET "body" = "body" || ' ' WHERE "seq" = 5`);
  await client.query('ALTER TABLE "AuditEntry" ENABLE ALWAYS TRIGGER "AuditEntry_no_change"');
  await client.end();
  return url;
}
