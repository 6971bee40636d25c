import pg from 'pg';
import type { Permission } from '../../../src/domain/entitlement.ts';
import { provider } from '../../../src/providers/postgres-role/index.ts';
import { type ProviderFixture, providerContract } from '../../contract/provider-contract.ts';
import { startRolesServer, until } from '../../support/postgres-roles.ts';

const quoted = pg.escapeIdentifier;

/** The same cluster by another login, another database and other options. */
function withLogin(address: string, name: string): string {
  const url = new URL(address);
  url.username = name;
  url.password = name;
  url.pathname = '/elsewhere';
  url.searchParams.set('application_name', name);
  return url.href.replace(/^postgresql:/, 'postgres:');
}

async function start(): Promise<ProviderFixture> {
  const { server, admin, login, memberships, connections, holdChanges, stop } = await startRolesServer();
  const url = await login('latchkey', 'SUPERUSER');
  const permissionNamed = (name: string): Permission => ({ role: name });
  const accountNamed = (name: string) => `${name}!`;
  return {
    provider,
    config: { url, end_sessions: false },
    rotated: { url: withLogin(url, 'hunter2'), end_sessions: true },
    unreachable: {
      config: { url: 'postgresql://latchkey:hunter2@127.0.0.1:1/postgres' },
      secrets: ['hunter2', '127.0.0.1'],
    },
    async createPermission(name) {
      await admin.query(`CREATE ROLE ${quoted(name)} NOLOGIN`);
      return permissionNamed(name);
    },
    permissionNamed,
    async createAccount(name) {
      await admin.query(`CREATE ROLE ${quoted(accountNamed(name))} LOGIN`);
      return accountNamed(name);
    },
    accountNamed,
    hostileNames: [
      'a"b',
      '"; DROP ROLE latchkey; --',
      "o'brien",
      'back\\slash',
      '$1',
      'über — 角色 😀',
      'tab\tnew\nline',
      'UPPER Case',
      'select',
      'x'.repeat(62),
    ],
    unknown: { permission: 'no-such-role', account: 'no-such-account' },
    outside: {
      async set({ role = '' }, account, present) {
        const verb = present ? ['GRANT', 'TO'] : ['REVOKE', 'FROM'];
        await admin.query(`${verb[0]} ${quoted(role)} ${verb[1]} ${quoted(account)}`);
      },
      everything: memberships,
    },
    async beginUse(account) {
      await admin.query(`ALTER ROLE ${quoted(account)} PASSWORD 'pw'`);
      const client = new pg.Client({ connectionString: server.urlFor({ user: account, password: 'pw' }) });
      await client.connect();
      await client.query('BEGIN');
      return {
        async stop() {
          await client.end();
          const left = 'SELECT 1 FROM pg_stat_activity WHERE usename = $1';
          await until(async () => (await admin.query(left, [account])).rowCount === 0);
        },
      };
    },
    async stall() {
      const held = await holdChanges();
      const ours = async (condition: string) => {
        const { rows } = await admin.query(
          `SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'latchkey' AND ${condition}`,
        );
        return rows[0].count as number;
      };
      return {
        reached: until(async () => (await ours(`wait_event_type = 'Lock'`)) > 0),
        async letGo() {
          await held.letGo();
          await until(async () => (await ours(`state <> 'idle'`)) === 0);
        },
      };
    },
    held: connections,
    stop,
  };
}

providerContract('postgres-role', start);
