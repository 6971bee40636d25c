import { FakeSlack } from '../../src/playground/slack/fake-slack.ts';
import { SlackApp } from '../../src/slack/slack-app.ts';
import { NOON } from '../support/samples.ts';
import { policiesOf, usual } from '../support/world.ts';

const log = { info() {}, warn() {}, error() {} };

describe('Socket Mode', () => {
  it('holds two connections, serves what comes by either, and lets go of both', async () => {
    const slack = new FakeSlack({
      signingSecret: 'unused',
      botToken: 'xoxb-1',
      appToken: 'xapp-1',
      users: [{ id: 'U0ANA', name: 'ana', realName: 'Ana', email: 'ana@example.com' }],
      channels: [{ id: 'C0APPROVALS', name: 'approvals', members: ['U0ANA'] }],
    });
    const { url: apiUrl } = await slack.start();
    const app = new SlackApp({ settings: { botToken: 'xoxb-1', apiUrl, appToken: 'xapp-1' }, log, onError: () => {} });
    try {
      expect(app.requestListener).toBeUndefined();
      await app.identify();
      const policies = policiesOf(usual);
      await app.start({ policies: () => policies, now: () => NOON } as never);
      await slack.waitFor(() => slack.socketConnections === 2);
      for (const count of [1, 2, 3]) {
        expect(await slack.command('U0ANA', 'approvals', '/access help')).toMatchObject({ ok: true, timedOut: false });
        await slack.waitFor(() => slack.ephemerals('U0ANA').length === count);
      }
      await app.stop();
      await slack.waitFor(() => slack.socketConnections === 0);
    } finally {
      await slack.stop();
    }
  });

  it('needs no signing secret; HTTP mode cannot do without', () => {
    const settings = { botToken: 'xoxb-1', apiUrl: 'http://127.0.0.1:9/api/' };
    expect(() => new SlackApp({ settings, log, onError: () => {} })).toThrow('signing secret');
  });
});
