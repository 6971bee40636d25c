import { SourceError } from '../../src/app/ports/live-sources.ts';
import { FakeSlack } from '../../src/playground/slack/fake-slack.ts';
import { Budget } from '../../src/slack/budget.ts';
import { createClients } from '../../src/slack/clients.ts';
import { slackLogger } from '../../src/slack/logger.ts';
import { WebApiDirectory } from '../../src/slack/slack-directory.ts';
import { closeServers, listening } from './support/servers.ts';

const quiet = { info() {}, warn() {}, error() {} };
const people = ['ANA', 'BEN', 'GONE'].map((name) => ({
  id: `U0${name}`,
  name: name.toLowerCase(),
  realName: name,
  email: `${name.toLowerCase()}@example.com`,
  deleted: name === 'GONE',
}));
const { signal } = new AbortController();

let slack: FakeSlack;
let errors: string[];
let now: number;

beforeEach(async () => {
  errors = [];
  now = 0;
  slack = new FakeSlack({
    now: () => now,
    signingSecret: 's',
    botToken: 'xoxb-1',
    team: { id: 'T0OURS', domain: 'ours' },
    users: people,
    channels: [],
    usergroups: [{ id: 'S0ONCALL', handle: 'oncall', users: ['U0ANA', 'U0GONE', 'U0BEN'] }],
  });
});
afterEach(async () => {
  await slack.stop();
  await closeServers();
});

const directoryAt = (apiUrl: string, workspace: string | undefined = 'T0OURS') =>
  new WebApiDirectory({
    client: createClients({ token: 'xoxb-1', apiUrl, logger: slackLogger(quiet) }).outbox,
    onError: (method, code) => errors.push(`${method} ${code}`),
    workspace: () => workspace,
    budget: () => new Budget(20, 60_000, () => now),
  });

const failure = (promise: Promise<unknown>): Promise<SourceError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => {
      expect(error).toBeInstanceOf(SourceError);
      return error as SourceError;
    },
  );

describe('the members of a Slack user group', () => {
  it('are those who are not deactivated', async () => {
    const usergroups = directoryAt((await slack.start()).url);
    expect(await usergroups.usergroup('S0ONCALL', signal)).toEqual(['U0ANA', 'U0BEN']);
    expect(errors).toEqual([]);
  });

  it('are asked for twenty times a minute, which is what Slack allows', async () => {
    const usergroups = directoryAt((await slack.start()).url);
    for (let call = 0; call < 20; call += 1) await usergroups.usergroup('S0ONCALL', signal);
    expect(await failure(usergroups.usergroup('S0ONCALL', signal))).toMatchObject({
      code: 'paced',
      final: false,
      retryAfterMs: 60_000,
    });
    expect(slack.calls).toHaveLength(20);
    now += 60_000;
    await usergroups.usergroup('S0ONCALL', signal);
    expect(slack.calls.every(({ ok }) => ok)).toBe(true);
  });

  it('are not known when Slack has no such group: that is an answer', async () => {
    const usergroups = directoryAt((await slack.start()).url);
    expect(await failure(usergroups.usergroup('S0NONE', signal))).toMatchObject({
      code: 'no-such-subteam',
      final: true,
    });
    expect(errors).toEqual(['usergroups.users.list no-such-subteam']);
  });

  it.each([
    ['asks to wait', { status: 429, retryAfter: 7 }, { code: 'rate-limited', retryAfterMs: 7_000 }],
    ['is broken', { status: 500 }, { code: 'http-500' }],
    ['loses the reply', { loseReply: true }, { code: 'unreachable' }],
    [
      'misses a scope',
      { error: 'missing_scope' },
      { code: 'missing-scope', message: expect.stringMatching(/manifest\.yml/) },
    ],
  ] as const)('are not known when Slack %s: that may pass', async (_, fault, expected) => {
    const usergroups = directoryAt((await slack.start()).url);
    slack.failNext('usergroups.users.list', fault as never);
    expect(await failure(usergroups.usergroup('S0ONCALL', signal))).toMatchObject({ final: false, ...expected });
    expect(await usergroups.usergroup('S0ONCALL', signal)).toHaveLength(2);
  });

  it('are not asked for when the program stops', async () => {
    const usergroups = directoryAt((await slack.start()).url);
    expect(await failure(usergroups.usergroup('S0ONCALL', AbortSignal.abort()))).toMatchObject({ code: 'stopped' });
    expect(slack.calls).toEqual([]);
  });

  // NB. half a list of a denied group would let the other half in.
  it.each([
    ['no list', {}],
    ['no list of texts', { users: [1] }],
    ['something that is no user', { users: ['U0ANA', '<!channel>'] }],
    ['only a part of the list', { users: ['U0ANA'], response_metadata: { next_cursor: 'more' } }],
    ['more than any group has', { users: Array.from({ length: 50_001 }, (_, index) => `U${index}`) }],
  ])('are not known when the reply has %s', async (_, body) => {
    const { url } = await listening((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ok: true, ...body }));
    });
    expect(await failure(directoryAt(`${url}/api/`).usergroup('S0ONCALL', signal))).toMatchObject({
      code: 'bad-reply',
      final: false,
    });
    expect(errors).toEqual(['usergroups.users.list bad-reply']);
  });
});

describe('the e-mails in Slack', () => {
  const emailsAt = async (workspace?: string) => directoryAt((await slack.start()).url, workspace).emails(signal);

  it('are those of the people of the workspace, lower-cased', async () => {
    slack.setUser('U0BEN', { email: 'Ben@Example.com' });
    expect(await emailsAt()).toEqual(
      new Map([
        ['U0ANA', 'ana@example.com'],
        ['U0BEN', 'ben@example.com'],
      ]),
    );
  });

  // NB. each of these could show any e-mail.
  it.each([
    ['deactivated', { deleted: true }],
    ['a guest', { guest: true }],
    ['of another workspace', { team: 'T0THEIRS' }],
    ['not confirmed', { emailConfirmed: false }],
  ])('leave out one that is %s', async (_, change) => {
    slack.setUser('U0BEN', change);
    expect([...(await emailsAt()).keys()]).toEqual(['U0ANA']);
  });

  it('are not known before Slack said which workspace this is', async () => {
    const { url } = await slack.start();
    const unknown = new WebApiDirectory({
      client: createClients({ token: 'xoxb-1', apiUrl: url, logger: slackLogger(quiet) }).outbox,
      onError: () => {},
      workspace: () => undefined,
    });
    expect(await failure(unknown.emails(signal))).toMatchObject({ code: 'not-started' });
    expect(slack.calls).toEqual([]);
  });

  it('are read page by page', async () => {
    await slack.stop();
    const users = Array.from({ length: 2_500 }, (_, index) => ({
      id: `U0X${index}`,
      name: `x${index}`,
      realName: 'X',
      email: `x${index}@example.com`,
    }));
    slack = new FakeSlack({
      signingSecret: 's',
      botToken: 'xoxb-1',
      team: { id: 'T0OURS', domain: 'o' },
      users,
      channels: [],
    });
    expect((await emailsAt()).size).toBe(2_500);
    expect(slack.calls.map(({ method }) => method)).toEqual(['users.list', 'users.list', 'users.list']);
  });

  it('are none when the app may not see them', async () => {
    await slack.stop();
    const scopes = ['users:read'];
    slack = new FakeSlack({
      signingSecret: 's',
      botToken: 'xoxb-1',
      team: { id: 'T0OURS', domain: 'o' },
      users: people,
      channels: [],
      scopes,
    });
    expect((await emailsAt()).size).toBe(0);
  });

  const answering = (answer: (page: number) => object) => {
    let page = 0;
    return listening((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ok: true, ...answer(page++) }));
    });
  };
  const next = (next_cursor: string) => ({ members: [], response_metadata: { next_cursor } });

  it.each([
    ['has no list', () => ({ members: 'all' }), 'bad-reply'],
    ['leads in a circle', () => next('again'), 'bad-reply'],
    ['never ends', (page: number) => next(`page-${page}`), 'too-many-users'],
  ] as const)('are not known when the list %s', async (_, answer, code) => {
    const { url } = await answering(answer);
    expect(await failure(directoryAt(`${url}/api/`).emails(signal))).toMatchObject({ code });
  });

  it('of somebody who is no whole user are left out, and keep nobody else out', async () => {
    const whole = {
      id: 'U0ANA',
      team_id: 'T0OURS',
      deleted: false,
      is_bot: false,
      is_restricted: false,
      is_ultra_restricted: false,
      is_email_confirmed: true,
      profile: { email: 'ana@example.com' },
    };
    const { is_email_confirmed: _, ...unconfirmed } = whole;
    const members = [
      null,
      7,
      {},
      { ...whole, id: '<!here>' },
      { ...whole, id: 'U1', is_bot: true },
      { ...unconfirmed, id: 'U2' },
      { ...whole, id: 'U3', profile: {} },
      whole,
    ];
    const { url } = await answering(() => ({ members }));
    expect(await directoryAt(`${url}/api/`).emails(signal)).toEqual(new Map([['U0ANA', 'ana@example.com']]));
  });
});
