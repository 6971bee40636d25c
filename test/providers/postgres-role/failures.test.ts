import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { failure } from '../../contract/provider-contract.ts';
import { startPostgres } from '../../support/postgres.ts';
import { membership, type RoleTargets, startRoleTargets } from '../../support/postgres-role-targets.ts';
import { until } from '../../support/postgres-roles.ts';

describe('a PostgreSQL server that fails', () => {
  let roles: RoleTargets;
  const call = () => membership('app_writer', 'ana');
  const outcome = async (url: string) => {
    const { kind, code, message } = await failure(roles.open(url).provision(call()));
    expect(message).not.toMatch(/pw-|127\.0\.0\.1|postgresql:/);
    return `${kind} ${code}`;
  };

  beforeAll(async () => {
    roles = await startRoleTargets();
    await roles.login('ana');
    await roles.admin.query('CREATE ROLE app_writer');
  });
  afterAll(() => roles?.stop());

  it('with a wrong password is given up, and neither password is told', async () => {
    expect(await outcome(roles.server.urlFor({ user: 'postgres', password: 'pw-wrong' }))).toBe(
      'give-up login-refused',
    );
  });

  it('without the database of the url is given up', async () => {
    const url = new URL(await roles.login('lost_database'));
    url.pathname = '/nowhere';
    expect(await outcome(url.href)).toBe('give-up no-such-database');
  });

  it('with no connection to spare is tried again', async () => {
    const url = await roles.login('crowded', 'CONNECTION LIMIT 0');
    expect(await outcome(url)).toBe('retry busy');
  });

  it('that is read-only is tried again', async () => {
    const url = await roles.login('reader', 'SUPERUSER');
    await roles.admin.query('ALTER ROLE reader SET default_transaction_read_only = on');
    expect(await outcome(url)).toBe('retry read-only');
  });

  it('that does not speak TLS when it must is tried again', async () => {
    expect(await outcome(`postgresql://latchkey:pw-secret@127.0.0.1:${roles.server.port}/?sslmode=verify-full`)).toBe(
      'retry unreachable',
    );
  });

  it('that cut our idle connection is asked over a new one', async () => {
    const target = roles.open(await roles.login('cut_idle', 'SUPERUSER'));
    await target.inspect(call());
    await roles.admin.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'cut_idle'`);
    await until(async () => (await target.inspect(call()).catch(() => 'not yet')) === 'absent');
  });

  it('that cuts a call in the middle is tried again, and nothing was changed', async () => {
    const target = roles.open(await roles.login('cut_busy', 'SUPERUSER'));
    const held = await roles.holdChanges();
    const cut = failure(target.provision(call()));
    await until(async () => {
      const { rows } = await roles.admin.query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'cut_busy' AND wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    });
    await held.letGo();
    expect(await cut).toMatchObject({ kind: 'retry', code: 'unanswered' });
    expect(await target.inspect(call())).toBe('absent');
  });

  it('that accepts connections and says nothing is left at the deadline', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const target = roles.open(`postgresql://latchkey:pw-secret@127.0.0.1:${port}/postgres`);
    const deadline = new AbortController();
    const asked = failure(target.inspect({ ...call(), signal: deadline.signal }));
    await once(mute, 'connection');
    deadline.abort();
    expect(await asked).toMatchObject({ kind: 'retry', code: 'deadline' });
    for (const socket of sockets) socket.destroy();
    mute.close();
    await target.close();
  });

  it('that goes away is unreachable', async () => {
    const server = await startPostgres();
    const target = roles.open(server.url);
    await target.inspect(call());
    await server.stop();
    expect(await failure(target.inspect(call()))).toMatchObject({ kind: 'retry', code: 'unreachable' });
  });
});
