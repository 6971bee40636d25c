import pg from 'pg';
import type { Target, Use } from '../../../src/app/ports/provider.ts';
import { provider } from '../../../src/providers/postgres-role/index.ts';
import { failure, settings } from '../../contract/provider-contract.ts';
import { type RolesServer, startRolesServer, until } from '../../support/postgres-roles.ts';

describe('the last use of a role, as the sessions of its account tell', () => {
  let roles: RolesServer;
  let ana: string;
  let target: Target;
  const closing: (() => Promise<unknown>)[] = [];

  const open = (url: string): Target => {
    const opened = provider.open(settings(provider, { url }), 'prod-postgres');
    closing.push(() => opened.close());
    return opened;
  };
  const call = (account = 'ana') => ({
    permission: { role: 'app_writer' },
    account,
    signal: new AbortController().signal,
  });
  const lastUsed = (account?: string, by = target): Promise<Use> => {
    if (!by.lastUsed) throw new Error('postgres-role tells of use');
    return by.lastUsed(call(account));
  };
  const session = async (database = 'postgres'): Promise<pg.Client> => {
    const url = new URL(ana);
    url.pathname = `/${database}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    closing.push(() => client.end());
    return client;
  };
  const backends = async (condition: string): Promise<number> => {
    const { rows } = await roles.admin.query(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = 'ana' AND ${condition}`,
    );
    return rows[0].count;
  };

  beforeAll(async () => {
    roles = await startRolesServer();
    await roles.server.createDatabase('second');
    await roles.admin.query('CREATE ROLE app_writer; CREATE ROLE app_reader');
    ana = await roles.login('ana');
    await roles.login('ben');
    await roles.admin.query('GRANT app_writer TO ana');
  });
  beforeEach(async () => {
    target = open(await roles.login(`latchkey_${closing.length}_${Date.now()}`, 'SUPERUSER'));
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await until(async () => (await backends('true')) === 0);
  });
  afterAll(() => roles?.stop());

  it('is not known without a session, whatever there was before: Postgres keeps no history', async () => {
    expect(await lastUsed()).toEqual({ knownMs: 0 });
    const before = await session();
    await before.query('SELECT 1');
    await before.end();
    await until(async () => (await backends('true')) === 0);
    expect(await lastUsed()).toEqual({ knownMs: 0 });
  });

  it('is when the session finished what it did last', async () => {
    const client = await session();
    await client.query('SELECT 1');
    const first = await lastUsed();
    expect(first.usedMsAgo).toBeGreaterThanOrEqual(0);
    await client.query('SELECT pg_sleep(0.05)');
    const { rows } = await roles.admin.query(
      `SELECT (extract(epoch FROM clock_timestamp() - state_change) * 1000)::float8 AS ago FROM pg_stat_activity WHERE usename = 'ana'`,
    );
    expect((await lastUsed()).usedMsAgo).toBeGreaterThanOrEqual(rows[0].ago);
    // Of several, the latest counts; in any database.
    const second = await session('second');
    await second.query('SELECT 1');
    const between = (await lastUsed()).usedMsAgo ?? Number.NaN;
    await second.end();
    await until(async () => (await backends(`datname = 'second'`)) === 0);
    expect((await lastUsed()).usedMsAgo).toBeGreaterThan(between);
  });

  it('is now while a statement runs, and while a transaction is open, failed or not', async () => {
    const client = await session();
    const locked = new pg.Client({ connectionString: roles.server.url });
    await locked.connect();
    closing.push(() => locked.end());
    await locked.query('SELECT pg_advisory_lock(7)');
    const waiting = client.query('SELECT pg_advisory_lock(7)');
    await until(async () => (await backends(`wait_event_type = 'Lock'`)) === 1);
    expect(await lastUsed()).toEqual({ usedMsAgo: 0, knownMs: 0 });
    await locked.query('SELECT pg_advisory_unlock(7)');
    await waiting;

    await client.query('BEGIN');
    expect(await lastUsed()).toEqual({ usedMsAgo: 0, knownMs: 0 });
    await client.query('SELECT 1/0').catch(() => {});
    expect(await lastUsed()).toEqual({ usedMsAgo: 0, knownMs: 0 });
    await client.query('ROLLBACK');
    expect((await lastUsed()).usedMsAgo).toBeGreaterThan(0);
  });

  it('is that of the account itself: a session in which another has taken on its role is not its own', async () => {
    const client = await session();
    await client.query('BEGIN; SET ROLE app_writer');
    expect(await lastUsed('app_writer')).toEqual({ knownMs: 0 });
    expect(await lastUsed('ben')).toEqual({ knownMs: 0 });
    expect((await lastUsed()).usedMsAgo).toBe(0);
  });

  it('that the login may not see is said to be unseen, with the way out, and never taken for none', async () => {
    const url = await roles.login('modest');
    await roles.admin.query('GRANT app_writer TO modest WITH ADMIN OPTION');
    const modest = open(url);
    // That there is no session at all is for everybody to see.
    expect(await lastUsed('ana', modest)).toEqual({ knownMs: 0 });
    await session();
    const error = await failure(lastUsed('ana', modest));
    expect(error).toMatchObject({ kind: 'give-up', code: 'may-not-see-sessions' });
    expect(error.message).toContain('pg_read_all_stats');
    await roles.admin.query('GRANT pg_read_all_stats TO modest');
    expect((await lastUsed('ana', modest)).usedMsAgo).toBeGreaterThanOrEqual(0);
  });

  it('that the server does not track is said to be untracked', async () => {
    await roles.admin.query('ALTER ROLE ana SET track_activities = off');
    try {
      const client = await session();
      await client.query('SELECT 1');
      expect(await failure(lastUsed())).toMatchObject({ kind: 'give-up', code: 'activities-not-tracked' });
    } finally {
      await roles.admin.query('ALTER ROLE ana RESET track_activities');
    }
  });
});
