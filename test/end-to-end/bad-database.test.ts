import { execFile } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@libsql/client';
import pg from 'pg';
import type { RolesServer } from '../support/postgres-roles.ts';
import { latchkey } from '../support/product.ts';
import { ANA, CY, DEE, startServer, World } from './world.ts';

const run = promisify(execFile);

let server: RolesServer;
let world: World;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const ASK = '/access prod-db-read 30m';
const cannot = (code: string): RegExp =>
  new RegExp(
    `^I cannot use my database right now \\(${code}\\)\\. Nothing was changed\\. Please try again in a minute\\.$`,
  );

/** The trouble is over: it is asked, approved, given, ended, and the log is whole. */
async function worksAgain(): Promise<void> {
  const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
  await world.approve(DEE, message);
  await world.given(message);
  await world.command(ANA, '/access revoke prod-db-read');
  await world.ended(message);
  await world.product.ready();
  await world.auditIsIntact();
}

const requests = async (): Promise<number> =>
  (await world.events()).filter(({ type }) => type === 'RequestOpened').length;

describe('an SQLite file', () => {
  beforeAll(async () => {
    world = await World.open({ server, database: 'SQLite' });
    await world.start();
  });
  afterAll(() => world.close());

  it('that is locked by another process: the person is told, nothing is half done, and it works again afterwards', async () => {
    // It waits for its turn: the product's own writing, the tick's, is not what is tested here.
    const other = createClient({ url: world.env.DATABASE_URL ?? '', timeout: 30_000 });
    const lock = await other.transaction('write');
    try {
      expect(await world.command(ANA, ASK)).toMatch(cannot('locked'));
      // Slack was answered while the database was waited for, which is five seconds.
      expect(world.slack.deliveries.at(-1)?.ackMs).toBeLessThan(4_000);
      expect(await world.product.readiness()).toMatchObject({
        status: 503,
        body: { checks: { database: { ok: false } } },
      });
    } finally {
      await lock.rollback();
      other.close();
    }
    expect(await requests()).toBe(0);
    await worksAgain();
  });

  it('that goes away while it runs: the person is told, nothing goes into the deleted file, and it works again afterwards', async () => {
    const file = join(world.folder, 'latchkey.db');
    const before = await requests();
    await rename(file, `${file}.away`);
    try {
      expect(await world.command(ANA, ASK)).toMatch(cannot('gone'));
      expect(await world.command(ANA, '/access list')).toMatch(cannot('gone'));
      expect(await world.product.readiness()).toMatchObject({
        status: 503,
        body: { checks: { database: { detail: 'gone' } } },
      });
    } finally {
      await rename(`${file}.away`, file);
    }
    expect(await requests()).toBe(before);
    await worksAgain();
  });

  it('on a disk that takes no more: the person is told, nothing is half done, and it works again afterwards', async () => {
    const before = await requests();
    // A limit of the process stands in for the disk's: as little may be written, and it is over when we say so.
    await run('prlimit', ['--pid', String(world.product.pid), '--fsize=1:unlimited']);
    try {
      expect(await world.command(ANA, ASK)).toMatch(cannot('(full|gone)'));
    } finally {
      await run('prlimit', ['--pid', String(world.product.pid), '--fsize=unlimited:unlimited']);
    }
    expect(await requests()).toBe(before);
    await worksAgain();
  });

  it('where nothing can be written: the start is refused, and says which file', async () => {
    const { code, err } = await latchkey(['serve'], { ...world.env, DATABASE_URL: 'file:/sys/latchkey.db' });
    expect(err).toMatch(
      /^Latchkey cannot start: the database file:\/sys\/latchkey\.db cannot be used\. .*cannot be (written|opened)/,
    );
    expect(code).toBe(2);
  });

  it('that is no database: the start is refused, and says so', async () => {
    const folder = join(world.folder, 'a-folder.db');
    await mkdir(folder);
    const { code, err } = await latchkey(['serve'], { ...world.env, DATABASE_URL: `file:${folder}` });
    expect(err).toMatch(/^Latchkey cannot start: the database file:.*a-folder\.db cannot be used\./);
    expect(code).toBe(2);
  });
});

describe('a Postgres database', () => {
  let admin: pg.Client;
  let name: string;

  beforeAll(async () => {
    world = await World.open({ server, database: 'Postgres' });
    await world.start();
    admin = new pg.Client({ connectionString: world.env.DATABASE_URL });
    await admin.connect();
    name = new URL(world.env.DATABASE_URL ?? '').pathname.slice(1);
  });
  afterAll(async () => {
    await admin.end();
    await world.close();
  });

  /** As an administrator ends the connections of a program; resolves when they have ended. */
  const disconnect = () =>
    admin.query(
      `SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`,
      [name],
    );

  it('that is read-only: the person is told, and it works again afterwards', async () => {
    await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await disconnect();
    try {
      // The first answers may still be about the connections that were ended.
      let answer = await world.command(ANA, ASK);
      while (cannot('gone').test(answer)) answer = await world.command(ANA, ASK);
      expect(answer).toMatch(cannot('read-only'));
      expect(await world.product.readiness()).toMatchObject({
        status: 503,
        body: { checks: { database: { detail: 'read-only' } } },
      });
    } finally {
      await admin.query(`SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE`);
      await admin.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
      await disconnect();
    }
    expect(await requests()).toBe(0);
    await world.product.ready();
    await worksAgain();
  });

  it('whose disk is full: the person is told, nothing is half done, and it works again afterwards', async () => {
    await admin.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`);
    // The last thing that a request writes: what came before it in the transaction must be undone.
    await admin.query('CREATE TRIGGER full_disk BEFORE INSERT ON "Effect" FOR EACH ROW EXECUTE FUNCTION full_disk()');
    const before = await requests();
    try {
      expect(await world.command(ANA, ASK)).toMatch(cannot('full'));
    } finally {
      await admin.query('DROP FUNCTION full_disk CASCADE');
    }
    expect(await requests()).toBe(before);
    await worksAgain();
  });

  it('that goes away in the middle of a vote: the vote counts once or not at all, and the person is told', async () => {
    const message = await world.ask(ANA, 'customer-export 1h', 'exports');
    await admin.query('BEGIN');
    await admin.query('SELECT * FROM "AuditHead" FOR UPDATE');
    const before = world.slack.ephemerals(CY).length;
    const clicked = world.slack.click(CY, message, 'approve');
    // The product's transaction has begun, and waits for the row that we hold.
    for (let waiting = 0; waiting === 0; ) {
      const { rows } = await server.admin.query(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`,
        [name],
      );
      waiting = rows[0].n;
    }
    await disconnect();
    await admin.query('ROLLBACK');
    await clicked;
    const answer = await world.see(() => world.slack.ephemerals(CY)[before]);
    expect(answer.text).toMatch(cannot('gone'));

    await world.product.ready();
    await world.approve(CY, message);
    await world.approve(DEE, message);
    await world.given(message);
    const votes = (await world.events()).filter(
      ({ type, access }) => type === 'VoteCast' && access === 'customer-export',
    );
    expect(votes.map(({ actor }) => actor)).toEqual(['cy@example.com', 'dee@example.com']);
    await world.command(ANA, '/access revoke customer-export');
    await world.ended(message);
    await world.auditIsIntact();
  });
});
