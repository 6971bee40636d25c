import { SourceError } from '../../src/app/ports/live-sources.ts';
import { FakeSlack } from '../../src/playground/slack/fake-slack.ts';
import { Budget } from '../../src/slack/budget.ts';
import { createClients } from '../../src/slack/clients.ts';
import { slackLogger } from '../../src/slack/logger.ts';
import { SlackUsergroups } from '../../src/slack/usergroups.ts';
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
    users: people,
    channels: [],
    usergroups: [{ id: 'S0ONCALL', handle: 'oncall', users: ['U0ANA', 'U0GONE', 'U0BEN'] }],
  });
});
afterEach(async () => {
  await slack.stop();
  await closeServers();
});

const usergroupsAt = (apiUrl: string) =>
  new SlackUsergroups({
    client: createClients({ token: 'xoxb-1', apiUrl, logger: slackLogger(quiet) }).outbox,
    onError: (method, code) => errors.push(`${method} ${code}`),
    budget: new Budget(20, 60_000, () => now),
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
    const usergroups = usergroupsAt((await slack.start()).url);
    expect(await usergroups.usergroup('S0ONCALL', signal)).toEqual(['U0ANA', 'U0BEN']);
    expect(errors).toEqual([]);
  });

  it('are asked for twenty times a minute, which is what Slack allows', async () => {
    const usergroups = usergroupsAt((await slack.start()).url);
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
    const usergroups = usergroupsAt((await slack.start()).url);
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
    const usergroups = usergroupsAt((await slack.start()).url);
    slack.failNext('usergroups.users.list', fault as never);
    expect(await failure(usergroups.usergroup('S0ONCALL', signal))).toMatchObject({ final: false, ...expected });
    expect(await usergroups.usergroup('S0ONCALL', signal)).toHaveLength(2);
  });

  it('are not asked for when the program stops', async () => {
    const usergroups = usergroupsAt((await slack.start()).url);
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
    expect(await failure(usergroupsAt(`${url}/api/`).usergroup('S0ONCALL', signal))).toMatchObject({
      code: 'bad-reply',
      final: false,
    });
    expect(errors).toEqual(['usergroups.users.list bad-reply']);
  });
});
