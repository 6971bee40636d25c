import pg from 'pg';
import { postgresMajor, startPostgres } from './postgres.ts';

describe('the PostgreSQL server of the tests', () => {
  it('starts, makes databases, refuses a wrong password and stops with connections open', async () => {
    const server = await startPostgres();
    const url = await server.createDatabase('o"ne');
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query('SELECT current_database() AS name, version() AS version');
    expect(rows[0].name).toBe('o"ne');
    expect(await postgresMajor()).toBeGreaterThanOrEqual(14);
    expect(rows[0].version).toMatch(new RegExp(`^PostgreSQL ${await postgresMajor()}\\b`));

    const stranger = new pg.Client({ connectionString: server.urlFor({ user: 'postgres', password: 'wrong' }) });
    await expect(stranger.connect()).rejects.toThrow('password authentication failed');

    const ended = new Promise((resolve) => client.once('end', resolve));
    await server.stop();
    await ended;
  });

  it('is that of TEST_POSTGRES_BIN, and never another one in its place', async () => {
    const before = process.env.TEST_POSTGRES_BIN;
    process.env.TEST_POSTGRES_BIN = import.meta.dirname;
    try {
      await expect(startPostgres()).rejects.toThrow(`TEST_POSTGRES_BIN names ${import.meta.dirname}`);
    } finally {
      if (before === undefined) delete process.env.TEST_POSTGRES_BIN;
      else process.env.TEST_POSTGRES_BIN = before;
    }
  });

  it('runs beside others', async () => {
    const servers = await Promise.all([startPostgres(), startPostgres()]);
    expect(servers[0]?.port).not.toBe(servers[1]?.port);
    await Promise.all(servers.map((server) => server.stop()));
  });
});
