import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeSlack } from '../../src/playground/slack/fake-slack.ts';
import { SlackApp } from '../../src/slack/slack-app.ts';

const quiet = { info() {}, warn() {}, error() {} };

let slack: FakeSlack;
let app: SlackApp;
let server: Server | undefined;
let changed: string[];

const start = async (settings: { signingSecret: string } | { appToken: string }) => {
  changed = [];
  slack = new FakeSlack({
    signingSecret: 'signing-secret',
    botToken: 'xoxb-1',
    appToken: 'xapp-1',
    team: { id: 'T0OURS', domain: 'ours' },
    users: ['U0ANA', 'U0BEN'].map((id) => ({ id, name: id, realName: id, email: `${id}@example.com` })),
    channels: [],
    usergroups: [{ id: 'S0ONCALL', handle: 'oncall', users: ['U0ANA'] }],
    events: ['subteam_members_changed'],
  });
  const { url } = await slack.start();
  app = new SlackApp({
    settings: { botToken: 'xoxb-1', apiUrl: url, ...settings },
    log: quiet,
    onError: () => {},
    onUsergroupChanged: (id) => void changed.push(id),
  });
  await app.identify();
  await app.start({} as never);
  if (!app.requestListener) return slack.waitFor(() => slack.socketConnections === 2);
  server = createServer(app.requestListener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  slack.setRequestUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
};

afterEach(async () => {
  await app.stop();
  server?.closeAllConnections();
  if (server) await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  await slack.stop();
});

describe.each([
  ['over HTTP', { signingSecret: 'signing-secret' }],
  ['over Socket Mode', { appToken: 'xapp-1' }],
])('a user group that changes, %s', (_, settings) => {
  it('is told of, acknowledged, and no more than its id is taken from the event', async () => {
    await start(settings);
    const delivery = await slack.setUsergroup('S0ONCALL', ['U0ANA', 'U0BEN']);
    expect(delivery).toMatchObject({ ok: true });
    expect(changed).toEqual(['S0ONCALL']);
  });
});

describe('an event that Slack would not send', () => {
  const event = (edit: object, team = 'T0OURS') => ({
    contentType: 'application/json',
    body: JSON.stringify({
      type: 'event_callback',
      team_id: team,
      api_app_id: 'A1',
      event_id: 'Ev1',
      event_time: 1,
      event: { type: 'subteam_members_changed', subteam_id: 'S0ONCALL', ...edit },
    }),
  });
  beforeEach(() => start({ signingSecret: 'signing-secret' }));

  it('of another workspace changes nothing', async () => {
    expect(await slack.deliver(event({}, 'T0THEIRS'))).toMatchObject({ ok: true });
    expect(changed).toEqual([]);
  });

  it('with a wrong signature changes nothing', async () => {
    expect(await slack.deliver({ ...event({}), secret: 'another' })).toMatchObject({ status: 401 });
    expect(changed).toEqual([]);
  });

  it('with something else for an id changes nothing', async () => {
    for (const id of [undefined, 7, { toString: 'S0ONCALL' }, ['S0ONCALL'], null])
      expect(await slack.deliver(event({ subteam_id: id }))).toMatchObject({ ok: true });
    expect(changed).toEqual([]);
  });
});
