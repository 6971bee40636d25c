import { WebClient } from '@slack/web-api';
import type { Message } from '../../src/app/messages.ts';
import { MessengerError } from '../../src/app/ports/messenger.ts';
import type { Place } from '../../src/domain/effects.ts';
import { instantOf } from '../../src/domain/instant.ts';
import { FakeSlack } from '../../src/playground/slack/fake-slack.ts';
import { SlackMessenger } from '../../src/slack/messenger.ts';
import { aRequest } from '../support/samples.ts';
import { SILENT } from './support/silent.ts';

const message: Message = {
  kind: 'approvers',
  view: { request: aRequest(), steps: [], fields: [], howToUse: [], slackIds: new Map() },
};
const changed: Message = {
  kind: 'approvers',
  view: {
    request: aRequest({ status: 'denied', decidedBy: 'bo@example.com' }),
    steps: [],
    fields: [],
    howToUse: [],
    slackIds: new Map(),
  },
};
const story: Message = { kind: 'story', view: message.view, line: { beat: 'lapsed' } };

let slack: FakeSlack;
let errors: string[];
let messenger: SlackMessenger;
let url: string;

const messengerWith = (timeout: number) =>
  new SlackMessenger({
    client: new WebClient('xoxb-1', {
      slackApiUrl: url,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout,
      logger: SILENT,
    }),
    onError: (method, code) => errors.push(`${method} ${code}`),
    intervalMs: 0,
  });

beforeEach(async () => {
  slack = new FakeSlack({
    signingSecret: 's',
    botToken: 'xoxb-1',
    users: [{ id: 'U0ANA', name: 'ana', realName: 'Ana', email: 'ana@example.com' }],
    channels: [
      { id: 'C0APPROVALS', name: 'approvals', members: ['U0ANA'] },
      { id: 'C0ELSE', name: 'elsewhere', members: ['U0ANA'], botIsMember: false },
    ],
    enforceRateLimits: false,
  });
  url = (await slack.start()).url;
  errors = [];
  messenger = messengerWith(60_000);
});
afterEach(() => slack.stop());

const since = () => instantOf(Date.now() - 60_000);
const failure = async (work: Promise<unknown>): Promise<MessengerError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MessengerError)) throw new Error(`no MessengerError: ${String(error)}`);
  return error;
};

describe('posting', () => {
  it.each<[string, Place]>([
    ['a channel by name', { channel: '#approvals' }],
    ['a channel by id', { channel: 'C0APPROVALS' }],
    ['a person', { person: 'U0ANA' }],
  ])('to %s; after a lost reply it is found and not posted again', async (_what, place) => {
    slack.failNext('chat.postMessage', { loseReply: true });
    expect(await failure(messenger.post({ place, message, key: 'eff_1' }))).toMatchObject({ kind: 'retry' });
    const posted = await messenger.post({ place, message, key: 'eff_1', lookSince: since() });
    const there = 'person' in place ? slack.directMessages('U0ANA') : slack.messages('approvals');
    expect(there).toHaveLength(1);
    expect(posted).toMatchObject({ ts: there[0]?.ts, channel: there[0]?.channel });
    // It is known what the found one shows, so nothing needs to be changed.
    await messenger.update(posted, message);
    expect(slack.calls.filter(({ method }) => method === 'chat.update')).toEqual([]);
  });

  it('a reply in a thread is found in that thread', async () => {
    const place = { channel: 'C0APPROVALS' };
    const parent = await messenger.post({ place, message, key: 'eff_1' });
    slack.failNext('chat.postMessage', { loseReply: true });
    await failure(messenger.post({ place, message: story, key: 'eff_2:eff_1', thread: parent.ts }));
    await messenger.post({ place, message: story, key: 'eff_2:eff_1', thread: parent.ts, lookSince: since() });
    expect(slack.messages('approvals')).toHaveLength(2);
  });

  it('another key is another message; a look that finds nothing posts', async () => {
    const place = { channel: 'C0APPROVALS' };
    await messenger.post({ place, message, key: 'eff_1' });
    await messenger.post({ place, message, key: 'eff_2', lookSince: since() });
    expect(slack.messages('approvals')).toHaveLength(2);
  });

  it('when Slack cannot be read, nothing is posted blindly', async () => {
    slack.failNext('conversations.history', { status: 500 });
    const error = await failure(
      messenger.post({ place: { channel: 'C0APPROVALS' }, message, key: 'eff_1', lookSince: since() }),
    );
    expect(error).toMatchObject({ kind: 'retry', code: 'http-500' });
    expect(slack.messages('approvals')).toEqual([]);
  });
});

describe('failures', () => {
  const post = (channel = 'C0APPROVALS') => messenger.post({ place: { channel }, message, key: 'eff_1' });

  it('a rate limit names the time to wait', async () => {
    slack.failNext('chat.postMessage', { status: 429, retryAfter: 7 });
    expect(await failure(post())).toMatchObject({ kind: 'wait', code: 'rate-limited', retryAfterMs: 7_000 });
  });

  it('an error of the server, and silence, are tried again', async () => {
    slack.failNext('chat.postMessage', { status: 503 });
    expect(await failure(post())).toMatchObject({ kind: 'retry', code: 'http-503' });
    slack.failNext('chat.postMessage', { hang: true });
    const impatient = messengerWith(400).post({ place: { channel: 'C0APPROVALS' }, message, key: 'eff_1' });
    expect(await failure(impatient)).toMatchObject({ kind: 'retry', code: 'unreachable' });
    expect(errors).toEqual(['chat.postMessage http-503', 'chat.postMessage unreachable']);
  });

  it.each([
    ['a channel that is not there', 'C0NOWHERE', 'channel-not-found'],
    ['a channel without the bot', 'C0ELSE', 'not-in-channel'],
  ])('%s is given up, with what to do', async (_what, channel, code) => {
    const error = await failure(post(channel));
    expect(error).toMatchObject({ kind: 'give-up', code });
    expect(error.message).toContain('/invite');
  });

  it('a deleted message cannot be updated, for good', async () => {
    const posted = await post();
    const gone = { ...posted, ts: '1.000001' };
    expect(await failure(messenger.update(gone, changed))).toMatchObject({
      kind: 'give-up',
      code: 'message-not-found',
    });
  });

  it('a token that is refused is tried again: somebody may put a new one in', async () => {
    slack.failNext('chat.postMessage', { error: 'invalid_auth' });
    expect(await failure(post())).toMatchObject({ kind: 'retry', code: 'invalid-auth' });
  });
});

describe('updating', () => {
  it('changes what is shown, once', async () => {
    const posted = await messenger.post({ place: { channel: 'C0APPROVALS' }, message, key: 'eff_1' });
    const shown = await messenger.update(posted, changed);
    expect(shown).not.toBe(posted.shown);
    expect(await messenger.update({ ...posted, shown }, changed)).toBe(shown);
    expect(slack.calls.filter(({ method }) => method === 'chat.update')).toHaveLength(1);
    expect(slack.messages('approvals')[0]?.text).toContain('Denied');
  });
});

describe('pacing', () => {
  it('hands back what would have to wait too long', async () => {
    const slow = new SlackMessenger({
      client: new WebClient('xoxb-1', {
        slackApiUrl: 'http://127.0.0.1:9/api/',
        retryConfig: { retries: 0 },
        logger: SILENT,
      }),
      intervalMs: 60_000,
    });
    const place = { channel: 'C0APPROVALS' };
    await failure(slow.post({ place, message, key: 'a' }));
    expect(await failure(slow.post({ place, message, key: 'b' }))).toMatchObject({ kind: 'wait', code: 'paced' });
  });
});
