import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../../src/app/ports/log.ts';
import type { UseCases } from '../../../src/app/use-cases.ts';
import type { Refusal } from '../../../src/domain/refusal.ts';
import { createLogger } from '../../../src/logger.ts';
import { FakeSlack } from '../../../src/playground/slack/fake-slack.ts';
import type { FakeMessage, FakeSlackOptions, FakeView } from '../../../src/playground/slack/types.ts';
import { actions, button, section } from '../../../src/slack/blocks.ts';
import { SlackApp } from '../../../src/slack/slack-app.ts';
import { NOON } from '../../support/samples.ts';
import { email, policiesOf, slackOf, usual, type World } from '../../support/world.ts';

export const [ANA, BEN, DEE] = ['U0ANA', 'U0BEN', 'U0DEE'];
export const CHANNEL = 'C0APPROVALS';
/** A refusal with everything in it, and something to escape. */
export const REFUSAL: Refusal = {
  code: 'own-request',
  sentence: 'You may not approve <your> own request.',
  rule: 'read: flows (policies.yaml:3)',
};

const SECRET = 'signing-secret';
const TOKEN = 'xoxb-1';
const NAMES = ['ana', 'ben', 'cy', 'dee', 'eli', 'fay', 'gus'];

/** What a listener asked of the app: `vote`, and with what. */
export interface Asked {
  useCase: string;
  args: readonly unknown[];
}

export type Script = { [Name in keyof UseCases]?: (...args: Parameters<UseCases[Name]>) => unknown };

/** The Slack adapter, its use cases scripted, behind a real HTTP server and in front of the fake Slack. */
export class Wired {
  readonly asked: Asked[] = [];
  /** Every failed call to Slack. */
  readonly errors: string[] = [];
  /** What was logged, through the real logger. */
  readonly logs: string[] = [];
  readonly slack: FakeSlack;
  /** Where the Web API of the fake Slack is. */
  readonly apiUrl: string;
  readonly #script: Script;
  readonly #world: World;
  readonly #running: { app: SlackApp; server: Server }[] = [];
  #changed: (() => void)[] = [];

  private constructor(slack: FakeSlack, apiUrl: string, script: Script, world: World) {
    this.slack = slack;
    this.apiUrl = apiUrl;
    this.#script = script;
    this.#world = world;
  }

  static async start(
    script: Script = {},
    {
      world = usual,
      identify = true,
      ...options
    }: Partial<FakeSlackOptions> & { world?: World; identify?: boolean } = {},
  ): Promise<Wired> {
    const slack = new FakeSlack({
      signingSecret: SECRET,
      botToken: TOKEN,
      team: { id: 'T0OURS', domain: 'ours' },
      users: NAMES.map((name) => ({ id: slackOf(name), name, realName: name, email: email(name) })),
      channels: [
        { id: CHANNEL, name: 'approvals', members: NAMES.map(slackOf) },
        { id: 'C0ELSE', name: 'elsewhere', members: [slackOf('ana')], botIsMember: false },
      ],
      enforceRateLimits: false,
      ...options,
    });
    const { url } = await slack.start();
    const wired = new Wired(slack, url, script, world);
    await wired.run(identify);
    return wired;
  }

  /** Another process of the app takes over what Slack sends. */
  async run(identify: boolean): Promise<void> {
    const log: Log = createLogger({ level: 'info', destination: { write: (line) => void this.logs.push(line) } });
    const app = new SlackApp({
      settings: { botToken: TOKEN, apiUrl: this.apiUrl, signingSecret: SECRET },
      log,
      onError: (method, code) => this.errors.push(`${method} ${code}`),
    });
    if (identify) await app.identify();
    await app.start(this.#useCases(this.#script, this.#world));
    const server = createServer(app.requestListener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#running.push({ app, server });
    this.slack.setRequestUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  }

  get app(): SlackApp {
    const last = this.#running.at(-1);
    if (!last) throw new Error('not started');
    return last.app;
  }

  #useCases(script: Script, world: World): UseCases {
    const policies = policiesOf(world);
    const standing: Script = {
      requestAccess: () => ({ kind: 'replayed' }),
      vote: () => ({ kind: 'done' }),
      endGrant: () => ({ kind: 'done' }),
      extendGrant: () => ({ kind: 'replayed' }),
      takeEmergency: () => ({ kind: 'replayed' }),
      reviewEmergency: () => ({ kind: 'done' }),
      endOwn: () => ({ kind: 'done', ended: 1 }),
      listMine: () => ({ kind: 'mine', grants: [], requests: [] }),
      handOver: () => ({ kind: 'done' }),
      comeBack: () => ({ kind: 'done' }),
      showAway: () => ({ kind: 'away', others: [] }),
      policies: () => policies,
      now: () => NOON,
    };
    const played = { ...standing, ...script };
    const quiet = new Set(['policies', 'now']);
    const entries = Object.entries(played).map(([useCase, play]) => [
      useCase,
      (...args: unknown[]) => {
        if (!quiet.has(useCase)) this.asked.push({ useCase, args });
        for (const changed of this.#changed.splice(0)) changed();
        return (play as (...args: unknown[]) => unknown)(...args);
      },
    ]);
    return Object.fromEntries(entries) as UseCases;
  }

  /** What the listeners asked for, once they asked that often. */
  async calls(count: number): Promise<Asked[]> {
    while (this.asked.length < count) await new Promise<void>((resolve) => this.#changed.push(resolve));
    return this.asked;
  }

  /** What only this person was shown last, once there are that many. */
  answer(user: string, count = 1): Promise<string> {
    return this.slack.waitFor(() => {
      const all = this.slack.ephemerals(user);
      return all.length >= count && (all.at(-1)?.text ?? '');
    });
  }

  /** A message with a button of ours, posted as the outbox posts it. */
  async posted(action: string, value = 'req_1'): Promise<FakeMessage> {
    const block = actions(button(action, action, value));
    const reply = await fetch(`${this.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ channel: CHANNEL, text: 'Decide, please.', blocks: [section('Decide, please.'), block] }),
    });
    const { ts } = (await reply.json()) as { ts: string };
    const message = this.slack.messages(CHANNEL).find((each) => each.ts === ts);
    if (!message) throw new Error('not posted');
    return message;
  }

  /** The form that this person has open. */
  view(user: string): Promise<FakeView> {
    return this.slack.waitFor(() => this.slack.views(user).at(-1));
  }

  /** Resolves when all the work behind the acks is done. */
  idle(): Promise<void> {
    return this.app.stop();
  }

  async stop(): Promise<void> {
    for (const { app, server } of this.#running) {
      await app.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await this.slack.stop();
  }
}
