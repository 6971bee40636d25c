import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { cast, channels, groups, usergroups } from './cast.ts';
import { startScimDirectory } from './directory/scim-directory.ts';
import { type MovableClock, pageActions } from './page-actions.ts';
import { requirePage } from './page-files.ts';
import { PageServer } from './page-server.ts';
import { pageState } from './page-state.ts';
import { type PlaygroundIssuer, playgroundIssuer } from './pipelines/issuer.ts';
import { Pipelines, type ProductToAsk } from './pipelines/pipelines.ts';
import { NotPossible } from './slack/errors.ts';
import { FakeSlack } from './slack/fake-slack.ts';
import { PLAYGROUND_TEAM } from './team.ts';

export type { MovableClock } from './page-actions.ts';

/** What the product is configured with, as it would be for a real workspace. The secrets are new at every start. */
export interface PlaygroundEnvironment {
  SLACK_BOT_TOKEN: string;
  SLACK_SIGNING_SECRET: string;
  SLACK_API_URL: string;
  PLAYGROUND_SCIM_URL: string;
  PLAYGROUND_SCIM_TOKEN: string;
}

export interface Playground {
  environment: PlaygroundEnvironment;
  /** Where the fake Slack posts commands and clicks: the product's `http://127.0.0.1:PORT/slack/events`. */
  setRequestUrl(url: string): void;
  /** The keys of the tokens of its pipelines. NB. they stand for every issuer, so nothing but the playground may use them. */
  keys: PlaygroundIssuer['keys'];
  /** Lets the pipelines of the page ask this product for the actions of its policies. */
  servePipelines(product: ProductToAsk): void;
  /** Something that the page shows has changed elsewhere: the policies. */
  changed(): void;
  /** Resolves with true if it answered: `/` and `/playground/…`. Other paths are left alone. */
  handler(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * A local Slack workspace and a SCIM directory, and the page to use them. It knows the product only as Slack does: signed
 * HTTP in, Web API out. Throws when the page was not built.
 */
export async function startPlayground(options: {
  clock: MovableClock;
  log?: (line: string) => void;
}): Promise<Playground> {
  const { clock, log = () => {} } = options;
  await requirePage();
  const botToken = `xoxb-playground-${randomBytes(24).toString('hex')}`;
  const signingSecret = randomBytes(16).toString('hex');
  const scimToken = randomBytes(24).toString('hex');
  const slack = new FakeSlack({
    now: () => clock.now(),
    signingSecret,
    botToken,
    team: { id: PLAYGROUND_TEAM, domain: 'latchkey' },
    users: cast.map(({ line: _line, ...user }) => user),
    channels: channels.map(({ topic: _topic, ...channel }) => ({ ...channel, botIsMember: true })),
    usergroups: usergroups.map(({ users, ...group }) => ({ ...group, users: [...users] })),
    commands: ['/access'],
    escapeCommandText: true,
  });
  const { url: apiUrl } = await slack.start();
  const directory = await startScimDirectory({ token: scimToken, groups, users: cast.map(({ email }) => email) });

  const issuer = await playgroundIssuer(() => clock.now());
  let version = 0;
  const pipelines = new Pipelines({ issuer, now: () => clock.now(), changed: () => changed(), log });
  const actions = pageActions(slack, directory, pipelines, {
    now: () => clock.now(),
    advance(ms) {
      clock.advance(ms);
      changed();
    },
  });
  const server = new PageServer({
    state(viewer) {
      if (!cast.some(({ id }) => id === viewer)) throw new NotPossible(`Nobody here is called "${viewer}".`);
      return pageState(slack.state(viewer), version, directory.groups(), pipelines.view());
    },
    version: () => version,
    actions,
    log,
  });
  const changed = () => {
    version++;
    server.changed();
  };
  const unsubscribe = [slack.onChange(changed), slack.onChange(() => pipelines.wake()), directory.onChange(changed)];

  return {
    environment: {
      SLACK_BOT_TOKEN: botToken,
      SLACK_SIGNING_SECRET: signingSecret,
      SLACK_API_URL: apiUrl,
      PLAYGROUND_SCIM_URL: directory.url,
      PLAYGROUND_SCIM_TOKEN: scimToken,
    },
    setRequestUrl: (url) => slack.setRequestUrl(url),
    keys: issuer.keys,
    servePipelines: (product) => pipelines.serve(product),
    changed,
    handler: (request, response) => server.handle(request, response),
    async stop() {
      for (const stop of unsubscribe) stop();
      server.stop();
      await pipelines.stop();
      await slack.stop();
      await directory.stop();
    },
  };
}
