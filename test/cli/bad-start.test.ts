import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { link } from '../../src/audit/chain.ts';
import { FakeSlack } from '../../src/playground/slack/fake-slack.ts';
import { createStore } from '../../src/store/store.ts';
import { latchkey } from '../support/product.ts';
import { expectSentence } from './support/audited-database.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-start-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const database = () => join(folder, 'latchkey.db');

const SAMPLES = fileURLToPath(new URL('../../policies', import.meta.url));
/** What the sample policies ask the environment for, outside of the playground. */
const CREDENTIALS = {
  SLACK_BOT_TOKEN: 'xoxb-wrong',
  SLACK_SIGNING_SECRET: 'signing-secret-of-the-tests',
  PLAYGROUND_SCIM_URL: 'https://idp.example.com/scim',
  PLAYGROUND_SCIM_TOKEN: 'token',
};

/** `latchkey serve`, which must end by itself; nothing of its log but warnings would be in `out`. */
const serve = (env: Readonly<Record<string, string>> = {}) =>
  latchkey(['serve'], {
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    DATABASE_URL: `file:${database()}`,
    POLICIES_DIR: SAMPLES,
    ...env,
  });

async function migrated(...statements: string[]): Promise<void> {
  await (await createStore({ url: `file:${database()}`, link })).close();
  const client = createClient({ url: `file:${database()}`, timeout: 30_000 });
  for (const statement of statements) await client.execute(statement);
  client.close();
}

describe('latchkey serve exits 2 with a sentence, and serves nothing, when', () => {
  it('another program has the port', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    try {
      expectSentence(await serve({ PORT: String(port) }), {
        code: 2,
        err: new RegExp(
          `^Latchkey cannot start: Port ${port} on 127\\.0\\.0\\.1 is in use by another program\\. .*PORT=\\d+ npm start\n$`,
        ),
      });
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('the host is no address of this machine', async () => {
    expectSentence(await serve({ ...CREDENTIALS, HOST: '192.0.2.1' }), {
      code: 2,
      err: /^Latchkey cannot start: HOST is 192\.0\.2\.1, which is not an address of this machine\./,
    });
  });

  it('the policies are broken: every problem, before the database is touched', async () => {
    await writeFile(join(folder, 'a.yaml'), 'version: 1\nkind: acess\n');
    await writeFile(join(folder, 'b.yaml'), 'version: 1\nkind: directory\npeople: [{email: nobody}]\n');
    const finished = await serve({ POLICIES_DIR: folder });
    expectSentence(finished, {
      code: 2,
      err: new RegExp(`^Latchkey cannot start: \\d+ problems in the policies in ${folder}, so nothing is served\\.\n`),
    });
    expect(finished.err).toMatch(/a\.yaml:2:\d+ \S+ /);
    expect(finished.err).toMatch(/b\.yaml:3:\d+ \S+ /);
    expect(existsSync(database())).toBe(false);
  });

  it('the policies are not there', async () => {
    expectSentence(await serve({ POLICIES_DIR: join(folder, 'no') }), {
      code: 2,
      err: /^Latchkey cannot start: 1 problem in the policies in .*\nno:1:1 unreadable The policy folder cannot be read/,
    });
  });

  it('Slack refuses the bot token', async () => {
    const slack = new FakeSlack({
      signingSecret: 'signing-secret-of-the-tests',
      botToken: 'xoxb-right',
      users: [],
      channels: [],
    });
    const { url } = await slack.start();
    try {
      const finished = await serve({ ...CREDENTIALS, SLACK_API_URL: url });
      expectSentence(finished, {
        code: 2,
        err: /^Latchkey cannot start: Slack refused auth\.test with invalid_auth: .*check SLACK_BOT_TOKEN\n$/,
      });
      expect(finished.err).not.toContain('xoxb-wrong');
    } finally {
      await slack.stop();
    }
  });

  it('the database is a file of something else', async () => {
    await writeFile(database(), 'not a database'.repeat(100));
    expectSentence(await serve(), {
      code: 2,
      err: /^Latchkey cannot start: the database file:\S+ cannot be used\. .*file is not a database/,
    });
  });

  it('the database lies where no folder can be', async () => {
    await writeFile(join(folder, 'data'), '');
    expectSentence(await serve({ DATABASE_URL: `file:${join(folder, 'data', 'latchkey.db')}` }), {
      code: 2,
      err: /^Latchkey cannot start: the database file:\S+ cannot be used\. The database file \S+ cannot be opened\./,
    });
  });

  it('the path of the database cannot be read', async () => {
    expectSentence(await serve({ DATABASE_URL: 'file:./100%.db' }), {
      code: 2,
      err: /^Latchkey cannot start: the database file:\.\/100%\.db cannot be used\. Its path has a % .*: write %25/,
    });
  });

  it('a newer release migrated the database', async () => {
    await migrated(
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
       VALUES ('x', 'y', '29990101000000_future', '2999-01-01', 1)`,
    );
    expectSentence(await serve(), {
      code: 2,
      err: /^Latchkey cannot start: the database file:\S+ cannot be used\. The database has the migration 29990101000000_future, .* Run the newer release/,
    });
  });

  it('a trigger that protects the audit log is missing', async () => {
    await migrated('DROP TRIGGER "AuditEntry_no_delete"');
    expectSentence(await serve(), {
      code: 2,
      err: /^Latchkey cannot start: .* The audit log is not protected: the trigger AuditEntry_no_delete is missing\. /,
    });
  });
});
