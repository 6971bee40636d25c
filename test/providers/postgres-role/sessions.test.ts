import pg from 'pg';
import type { Target } from '../../../src/app/ports/provider.ts';
import { provider } from '../../../src/providers/postgres-role/index.ts';
import { failure, settings } from '../../contract/provider-contract.ts';
import { type RolesServer, startRolesServer } from '../../support/postgres-roles.ts';

describe('the sessions of an account, on revoke', () => {
  let roles: RolesServer;
  let latchkey: string;
  let other: string;
  const accounts = new Map<string, string>();
  const closing: (() => Promise<unknown>)[] = [];

  const open = (config: object): Target => {
    const target = provider.open(settings(provider, config), 'prod-postgres');
    closing.push(() => target.close());
    return target;
  };
  const call = (account: string) => ({
    permission: { role: 'app_writer' },
    account,
    signal: new AbortController().signal,
  });
  /** A session of an account, and whether it was ended from outside. */
  const session = async (account: string, database = 'postgres') => {
    const url = new URL(accounts.get(account) ?? '');
    url.pathname = `/${database}`;
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined);
    await client.connect();
    closing.push(() => client.end());
    return {
      client,
      ended: new Promise<void>((resolve) => client.once('end', () => resolve())),
      works: () =>
        client.query('SELECT 1').then(
          () => true,
          () => false,
        ),
    };
  };

  beforeAll(async () => {
    roles = await startRolesServer();
    latchkey = await roles.login('latchkey', 'SUPERUSER');
    await roles.server.createDatabase('second');
    other = 'second';
    await roles.admin.query('CREATE ROLE app_writer');
    for (const name of ['ana', 'ben', 'A"na']) accounts.set(name, await roles.login(name));
    await roles.admin.query('GRANT ana TO ben');
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(() => roles?.stop());

  it('are left alone unless the target says otherwise', async () => {
    const target = open({ url: latchkey });
    const ana = await session('ana');
    await target.provision(call('ana'));
    await target.revoke(call('ana'));
    expect(await ana.works()).toBe(true);
  });

  it('end in every database, with what they took on by SET ROLE, and nobody else', async () => {
    const target = open({ url: latchkey, end_sessions: true });
    await target.provision(call('ana'));
    const mine = [await session('ana'), await session('ana', other)];
    await mine[0]?.client.query('SET ROLE app_writer');
    const ben = await session('ben');
    await ben.client.query('SET ROLE ana');
    const quoted = await session('A"na');

    await target.revoke(call('ana'));

    await Promise.all(mine.map(({ ended }) => ended));
    expect(await ben.works()).toBe(true);
    expect(await quoted.works()).toBe(true);
    expect(await target.inspect(call('ana'))).toBe('absent');
    expect(await (await session('ana')).works()).toBe(true);
  });

  it('end for an account with a quote in its name', async () => {
    const target = open({ url: latchkey, end_sessions: true });
    await target.provision(call('A"na'));
    const [quoted, ana] = [await session('A"na'), await session('ana')];
    await target.revoke(call('A"na'));
    await quoted.ended;
    expect(await ana.works()).toBe(true);
  });

  it('need a login that may end them; what is missing is said, and the next attempt ends them', async () => {
    const url = await roles.login('modest');
    await roles.admin.query('GRANT app_writer TO modest WITH ADMIN OPTION');
    const target = open({ url, end_sessions: true });
    await target.provision(call('ana'));
    const ana = await session('ana');

    const error = await failure(target.revoke(call('ana')));
    expect(error).toMatchObject({ kind: 'give-up', code: 'may-not-end-sessions' });
    expect(error.message).toContain('pg_signal_backend');
    expect(await ana.works()).toBe(true);
    expect(await target.inspect(call('ana'))).toBe('absent');

    await roles.admin.query('GRANT pg_signal_backend TO modest');
    await target.revoke(call('ana'));
    await ana.ended;
  });
});
