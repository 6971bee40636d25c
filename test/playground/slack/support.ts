import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import bolt from '@slack/bolt';
import { LogLevel, WebClient } from '@slack/web-api';
import { FakeSlack } from '../../../src/playground/slack/fake-slack.ts';
import type { FakeSlackOptions } from '../../../src/playground/slack/types.ts';

export const BOT_TOKEN = 'xoxb-test';
export const APP_TOKEN = 'xapp-test';
export const SECRET = 'signing-secret';

/** A clock that stands until it is told to go. */
export class TestClock {
  at = Date.parse('2026-03-03T09:00:00Z');
  now = (): number => this.at;
  advance(ms: number): void {
    this.at += ms;
  }
}

export const defaults = (): FakeSlackOptions => ({
  signingSecret: SECRET,
  botToken: BOT_TOKEN,
  appToken: APP_TOKEN,
  team: { id: 'T1', domain: 'acme' },
  users: [
    { id: 'UANA', name: 'ana', realName: 'Ana Abad', email: 'ana@example.com', tz: 'Europe/Madrid' },
    { id: 'UBEN', name: 'ben', realName: 'Ben Bright', email: 'ben@example.com' },
    { id: 'UOUT', name: 'out', realName: 'Olga Outside', email: 'olga@example.com' },
    { id: 'UGONE', name: 'gone', realName: 'Gus Gone', email: 'gus@example.com', deleted: true },
  ],
  channels: [
    { id: 'C1', name: 'approvals', members: ['UANA', 'UBEN'] },
    { id: 'C2', name: 'elsewhere', members: ['UANA'], botIsMember: false },
    { id: 'G1', name: 'secrets', members: ['UBEN'], botIsMember: false, isPrivate: true },
    { id: 'C3', name: 'old', members: ['UANA'], isArchived: true },
  ],
  usergroups: [{ id: 'S1', handle: 'dba', users: ['UBEN', 'UGONE'] }],
});

/** Errors are expected here and checked; nobody needs to read them. */
export const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

const closers: (() => Promise<void>)[] = [];

/** To be closed by `closeAll`. */
export const closeLater = (close: () => Promise<void>): void => {
  closers.push(close);
};

/** Closes what a test started, last first. Call it in `afterEach`. */
export const closeAll = async (): Promise<void> => {
  for (const close of closers.splice(0).reverse()) await close();
};

export const startFake = async (
  options: Partial<FakeSlackOptions> = {},
): Promise<{ slack: FakeSlack; url: string; web: WebClient }> => {
  const slack = new FakeSlack({ ...defaults(), ...options });
  const { url } = await slack.start();
  closers.push(() => slack.stop());
  return { slack, url, web: webClient(url) };
};

export const webClient = (url: string, token = BOT_TOKEN): WebClient =>
  new WebClient(token, {
    slackApiUrl: url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  });

/** The fake with a Bolt app behind it, over real signed HTTP. */
export const startWithApp = async (
  listen: (app: bolt.App) => void,
  options: Partial<FakeSlackOptions> = {},
): Promise<{ slack: FakeSlack; url: string; web: WebClient; app: bolt.App }> => {
  const fake = await startFake(options);
  const receiver = new bolt.HTTPReceiver({ signingSecret: SECRET, logger: silent });
  const app = new bolt.App({
    receiver,
    token: BOT_TOKEN,
    logger: silent,
    deferInitialization: true,
    convoStore: false,
    clientOptions: { slackApiUrl: fake.url, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
  });
  listen(app);
  await app.init();
  const server = (await receiver.start(0)) as Server;
  closers.push(async () => {
    server.closeAllConnections();
    await receiver.stop();
  });
  fake.slack.setRequestUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  return { ...fake, app };
};

/** A bare HTTP POST, for what the SDK would not send. */
export const post = async (
  url: string,
  init: { body?: string; token?: string | null; type?: string } = {},
): Promise<{ status: number; body: Record<string, unknown>; retryAfter: string | null }> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      connection: 'close',
      'content-type': init.type ?? 'application/x-www-form-urlencoded',
      ...(init.token === null ? {} : { authorization: `Bearer ${init.token ?? BOT_TOKEN}` }),
    },
    ...(init.body === undefined ? {} : { body: init.body }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body, retryAfter: response.headers.get('retry-after') };
};

export const section = (text: string, block_id?: string) => ({
  type: 'section' as const,
  text: { type: 'mrkdwn' as const, text },
  ...(block_id === undefined ? {} : { block_id }),
});

export const buttons = (...action_ids: string[]) => ({
  type: 'actions' as const,
  block_id: 'decide',
  elements: action_ids.map((action_id) => ({
    type: 'button' as const,
    action_id,
    value: 'request-1',
    text: { type: 'plain_text' as const, text: action_id },
  })),
});

/** The Slack error of a call that must fail. */
export const errorOf = async (call: Promise<unknown>): Promise<{ error: string; messages: string[] }> => {
  try {
    await call;
  } catch (error) {
    const data = (error as { data?: { error?: string; response_metadata?: { messages?: string[] } } }).data;
    if (data?.error === undefined) throw error;
    return { error: data.error, messages: data.response_metadata?.messages ?? [] };
  }
  throw new Error('the call succeeded');
};
