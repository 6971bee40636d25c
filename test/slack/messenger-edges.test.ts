import type { WebClient } from '@slack/web-api';
import type { Message } from '../../src/app/messages.ts';
import { instantOf } from '../../src/domain/instant.ts';
import { FakeSlack } from '../../src/playground/slack/fake-slack.ts';
import { createClients } from '../../src/slack/clients.ts';
import { MESSAGE_EVENT } from '../../src/slack/ids.ts';
import { SlackMessenger } from '../../src/slack/messenger.ts';
import { aRequest } from '../support/samples.ts';
import { closeServers, listening } from './support/servers.ts';
import { SILENT } from './support/silent.ts';
import { aDigest, aView } from './support/views.ts';

const place = { channel: 'C0APPROVALS' };
const message: Message = { kind: 'approvers', view: aView() };
const digest: Message = { kind: 'digest', digest: aDigest() };

let slack: FakeSlack;
let client: WebClient;
let now: number;
let messenger: SlackMessenger;

beforeEach(async () => {
  now = Date.parse('2026-03-03T09:00:00Z');
  slack = new FakeSlack({
    signingSecret: 's',
    botToken: 'xoxb-1',
    now: () => now,
    users: [
      { id: 'U0ANA', name: 'ana', realName: 'Ana', email: 'ana@example.com' },
      { id: 'U0GONE', name: 'gone', realName: 'Gone', email: 'gone@example.com', deleted: true },
    ],
    channels: [
      { id: 'C0APPROVALS', name: 'approvals', members: ['U0ANA'] },
      { id: 'C0OLD', name: 'old', members: ['U0ANA'], isArchived: true },
      { id: 'G0SECRET', name: 'secret', members: ['U0ANA'], isPrivate: true, botIsMember: false },
    ],
    postMessageBurst: 1,
  });
  const { url } = await slack.start();
  client = createClients({ token: 'xoxb-1', apiUrl: url, logger: SILENT }).outbox;
  messenger = new SlackMessenger({ client, intervalMs: 0 });
});
afterEach(async () => {
  await slack.stop();
  await closeServers();
});

const at = (ms: number) => instantOf(now + ms);
const calls = (method: string) => slack.calls.filter((call) => call.method === method).length;

describe('looking for what may have arrived', () => {
  it('reads on for as long as there is more', async () => {
    await messenger.post({ place, message, key: 'eff_1' });
    for (let count = 0; count < 450; count += 1) await slack.post('U0ANA', 'approvals', 'hello');
    await messenger.post({ place, message, key: 'eff_1', lookSince: at(-60_000) });
    expect(slack.messages('approvals')).toHaveLength(451);
    expect(calls('conversations.history')).toBe(3);
  });

  it('says that it cannot tell when there is far too much, and posts nothing blindly', async () => {
    for (let count = 0; count < 2_001; count += 1) await slack.post('U0ANA', 'approvals', 'hello');
    await expect(messenger.post({ place, message, key: 'eff_1', lookSince: at(-60_000) })).rejects.toMatchObject({
      kind: 'retry',
      code: 'look-too-long',
    });
    expect(calls('chat.postMessage')).toBe(0);
  });

  it('finds only our own mark: the same key under another name is somebody else’s', async () => {
    const metadata = { event_type: `not_${MESSAGE_EVENT}`, event_payload: { key: 'eff_1' } };
    await client.chat.postMessage({ channel: 'C0APPROVALS', text: 'Not ours.', metadata });
    now += 1_000;
    await messenger.post({ place, message, key: 'eff_1', lookSince: at(-60_000) });
    expect(slack.messages('approvals')).toHaveLength(2);
  });

  it('in a channel that is not listed to us there can be nothing of ours', async () => {
    const secret = { place: { channel: '#secret' }, message, key: 'eff_1', lookSince: at(-60_000) };
    await expect(messenger.post(secret)).rejects.toMatchObject({ kind: 'give-up', code: 'channel-not-found' });
    expect(calls('conversations.history')).toBe(0);
  });

  it('a limit on looking is waited for, and nothing is posted meanwhile', async () => {
    slack.failNext('conversations.history', { status: 429, retryAfter: 3 });
    await expect(messenger.post({ place, message, key: 'eff_1', lookSince: at(-60_000) })).rejects.toMatchObject({
      kind: 'wait',
      retryAfterMs: 3_000,
    });
    expect(calls('chat.postMessage')).toBe(0);
  });

  it('what it finds still shows what was true then: the next refresh changes it', async () => {
    slack.failNext('chat.postMessage', { loseReply: true });
    await expect(messenger.post({ place, message, key: 'eff_1' })).rejects.toMatchObject({ kind: 'retry' });
    const denied: Message = { kind: 'approvers', view: aView({ request: aRequest({ status: 'lapsed' }) }) };
    const found = await messenger.post({ place, message: denied, key: 'eff_1', lookSince: at(-60_000) });
    expect(await messenger.update(found, denied)).not.toBe(found.shown);
    expect(slack.messages('approvals').map(({ text }) => text)).toEqual([expect.stringContaining('Lapsed')]);
  });
});

describe('where nothing can be posted', () => {
  it.each([
    ['an archived channel', { channel: '#old' }, 'is-archived'],
    ['a private channel without us', { channel: 'G0SECRET' }, 'channel-not-found'],
    ['somebody who left', { person: 'U0GONE' }, 'user-disabled'],
    ['nobody', { person: 'U0NOBODY' }, 'channel-not-found'],
  ])('%s: given up', async (_what, where, code) => {
    await expect(messenger.post({ place: where, message, key: 'eff_1' })).rejects.toMatchObject({
      kind: 'give-up',
      code,
    });
  });
});

describe('what is shown', () => {
  it('carries its key for later, unfurls nothing, and parses no names', async () => {
    await messenger.post({ place, message, key: 'eff_1' });
    const [posted] = slack.messages('approvals');
    expect(posted?.metadata).toMatchObject({ event_type: MESSAGE_EVENT, event_payload: { key: 'eff_1' } });
    expect(posted).toMatchObject({ unfurl_links: false, unfurl_media: false });
    const [call] = slack.calls.filter(({ method }) => method === 'chat.postMessage');
    expect(Object.keys(call?.args ?? {})).not.toContain('parse');
    expect(Object.keys(call?.args ?? {})).not.toContain('link_names');
    expect(call?.warnings).toBeUndefined();
  });

  it('has no words of a reason in the metadata, which everybody can read', async () => {
    const view = aView({ request: aRequest({ reason: 'CONFIDENTIAL' }) });
    await messenger.post({ place, message: { kind: 'approvers', view }, key: 'eff_1' });
    expect(JSON.stringify(slack.messages('approvals')[0]?.metadata)).not.toContain('CONFIDENTIAL');
  });

  it('loses its blocks when there are none any more', async () => {
    const posted = await messenger.post({ place, message, key: 'eff_1' });
    await messenger.update(posted, digest);
    expect(slack.messages('approvals')[0]).toMatchObject({ blocks: [], text: expect.stringContaining('digest') });
  });

  it('an update whose reply was lost is made again, to the same end', async () => {
    const posted = await messenger.post({ place, message, key: 'eff_1' });
    slack.failNext('chat.update', { loseReply: true });
    await expect(messenger.update(posted, digest)).rejects.toMatchObject({ kind: 'retry', code: 'unreachable' });
    await messenger.update(posted, digest);
    expect(slack.messages('approvals')).toHaveLength(1);
  });

  it('a message that somebody deleted is given up', async () => {
    const posted = await messenger.post({ place, message, key: 'eff_1' });
    await client.chat.delete({ channel: posted.channel, ts: posted.ts });
    await expect(messenger.update(posted, digest)).rejects.toMatchObject({
      kind: 'give-up',
      code: 'message-not-found',
    });
  });
});

describe('one message a second and channel', () => {
  it('Slack’s own limit is a wait and no failure', async () => {
    await messenger.post({ place, message, key: 'eff_1' });
    await expect(messenger.post({ place, message, key: 'eff_2' })).rejects.toMatchObject({
      kind: 'wait',
      code: 'rate-limited',
      retryAfterMs: 1_000,
    });
  });

  it('posts to one channel stand in line; another channel has its own', async () => {
    const spaced = new SlackMessenger({ client, intervalMs: 400 });
    const started = performance.now();
    const took = async (where: { channel: string } | { person: string }, key: string) => {
      await spaced.post({ place: where, message, key }).catch(() => {});
      return performance.now() - started;
    };
    const [, , third] = await Promise.all([took(place, 'a'), took({ person: 'U0ANA' }, 'b'), took(place, 'c')]);
    // A timer counts from when its turn of the event loop began, so on a busy machine it may be early.
    expect(third).toBeGreaterThanOrEqual(200);
    expect(slack.directMessages('U0ANA')).toHaveLength(1);
  });

  it('who would wait too long is told when to come again, and Slack hears nothing', async () => {
    const spaced = new SlackMessenger({ client, intervalMs: 60_000 });
    await spaced.post({ place, message, key: 'a' });
    const later = { place, message, key: 'b', lookSince: at(-60_000) };
    const before = slack.calls.length;
    const error = await spaced.post(later).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'wait', code: 'paced' });
    const { retryAfterMs } = error as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(1_500);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(slack.calls).toHaveLength(before);
  });
});

describe('a Slack that answers with something else', () => {
  const answered = async (answer: Parameters<typeof listening>[0]) => {
    const { url } = await listening(answer);
    const errors: string[] = [];
    const odd = new SlackMessenger({
      client: createClients({ token: 'xoxb-1', apiUrl: `${url}/api/`, logger: SILENT }).outbox,
      onError: (method, code) => errors.push(`${method} ${code}`),
      intervalMs: 0,
    });
    const error = await odd.post({ place, message, key: 'eff_1' }).catch((thrown: unknown) => thrown);
    return { error, errors };
  };

  it.each<[string, Parameters<typeof listening>[0], string]>([
    ['a page', (_request, response) => response.end('<html>Sign in</html>'), 'bad-reply'],
    ['null', (_request, response) => response.end('null'), 'bad-reply'],
    ['a limit without a time', (_request, response) => response.writeHead(429).end(), 'bad-reply'],
    ['success without saying where', (_request, response) => response.end('{"ok":true}'), 'bad-reply'],
    ['an error page', (_request, response) => response.writeHead(502).end('<html>'), 'http-502'],
    [
      'half a reply',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"ok":');
        setImmediate(() => response.destroy());
      },
      'bad-reply',
    ],
    ['nothing at all', (request) => request.socket.destroy(), 'unreachable'],
  ])('%s: tried again, and only known errors come out', async (_what, answer, code) => {
    const { error, errors } = await answered(answer);
    expect(error).toMatchObject({ name: 'MessengerError', kind: 'retry', code });
    if (!errors.includes(`chat.postMessage ${code}`)) expect(_what).toBe('success without saying where');
  });
});
