import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { createClient } from '@libsql/client';
import pg from 'pg';
import { FakeSlack } from '../../src/playground/slack/fake-slack.ts';
import type { FakeMessage, FakeSlackOptions } from '../../src/playground/slack/types.ts';
import { type RolesServer, startRolesServer } from '../support/postgres-roles.ts';
import { type Finished, latchkey, MachineClock, type Product, startProduct } from '../support/product.ts';
import { type FaultyDirectory, startFaultyDirectory } from '../support/scim-directory.ts';
import { POLICIES, writePolicies } from './policies.ts';

// Longer than what is waited for inside, so that what failed is what was waited for.
jest.setTimeout(300_000);

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const [ANA, BEN, CY, DEE, ELI] = ['U01ANA', 'U01BEN', 'U01CY', 'U01DEE', 'U01ELI'] as const;
/** In the workspace, but not in the policies' directory. */
export const STRANGER = 'U01OUT';
const EVERYBODY = [ANA, BEN, CY, DEE, ELI, STRANGER];

const nameOf = (id: string): string => id.slice('U01'.length).toLowerCase();

const BOT_TOKEN = 'xoxb-end-to-end';
const SIGNING_SECRET = 'signing-secret-of-the-tests';
/** For what the product does at once; reached only when something is wrong. */
const PATIENCE_MS = 60_000;

/** Slack's three seconds are kept to elsewhere: here, a machine that is busy elsewhere for a moment fails nothing. */
const SLACK_WAITS_MS = 15_000;

const CHANNELS = ['general', 'db-access', 'writes', 'exports', 'access-audit'];

/** Where nothing is shared between test files: a Postgres server, in which each world has a database, and the roles. */
export const startServer = async (): Promise<RolesServer> => {
  const server = await startRolesServer();
  await server.admin.query('CREATE ROLE app_writer; CREATE ROLE exporter');
  for (const name of ['ana', 'ben', 'eli']) await server.login(name);
  return server;
};

export interface WorldOptions {
  server: RolesServer;
  database: 'SQLite' | 'Postgres';
  slack?: Partial<FakeSlackOptions>;
  policies?: Readonly<Record<string, string | undefined>>;
  /** Slack id and e-mail; the six of the other tests when left out. */
  people?: readonly (readonly [string, string])[];
  channels?: readonly string[];
  /** Of the directory. */
  groups?: Readonly<Record<string, readonly string[]>>;
  env?: Readonly<Record<string, string>>;
}

export interface AuditEvent {
  type: string;
  actor: string;
  [field: string]: unknown;
}

let worlds = 0;

/** A workspace, a directory, a Postgres with roles, a folder of policies, a database, and the product in between. */
export class World {
  readonly clock = new MachineClock();
  readonly slack: FakeSlack;
  readonly directory: FaultyDirectory;
  readonly server: RolesServer;
  /** Of this world alone; removed with it. */
  readonly folder: string;
  readonly policies: string;
  readonly env: Readonly<Record<string, string>>;
  /** Every product that was started, the ended ones too. */
  readonly products: Product[] = [];

  private constructor(parts: Pick<World, 'slack' | 'directory' | 'server' | 'folder' | 'policies' | 'env' | 'clock'>) {
    this.clock = parts.clock;
    this.slack = parts.slack;
    this.directory = parts.directory;
    this.server = parts.server;
    this.folder = parts.folder;
    this.policies = parts.policies;
    this.env = parts.env;
  }

  static async open({ server, database, slack: options, policies, env, ...parts }: WorldOptions): Promise<World> {
    const people = parts.people ?? EVERYBODY.map((id) => [id, `${nameOf(id)}@example.com`] as const);
    const clock = new MachineClock();
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-world-'));
    const policiesFolder = join(folder, 'policies');
    await mkdir(policiesFolder);
    await writePolicies(policiesFolder, { ...POLICIES, ...policies });
    const slack = new FakeSlack({
      now: clock.now,
      signatureNow: clock.now,
      signingSecret: SIGNING_SECRET,
      botToken: BOT_TOKEN,
      team: { id: 'T01ACME', domain: 'acme' },
      users: people.map(([id, email]) => ({ id, name: nameOf(id), realName: nameOf(id), email })),
      channels: (parts.channels ?? CHANNELS).map((name, index) => ({
        id: `C0${index}`,
        name,
        members: people.map(([id]) => id),
      })),
      commands: ['/access'],
      ackTimeoutMs: SLACK_WAITS_MS,
      triggerLifeMs: SLACK_WAITS_MS,
      ...options,
    });
    const { url } = await slack.start();
    const directory = await startFaultyDirectory({
      users: people.map(([, email]) => email),
      groups: parts.groups ?? { 'prod-db-readers': [], 'staging-admins': [], 'data-exporters': [] },
    });
    const databaseUrl =
      database === 'SQLite'
        ? `file:${join(folder, 'latchkey.db')}`
        : await server.server.createDatabase(`world_${process.env.JEST_WORKER_ID ?? '0'}_${++worlds}`);
    return new World({
      clock,
      slack,
      directory,
      server,
      folder,
      policies: policiesFolder,
      env: {
        SLACK_BOT_TOKEN: BOT_TOKEN,
        SLACK_SIGNING_SECRET: SIGNING_SECRET,
        SLACK_API_URL: url,
        DATABASE_URL: databaseUrl,
        POLICIES_DIR: policiesFolder,
        LOG_LEVEL: 'info',
        SCIM_URL: directory.url,
        SCIM_TOKEN: directory.token,
        PROD_POSTGRES_URL: server.server.url,
        ...env,
      },
    });
  }

  /** A process that may not get ready; what Slack posts still goes where it went. */
  launch(env: Readonly<Record<string, string>> = {}): Product {
    const product = startProduct({ env: { ...this.env, ...env }, clock: this.clock });
    this.products.push(product);
    return product;
  }

  /** A ready process, to which Slack posts from now on. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<Product> {
    const product = await this.launch(env).ready();
    this.slack.setRequestUrl(`${product.url}/slack/events`);
    return product;
  }

  /** The one that was started last. */
  get product(): Product {
    const product = this.products.at(-1);
    if (!product) throw new Error('No product was started.');
    return product;
  }

  async close(): Promise<void> {
    await Promise.all(this.products.filter((product) => product.running).map((product) => product.kill()));
    await this.slack.stop();
    await this.directory.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Asked at once and after every change in Slack and in the directory. Its failure shows both, and the product's log. */
  async see<T>(answer: () => T | undefined | false, timeoutMs = PATIENCE_MS): Promise<T> {
    try {
      return await this.seeQuietly(answer, timeoutMs);
    } catch {
      const error = await this.slack.waitFor(() => false, { timeoutMs: 1 }).catch((reason: Error) => reason);
      const there = String((error as Error).message).replace(/^.*\n/, '');
      const said = this.products.map((product) => product.output()).join('\n');
      throw new Error(`Waited ${timeoutMs} ms for ${answer.toString()}\n${there}\n${said}`);
    }
  }

  /** The same, for what need not happen: its failure says no more than that. */
  async seeQuietly<T>(answer: () => T | undefined | false, timeoutMs: number): Promise<T> {
    const changes = new EventEmitter();
    const changed = () => changes.emit('change');
    const stops = [this.slack.onChange(changed), this.directory.onChange(changed)];
    const late = performance.now() + timeoutMs;
    try {
      for (;;) {
        const found = answer();
        if (found !== undefined && found !== false) return found;
        const left = late - performance.now();
        if (left <= 0) throw new Error(`It did not happen within ${timeoutMs} ms.`);
        await once(changes, 'change', { signal: AbortSignal.timeout(Math.ceil(left)) }).catch(() => {});
      }
    } finally {
      for (const stop of stops) stop();
    }
  }

  /** Asks again and again, through the product or its database, until the answer is yes. */
  async eventually(question: () => Promise<unknown>): Promise<void> {
    const late = performance.now() + PATIENCE_MS;
    while (!(await question())) {
      if (performance.now() > late) {
        const said = this.products.map((product) => product.output()).join('\n');
        throw new Error(`Waited ${PATIENCE_MS} ms for ${question.toString()}\n${said}`);
      }
      // The product needs the machine more than the question.
      await sleep(20);
    }
  }

  /** Nothing is left to be told or done: a fault that is set now meets nothing of before. */
  settled(): Promise<void> {
    const open = `SELECT 1 FROM "Effect" WHERE "status" = 'pending' AND "kind" <> 'watch' LIMIT 1`;
    return this.eventually(async () => (await this.sql(open)).length === 0);
  }

  /** Types a command and reads what only this person is answered. */
  async command(user: string, line: string, channel = 'general'): Promise<string> {
    const before = this.slack.ephemerals(user).length;
    const delivery = await this.slack.command(user, channel, line);
    if (!delivery.ok) throw new Error(`${line} was not acknowledged: ${delivery.status} ${delivery.error ?? ''}`);
    return (await this.see(() => this.slack.ephemerals(user)[before])).text;
  }

  /** Asks in one line and gives the approver message that comes of it. */
  async ask(user: string, line: string, channel: string): Promise<FakeMessage> {
    const before = this.parents(channel).length;
    const answer = await this.command(user, `/access ${line}`);
    if (!/^Asked /.test(answer)) throw new Error(`/access ${line} was answered: ${answer}`);
    return this.see(() => this.parents(channel)[before]);
  }

  /** Messages of a channel that are no replies. */
  parents(channel: string): FakeMessage[] {
    return this.slack.messages(channel).filter(({ ts, thread_ts }) => thread_ts === undefined || thread_ts === ts);
  }

  /** A message as it is now. */
  now({ channel, ts }: FakeMessage): FakeMessage {
    const found = this.slack.messages(channel).find((message) => message.ts === ts);
    if (!found) throw new Error(`There is no message ${ts} in ${channel} any more.`);
    return found;
  }

  /** The texts of the replies to a message, oldest first. */
  thread({ channel, ts }: FakeMessage): string[] {
    const all = this.slack.messages(channel).filter((message) => message.thread_ts === ts && message.ts !== ts);
    return all.map(({ text }) => text);
  }

  /** Presses a button, and reads what only this person is answered. */
  async refusedClick(user: string, message: FakeMessage, action: string): Promise<string> {
    const before = this.slack.ephemerals(user).length;
    const delivery = await this.slack.click(user, message, action);
    if (!delivery.ok) throw new Error(`The click was not acknowledged: ${delivery.status} ${delivery.error ?? ''}`);
    return (await this.see(() => this.slack.ephemerals(user)[before])).text;
  }

  /** Approves, and resolves when the message says so. */
  async approve(user: string, message: FakeMessage): Promise<void> {
    const before = this.thread(message).length;
    await this.slack.click(user, message, 'approve');
    await this.see(() =>
      this.thread(message)
        .slice(before)
        .find((text) => text.includes(`<@${user}> approved`)),
    );
  }

  /** Waits until the message says that the access is given. */
  given(message: FakeMessage): Promise<string> {
    return this.see(() => this.thread(message).find((text) => text.startsWith('Given, and seen at the target')));
  }

  /** Waits until the message says how it ended. */
  ended(message: FakeMessage): Promise<string> {
    return this.see(() => this.thread(message).find((text) => / seen gone | stays/.test(text)));
  }

  members(group: string): string[] {
    return this.directory.groups().find(({ name }) => name === group)?.members ?? [];
  }

  /** Whether the account is a member of the role. */
  async hasRole(account: string, role: string): Promise<boolean> {
    return (await this.server.memberships()).some((line) => line.startsWith(`${role} < ${account} `));
  }

  cli(...args: string[]): Promise<Finished> {
    return latchkey(args, this.env, this.clock);
  }

  async auditIsIntact(): Promise<void> {
    const { code, out, err } = await this.cli('audit', 'verify');
    if (code !== 0) throw new Error(`audit verify: exit code ${code}\n${out}${err}`);
  }

  /** Runs SQL on the product's database, around the product. */
  async sql<Row = Record<string, unknown>>(text: string): Promise<Row[]> {
    const { DATABASE_URL: url = '' } = this.env;
    if (url.startsWith('file:')) {
      const client = createClient({ url, timeout: 30_000 });
      try {
        return (await client.execute(text)).rows as never;
      } finally {
        client.close();
      }
    }
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** The events in the audit log, oldest first. */
  async events(): Promise<AuditEvent[]> {
    const rows = await this.sql<{ body: string }>('SELECT "body" FROM "AuditEntry" ORDER BY "seq"');
    return rows.map(({ body }) => (JSON.parse(body) as { event: AuditEvent }).event);
  }
}

/** Every text in a message, its own and those of its blocks, without the invisible marks that keep `_` from pairing up. */
export function words(message: { text: string; blocks: readonly unknown[] }): string {
  const texts: string[] = [message.text];
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) {
        if (name === 'text' && typeof part === 'string') texts.push(part);
        else look(part);
      }
    }
  };
  look(message.blocks);
  return texts.join('\n').replaceAll('\u200b', '');
}

/** The action ids of a message's buttons. */
export const buttons = (message: { blocks: readonly { type: string; [field: string]: unknown }[] }): string[] =>
  message.blocks
    .filter(({ type }) => type === 'actions')
    .flatMap(({ elements }) => (elements as { action_id: string }[]).map(({ action_id }) => action_id));
