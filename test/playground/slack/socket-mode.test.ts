import bolt from '@slack/bolt';
import { APP_TOKEN, BOT_TOKEN, closeAll, closeLater, section, silent, startFake, webClient } from './support.ts';

afterEach(closeAll);

const startSocketApp = async (listen: (app: bolt.App) => void) => {
  const fake = await startFake();
  const clientOptions = () => ({ slackApiUrl: fake.url });
  const receiver = new bolt.SocketModeReceiver({
    appToken: APP_TOKEN,
    logger: silent,
    // The SDK waits so many milliseconds before it comes back.
    clientPingTimeout: 1000,
    installerOptions: { clientOptions: clientOptions() },
    clientOptions: clientOptions(),
  } as ConstructorParameters<typeof bolt.SocketModeReceiver>[0]);
  const app = new bolt.App({
    receiver,
    token: BOT_TOKEN,
    logger: silent,
    deferInitialization: true,
    clientOptions: clientOptions(),
  });
  listen(app);
  await app.init();
  await app.start();
  closeLater(async () => {
    await app.stop();
  });
  return fake;
};

describe('Socket Mode', () => {
  it('carries commands, buttons and modals like HTTP does', async () => {
    const seen: string[] = [];
    const { slack, web } = await startSocketApp((app) => {
      app.command('/access', async ({ ack, body, client }) => {
        await ack({ text: 'one moment' });
        await client.views.open({
          trigger_id: body.trigger_id,
          view: {
            type: 'modal',
            callback_id: 'ask',
            title: { type: 'plain_text', text: 'Ask' },
            submit: { type: 'plain_text', text: 'Send' },
            blocks: [section('hello')],
          },
        });
      });
      app.action('approve', async ({ ack, body }) => {
        await ack();
        seen.push(body.user.id);
      });
      app.view('ask', ({ ack }) => ack());
    });
    expect(slack.socketConnections).toBe(1);
    expect(await slack.command('UANA', 'C1', '/access')).toMatchObject({ ok: true, status: 200 });
    expect(slack.ephemerals('UANA').map((message) => message.text)).toEqual(['one moment']);
    const view = await slack.waitFor(() => slack.views('UANA')[0]);
    expect(await slack.submitView('UANA', view.id)).toMatchObject({ ok: true });
    expect(slack.views('UANA')).toEqual([]);
    const text = { type: 'plain_text' as const, text: '🔑'.repeat(60) };
    const blocks = [
      ...Array.from({ length: 30 }, () => section('x'.repeat(3000))),
      { type: 'actions' as const, elements: [{ type: 'button' as const, action_id: 'approve', text }] },
    ];
    const { ts } = await web.chat.postMessage({ channel: 'C1', text: 'large', blocks });
    expect(await slack.click('UBEN', { channel: 'C1', ts: ts as string }, 'approve')).toMatchObject({ ok: true });
    expect(seen).toEqual(['UBEN']);
  });

  it('lets an app come back when Slack asks it to', async () => {
    const { slack } = await startSocketApp((app) => {
      app.command('/access', ({ ack }) => ack('still here'));
    });
    slack.refreshSockets();
    const opened = () => slack.calls.filter((call) => call.method === 'apps.connections.open').length;
    await slack.waitFor(() => opened() >= 2 && slack.socketConnections > 0, { timeoutMs: 20_000 });
    expect(await slack.command('UANA', 'C1', '/access')).toMatchObject({ ok: true });
  });

  it('wants the app’s token and a ticket', async () => {
    const { slack, url } = await startFake();
    await expect(webClient(url).apps.connections.open()).rejects.toMatchObject({
      data: { error: 'not_allowed_token_type' },
    });
    const { url: address } = await webClient(url, APP_TOKEN).apps.connections.open();
    expect(address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link\?ticket=/);
    expect(slack.socketConnections).toBe(0);
    await expect(slack.command('UANA', 'C1', '/access')).rejects.toThrow(
      'no request URL yet, and no Socket Mode connection',
    );
  });
});
