import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type PostgresServer, startPostgres } from './postgres.ts';

/** A real server as its administrator sees it, for the tests of roles and memberships. */
export interface RolesServer {
  server: PostgresServer;
  admin: pg.Pool;
  /** Makes a role that can log in with a password, and returns its url. */
  login(name: string, attributes?: string): Promise<string>;
  /** `role < account (by grantor)`, sorted, without what Postgres itself ships. */
  memberships(): Promise<string[]>;
  /** Holds every change of a membership back, as a long change of somebody else does, until it lets go. */
  holdChanges(): Promise<{ letGo(): Promise<void> }>;
  /** Sessions of Latchkey's connections. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

export async function startRolesServer(): Promise<RolesServer> {
  const server = await startPostgres();
  const admin = new pg.Pool({ connectionString: server.url, application_name: 'admin' });
  return {
    server,
    admin,
    async login(name, attributes = '') {
      const password = `pw-${randomBytes(6).toString('hex')}`;
      await admin.query(`CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN ${attributes} PASSWORD '${password}'`);
      return server.urlFor({ user: name, password });
    },
    async memberships() {
      const { rows } = await admin.query(
        `SELECT r.rolname || ' < ' || a.rolname || ' (by ' || g.rolname || ')' AS line
           FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles a ON a.oid = m.member
           JOIN pg_roles g ON g.oid = m.grantor
          WHERE m.roleid >= 16384 OR m.member >= 16384 ORDER BY 1`,
      );
      return rows.map(({ line }) => line);
    },
    async holdChanges() {
      // The role itself would do since 16; before, a GRANT does not wait for another's of the same role.
      const blocker = new pg.Client({ connectionString: server.url });
      await blocker.connect();
      await blocker.query('BEGIN; LOCK TABLE pg_auth_members IN EXCLUSIVE MODE');
      return {
        async letGo() {
          await blocker.query('ROLLBACK');
          await blocker.end();
        },
      };
    },
    async connections() {
      const { rows } = await admin.query(
        `SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'latchkey'`,
      );
      return rows[0].count;
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}

/** Asks again until it holds. Each question is a round trip to the server, and the test's own timeout is the limit. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
