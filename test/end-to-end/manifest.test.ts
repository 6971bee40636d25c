import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import type { RolesServer } from '../support/postgres-roles.ts';
import { POLICIES } from './policies.ts';
import { ANA, BEN, buttons, CY, DEE, startServer, World } from './world.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

interface Manifest {
  display_information: { name: string; description?: string; long_description?: string; background_color?: string };
  features: {
    bot_user: { display_name: string; always_online?: boolean };
    slash_commands: {
      command: string;
      url?: string;
      description: string;
      usage_hint?: string;
      should_escape?: boolean;
    }[];
    app_home?: unknown;
    shortcuts?: unknown;
  };
  oauth_config: { scopes: { bot: string[]; user?: string[] }; redirect_urls?: string[] };
  settings: {
    interactivity?: { is_enabled: boolean; request_url?: string; message_menu_options_url?: string };
    event_subscriptions?: { request_url?: string; bot_events?: string[]; user_events?: string[] };
    socket_mode_enabled?: boolean;
    org_deploy_enabled?: boolean;
    token_rotation_enabled?: boolean;
  };
}

/**
 * What a bot token must hold for each Web API method, from the page of the method on docs.slack.dev, for the kinds of
 * conversation that Latchkey calls it with: channels that are public or private, and its direct messages.
 */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'views.open': [],
  'views.update': [],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.open': ['im:write'],
  'conversations.history': ['channels:history', 'groups:history', 'im:history'],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history'],
  'users.conversations': ['channels:read', 'groups:read'],
  'users.list': ['users:read', 'users:read.email'],
  'usergroups.users.list': ['usergroups:read'],
};

/** What a bot token must hold for Slack to send an event, from the page of the event. */
const EVENT_SCOPES: Readonly<Record<string, readonly string[]>> = {
  subteam_members_changed: ['usergroups:read'],
};

/** Families of the Web API; a call is one of these, a dot, and the method. */
const FAMILY =
  'admin|api|apps|auth|bookmarks|bots|calls|canvases|chat|conversations|dialog|dnd|emoji|files|functions|migration|oauth|openid|pins|reactions|reminders|rtm|search|slackLists|stars|team|tooling|usergroups|users|views|workflows';

let manifest: Manifest;
let sources: string;
beforeAll(async () => {
  const document = parseDocument(await readFile(file('manifest.yml'), 'utf8'), { strict: true, uniqueKeys: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  manifest = document.toJS() as Manifest;
  const names = await readdir(file('src/slack'), { recursive: true });
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.ts')).map((name) => readFile(join(file('src/slack'), name), 'utf8')),
  );
  expect(texts.length).toBeGreaterThan(10);
  sources = texts.join('\n');
});

/** Every match of the first group, once each, sorted. */
const found = (pattern: RegExp): string[] =>
  [...new Set([...sources.matchAll(pattern)].map((match) => match[1] ?? ''))].sort();

/** Methods that src/slack calls on a client, however the client is called. */
const methodsCalled = (): string[] => found(new RegExp(`\\.((?:${FAMILY})(?:\\.[a-zA-Z]+)+)\\(`, 'g'));

describe('manifest.yml', () => {
  it('asks for exactly the scopes of the methods that the code calls, and for commands', () => {
    const methods = methodsCalled();
    // The table lists what is called and nothing else: a new call must be looked up, an old one taken out.
    expect(methods).toEqual(Object.keys(SCOPES).sort());
    // Nothing is called in a way that the search does not see.
    expect(sources).not.toMatch(/\.apiCall\(|\.filesUploadV2\(/);
    const needed = new Set(['commands', ...methods.flatMap((method) => SCOPES[method] ?? [])]);
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...needed].sort());
  });

  it('asks for nothing in the name of a person, and redirects nowhere', () => {
    expect(manifest.oauth_config.scopes.user).toBeUndefined();
    expect(manifest.oauth_config.redirect_urls).toBeUndefined();
    expect(manifest.settings).toMatchObject({ org_deploy_enabled: false, token_rotation_enabled: false });
  });

  it('has the slash commands that the code answers', () => {
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(found(/\.command\('(\/[^']+)'/g));
  });

  it('has interactivity and the options of selects switched on, at the one address that the product serves', async () => {
    expect(found(/\.(action|options|view)\(/g)).toEqual(['action', 'options', 'view']);
    const { interactivity } = manifest.settings;
    const address = 'https://YOUR-HOST/slack/events';
    expect(interactivity).toEqual({ is_enabled: true, request_url: address, message_menu_options_url: address });
    expect(manifest.features.slash_commands.map(({ url }) => url)).toEqual([address]);
    expect(await readFile(file('src/http/server.ts'), 'utf8')).toContain(`'${new URL(address).pathname}'`);
  });

  it('subscribes to the events that the code listens to, and has no shortcuts and no Home', () => {
    // What is listened to by a pattern only acknowledges what should not come.
    const events = found(/\.event\('([^']*)'/g);
    expect(events).toEqual(Object.keys(EVENT_SCOPES).sort());
    expect(manifest.settings.event_subscriptions).toEqual({
      request_url: 'https://YOUR-HOST/slack/events',
      bot_events: events,
    });
    const { bot } = manifest.oauth_config.scopes;
    for (const event of events) expect(bot).toEqual(expect.arrayContaining([...(EVENT_SCOPES[event] ?? [])]));
    expect(found(/\.(?:message|shortcut)\('([^']*)'/g)).toEqual([]);
    expect(manifest.features.shortcuts).toBeUndefined();
    expect(manifest.features.app_home).toBeUndefined();
    expect(sources).not.toContain('views.publish');
  });

  it('keeps to the lengths and forms that Slack takes', () => {
    const { display_information: shown, features, _metadata: metadata } = manifest as Manifest & { _metadata: unknown };
    const length = (text: string | undefined) => [...(text ?? '')].length;
    expect(metadata).toEqual({ major_version: 2, minor_version: 1 });
    expect(length(shown.name)).toBeGreaterThan(0);
    expect(length(shown.name)).toBeLessThanOrEqual(35);
    expect(length(shown.description)).toBeLessThanOrEqual(140);
    expect(shown.background_color).toMatch(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i);
    expect(features.bot_user.display_name).toMatch(/^[a-z0-9._ -]{1,80}$/i);
    expect(features.slash_commands.length).toBeLessThanOrEqual(50);
    for (const { command, description, usage_hint: hint } of features.slash_commands) {
      // Slack takes an upper-case command and then never calls it.
      expect(command).toMatch(/^\/[a-z0-9_-]{1,31}$/);
      expect(length(description)).toBeGreaterThan(0);
      expect(length(description)).toBeLessThanOrEqual(2_000);
      expect(length(hint)).toBeLessThanOrEqual(1_000);
    }
    const { bot } = manifest.oauth_config.scopes;
    expect(bot.length).toBeLessThanOrEqual(255);
    expect(new Set(bot).size).toBe(bot.length);
    for (const scope of bot) expect(scope).toMatch(/^[a-z]+(:[a-z]+(\.[a-z]+)?)?$/);
  });
});

describe('with no scope but those of the manifest', () => {
  let server: RolesServer;
  let world: World;

  beforeAll(async () => {
    server = await startServer();
    const { bot: scopes } = manifest.oauth_config.scopes;
    const commands = manifest.features.slash_commands.map(({ command }) => command);
    const channels = ['general', 'db-access', 'writes', 'exports', 'access-audit'].map((name, index) => ({
      id: `C0${index}`,
      name,
      members: [ANA, BEN, CY, DEE],
      isPrivate: name === 'writes',
    }));
    const events = manifest.settings.event_subscriptions?.bot_events ?? [];
    const escapeCommandText = manifest.features.slash_commands.some(({ should_escape: escapes }) => escapes);
    const usergroups = [{ id: 'S01ONCALL', handle: 'oncall', users: [CY] }];
    const slack = { scopes, commands, channels, events, escapeCommandText, usergroups };
    const live = 'version: 1\nkind: directory\ngroups: {oncall: {slack_usergroup: S01ONCALL}}\n';
    const settings = `${POLICIES['settings.yaml']}match_slack_email: true\n`;
    const policies = { 'live.yaml': live, 'settings.yaml': settings };
    world = await World.open({ server, database: 'SQLite', slack, policies });
    await world.start();
  });
  afterAll(async () => {
    await world.close();
    await server.stop();
  });
  /** Calls of the product that the token may not make. */
  const refused = () => world.slack.calls.filter(({ error }) => /scope|not_allowed|method/.test(error ?? ''));

  it('an access is asked for in one line, approved, given and ended', async () => {
    const message = await world.ask(ANA, 'prod-db-read 30m INC-42', 'db-access');
    expect(await world.refusedClick(ANA, message, 'approve')).toContain('own-request');
    await world.approve(DEE, message);
    await world.given(message);
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);
    const card = await world.see(() =>
      world.slack.directMessages(ANA).find((told) => buttons(told).includes('end-now')),
    );
    await world.slack.click(ANA, card, 'end-now');
    await world.ended(message);
    await world.see(() => world.slack.directMessages(ANA).find(({ text }) => text.includes('Given back early')));
  });

  it('an access is asked for in the form, and denied in the form', async () => {
    const { slack } = world;
    const before = world.parents('writes').length;
    await slack.command(BEN, 'general', '/access');
    const form = await world.see(() => slack.views(BEN)[0]);
    await slack.options(BEN, form.id, 'choose-access', 'write');
    await slack.clickInView(BEN, form.id, 'choose-access', 'prod-db-write');
    await world.see(() => slack.views(BEN)[0]?.blocks.some(({ block_id }) => block_id === 'duration:prod-db-write'));
    // Everything of the test before was posted: the next post is the approvers' message, in a private channel.
    slack.failNext('chat.postMessage', { loseReply: true });
    await slack.submitView(BEN, form.id, { 'reason-text': 'repair order 4711' });
    const message = await world.see(() => world.parents('writes')[before]);
    await slack.click(CY, message, 'deny');
    const denial = await world.see(() => slack.views(CY)[0]);
    await slack.submitView(CY, denial.id, { 'reason-text': 'use the replica' });
    await world.see(() => buttons(world.now(message)).length === 0);
    await world.see(() => world.thread(message).length > 0);
    await world.see(() => slack.directMessages(BEN).find(({ text }) => text.includes('denied your request')));
  });

  it('a post whose reply was lost is looked for, in channels, in threads and in direct messages', async () => {
    const { slack } = world;
    const count = (method: string) => slack.calls.filter((call) => call.method === method).length;
    const before = { lists: count('users.conversations'), looks: count('conversations.history') };
    expect(Math.min(before.lists, before.looks)).toBeGreaterThan(0); // In the private channel.
    slack.failNext('chat.postMessage', { loseReply: true });
    const message = await world.ask(BEN, 'prod-db-read 30m', 'db-access');
    await world.see(() => count('users.conversations') > before.lists && count('conversations.history') > before.looks);
    // Now a reply in the thread and the direct message.
    slack.failNext('chat.postMessage', { loseReply: true }, 2);
    await slack.click(DEE, message, 'approve');
    await world.given(message);
    await world.see(() => slack.directMessages(BEN).find((told) => buttons(told).includes('end-now')));
    await world.command(BEN, '/access revoke prod-db-read');
    await world.ended(message);
    expect(count('conversations.replies')).toBeGreaterThan(0);
    expect(count('conversations.open')).toBeGreaterThan(0);
    const posts = slack.calls.filter(({ method, status }) => method === 'chat.postMessage' && status === 0);
    expect(posts.length).toBe(4);
    for (const { args } of posts) {
      const { key } = (args.metadata as { event_payload: { key: string } }).event_payload;
      const copies = ['db-access', 'general', 'writes'].flatMap((name) => slack.messages(name));
      const shown = [...copies, ...slack.directMessages(BEN)].filter(
        ({ metadata }) => metadata?.event_payload.key === key,
      );
      expect(shown).toHaveLength(1);
    }
  });

  it('the members of a user group are read, and read again when it changes', async () => {
    const count = () => world.slack.calls.filter(({ method, ok }) => method === 'usergroups.users.list' && ok).length;
    const before = await world.see(() => count() || undefined);
    expect(await world.slack.setUsergroup('S01ONCALL', [DEE])).toMatchObject({ ok: true });
    await world.see(() => count() > before);
  });

  it('e-mails are read, for those who have no Slack id in the files', async () => {
    await world.see(() => world.slack.calls.some(({ method, ok }) => method === 'users.list' && ok));
  });

  it('nothing was refused, and each scope was needed', () => {
    expect(refused()).toEqual([]);
    const called = new Set(world.slack.calls.map(({ method }) => method));
    const exercised = [...called].flatMap((method) => SCOPES[method] ?? []);
    const { bot } = manifest.oauth_config.scopes;
    expect(bot.filter((scope) => scope !== 'commands' && !exercised.includes(scope))).toEqual([]);
  });

  it('this Slack does look at scopes: one that the manifest leaves out is missed', async () => {
    const reply = await fetch(`${world.env.SLACK_API_URL}conversations.list?types=im`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.env.SLACK_BOT_TOKEN}`, connection: 'close' },
    });
    expect(await reply.json()).toMatchObject({ ok: false, error: 'missing_scope', needed: 'im:read' });
  });
});
