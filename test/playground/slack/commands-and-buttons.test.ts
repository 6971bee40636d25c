import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BlockAction, SlashCommand } from '@slack/bolt';
import { buttons, closeAll, closeLater, section, startFake, startWithApp, TestClock } from './support.ts';

afterEach(closeAll);

/** An app that answers every request with `status` and `body`, or never. */
const startPlainApp = async (answer: { status: number; body?: string } | 'never'): Promise<string> => {
  const server = createServer((request, response) => {
    request.resume();
    if (answer !== 'never') response.writeHead(answer.status).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeLater(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
};

describe('a slash command', () => {
  it('reaches the app signed and complete', async () => {
    let got: SlashCommand | undefined;
    const { slack } = await startWithApp((app) =>
      app.command('/access', async ({ command, ack }) => {
        got = command;
        await ack();
      }),
    );
    const delivery = await slack.command('UANA', 'approvals', '/access prod-db-write 1h INC-42 slow & <queries>');
    expect(delivery).toMatchObject({
      kind: 'slash_command',
      sent: true,
      status: 200,
      ok: true,
      body: '',
      timedOut: false,
    });
    expect(delivery.ackMs).toBeGreaterThan(0);
    expect(got).toEqual({
      token: expect.any(String),
      team_id: 'T1',
      team_domain: 'acme',
      channel_id: 'C1',
      channel_name: 'approvals',
      user_id: 'UANA',
      user_name: 'ana',
      command: '/access',
      text: 'prod-db-write 1h INC-42 slow & <queries>',
      api_app_id: slack.bot.appId,
      is_enterprise_install: 'false',
      response_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/response\/T1\/[0-9a-f]{24}$/),
      trigger_id: expect.any(String),
    });
    expect(slack.ephemerals('UANA')).toEqual([]);
  });

  it('shows the answer to the person alone, or to the channel when the app says so', async () => {
    const { slack } = await startWithApp((app) => {
      app.command('/text', ({ ack }) => ack('just text'));
      app.command('/json', ({ ack }) => ack({ text: 'json', blocks: [section('hello')] }));
      app.command('/all', ({ ack }) => ack({ text: 'for all', response_type: 'in_channel' }));
    });
    await slack.command('UANA', 'C1', '/text');
    await slack.command('UANA', 'DUANA', '/json');
    await slack.command('UANA', 'C1', '/all');
    expect(slack.ephemerals('UANA')).toMatchObject([
      { channel: 'C1', text: 'just text', user: slack.bot.userId },
      { channel: 'DUANA', text: 'json', blocks: [{ type: 'section' }] },
    ]);
    expect(slack.messages('C1').map((message) => message.text)).toEqual(['for all']);
  });

  it('is told to be wrong by Slackbot when the app’s answer is', async () => {
    const { slack } = await startWithApp((app) => {
      app.command('/bad', ({ ack }) => ack({ text: 'a', blocks: [section('x'.repeat(3001))] }));
    });
    const delivery = await slack.command('UANA', 'C1', '/bad');
    expect(delivery.error).toContain('must be less than 3001 characters [json-pointer:/blocks/0/text/text]');
    expect(slack.ephemerals('UANA')).toMatchObject([
      { user: 'USLACKBOT', text: '/bad failed with the error "invalid_blocks"' },
    ]);
  });

  it('times out after the time Slack gives', async () => {
    const { slack } = await startFake({ requestUrl: await startPlainApp('never'), ackTimeoutMs: 30 });
    const delivery = await slack.command('UANA', 'C1', '/access');
    expect(delivery).toMatchObject({ status: 0, ok: false, timedOut: true });
    expect(slack.ephemerals('UANA').map((message) => message.text)).toEqual([
      '/access failed with the error "operation_timeout"',
    ]);
  });

  it('fails when the app is broken or not there', async () => {
    const { slack } = await startFake({ requestUrl: await startPlainApp({ status: 500 }) });
    expect(await slack.command('UANA', 'C1', '/access')).toMatchObject({ status: 500, ok: false });
    slack.setRequestUrl('http://127.0.0.1:1/slack/events');
    expect(await slack.command('UANA', 'C1', '/access')).toMatchObject({ status: 0, ok: false, timedOut: false });
    expect(slack.ephemerals('UANA').map((message) => message.text)).toEqual([
      '/access failed with the error "dispatch_failed"',
      '/access failed with the error "dispatch_failed"',
    ]);
  });

  it('goes nowhere when nobody registered it, or without the scope', async () => {
    const requestUrl = 'http://127.0.0.1:1/';
    const registered = await startFake({ requestUrl, commands: ['/access'] });
    expect(await registered.slack.command('UANA', 'C1', '/acess x')).toMatchObject({ sent: false });
    expect(registered.slack.ephemerals('UANA')[0]?.text).toBe('`/acess` is not a valid command.');
    const { slack } = await startFake({ requestUrl, scopes: ['chat:write'] });
    expect(await slack.command('UANA', 'C1', '/access')).toMatchObject({ sent: false });
  });

  it('cannot be typed where the person is not', async () => {
    const { slack } = await startFake({ requestUrl: 'http://127.0.0.1:1/' });
    await expect(slack.command('UOUT', 'C1', '/access')).rejects.toThrow('UOUT is not in approvals');
    await expect(slack.command('U404', 'C1', '/access')).rejects.toThrow('There is no user U404; there are UANA');
    await expect(slack.command('UANA', 'C404', '/access')).rejects.toThrow(
      'There is no conversation C404; there are C1 (approvals)',
    );
    await expect(slack.command('UANA', 'C1', 'access')).rejects.toThrow('A command begins with a slash');
  });

  it('may carry entities, as an app must also expect', async () => {
    let text = '';
    const { slack } = await startWithApp(
      (app) =>
        app.command('/access', async ({ command, ack }) => {
          text = command.text;
          await ack();
        }),
      { escapeCommandText: true },
    );
    await slack.command('UANA', 'C1', '/access a & <!channel>');
    expect(text).toBe('a &amp; &lt;!channel&gt;');
    await slack.command(
      'UANA',
      'C1',
      '/access @ana @nobody #approvals #nowhere https://a.example/?b&c ana@example.com',
    );
    expect(text).toBe('<@UANA|ana> @nobody <#C1|approvals> #nowhere <https://a.example/?b&amp;c> ana@example.com');
  });
});

describe('a button', () => {
  const withButton = async (listen: (body: BlockAction) => void, options = {}) => {
    const fake = await startWithApp((app) => {
      app.action('approve', async ({ ack, body }) => {
        await ack();
        listen(body as BlockAction);
      });
    }, options);
    const { ts } = await fake.web.chat.postMessage({
      channel: 'C1',
      text: 'Ana asks',
      blocks: [section('Ana asks', 'what'), buttons('approve', 'deny')],
    });
    return { ...fake, ref: { channel: 'C1', ts: ts as string } };
  };

  it('reaches the app with who, where and what', async () => {
    let body: BlockAction | undefined;
    const { slack, ref } = await withButton((got) => {
      body = got;
    });
    expect(await slack.click('UBEN', ref, 'approve')).toMatchObject({ kind: 'block_actions', status: 200, ok: true });
    expect(body).toMatchObject({
      type: 'block_actions',
      user: { id: 'UBEN', username: 'ben', name: 'ben', team_id: 'T1' },
      api_app_id: slack.bot.appId,
      team: { id: 'T1', domain: 'acme' },
      enterprise: null,
      is_enterprise_install: false,
      container: { type: 'message', message_ts: ref.ts, channel_id: 'C1', is_ephemeral: false },
      channel: { id: 'C1', name: 'approvals' },
      message: { type: 'message', text: 'Ana asks', ts: ref.ts, bot_id: slack.bot.botId, app_id: slack.bot.appId },
      state: { values: {} },
      response_url: expect.stringContaining('/response/'),
      trigger_id: expect.any(String),
      actions: [
        {
          type: 'button',
          action_id: 'approve',
          block_id: 'decide',
          value: 'request-1',
          action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
        },
      ],
    });
  });

  it('is found by its block too, and only when it is there', async () => {
    const { slack, ref } = await withButton(() => {});
    expect(await slack.click('UBEN', ref, 'decide/approve')).toMatchObject({ ok: true });
    await expect(slack.click('UBEN', ref, 'aprove')).rejects.toThrow(
      'called aprove to press or fill in there; there is decide/approve, decide/deny',
    );
    await expect(slack.click('UBEN', { channel: 'C1', ts: '1.0' }, 'approve')).rejects.toThrow(
      'There is no message 1.0 in approvals',
    );
  });

  it('can be pressed only by who sees it, unless a test insists', async () => {
    const { slack, ref } = await withButton(() => {});
    await expect(slack.click('UOUT', ref, 'approve')).rejects.toThrow('UOUT cannot see the message');
    expect(await slack.click('UOUT', ref, 'approve', { unseen: true })).toMatchObject({ ok: true });
  });

  it('can still be pressed on a screen that has not caught up', async () => {
    let text: string | undefined;
    const { slack, web, ref } = await withButton((body) => {
      text = body.message?.text;
    });
    const [stale] = slack.messages('C1');
    await web.chat.update({ ...ref, text: 'Approved.', blocks: [] });
    await expect(slack.click('UBEN', ref, 'approve')).rejects.toThrow('there is nothing');
    expect(await slack.click('UBEN', stale ?? ref, 'approve')).toMatchObject({ ok: true });
    expect(text).toBe('Approved.');
  });

  it('can be changed before it is signed: another workspace', async () => {
    let team: string | undefined;
    const { slack, ref } = await withButton((body) => {
      team = body.team?.id;
    });
    const edit = (payload: Record<string, unknown>) => {
      payload.team = { id: 'T666', domain: 'evil' };
    };
    await slack.click('UBEN', ref, 'approve', { edit });
    expect(team).toBe('T666');
  });

  it('can be sent five times at once, the same bytes', async () => {
    const triggers: string[] = [];
    const { slack, ref } = await withButton((body) => triggers.push(body.trigger_id));
    const deliveries = await slack.deliverTogether(slack.prepareClick('UBEN', ref, 'approve'), 5);
    expect(deliveries.map((delivery) => delivery.status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(triggers).size).toBe(1);
    expect(triggers).toHaveLength(5);
  });

  it('tells the person when the app answers late, and the late answer changes nothing', async () => {
    const { slack, web, app } = await withButton(() => {}, { ackTimeoutMs: 50 });
    let answer = (): void => {};
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const answered = new Promise<void>((resolve) => {
      app.action('slow', async ({ ack }) => {
        await late;
        await ack();
        resolve();
      });
    });
    const { ts } = await web.chat.postMessage({ channel: 'C1', text: 'a', blocks: [buttons('slow')] });
    const delivery = await slack.click('UBEN', { channel: 'C1', ts: ts as string }, 'slow');
    expect(delivery).toMatchObject({ ok: false, timedOut: true, error: 'the app did not answer within 50 ms' });
    answer();
    await answered;
    expect(slack.ephemerals('UBEN').map((message) => message.text)).toEqual([
      'This app did not answer in time: operation_timeout',
    ]);
  });

  it('comes without the message when that was ephemeral', async () => {
    let body: BlockAction | undefined;
    const { slack, web } = await withButton((got) => {
      body = got;
    });
    await web.chat.postEphemeral({ channel: 'C1', user: 'UANA', text: 'a', blocks: [buttons('approve')] });
    const [ephemeral] = slack.ephemerals('UANA');
    if (ephemeral === undefined) throw new Error('no ephemeral message');
    await expect(slack.click('UBEN', ephemeral, 'approve')).rejects.toThrow('cannot see');
    await slack.click('UANA', ephemeral, 'approve');
    expect(body?.container).toMatchObject({ is_ephemeral: true, message_ts: ephemeral.ts });
    expect(body?.message).toBeUndefined();
  });

  it('has neighbours that keep what each person chose', async () => {
    const bodies: BlockAction[] = [];
    const { slack, web } = await withButton((body) => bodies.push(body));
    const option = (value: string) => ({ text: { type: 'plain_text' as const, text: value }, value });
    const select = { type: 'static_select' as const, action_id: 'hours', options: [option('1h'), option('2h')] };
    const menu = { type: 'overflow' as const, action_id: 'approve', options: [option('now'), option('later')] };
    const { ts } = await web.chat.postMessage({
      channel: 'C1',
      text: 'a',
      blocks: [{ type: 'actions', block_id: 'b', elements: [select, menu] }],
    });
    const ref = { channel: 'C1', ts: ts as string };
    slack.prepareClick('UBEN', ref, 'hours', { value: '2h' });
    await slack.click('UBEN', ref, 'approve', { value: 'later' });
    expect(bodies[0]?.state?.values.b?.hours?.selected_option?.value).toBe('2h');
    expect(bodies[0]?.actions[0]).toMatchObject({ type: 'overflow', selected_option: { value: 'later' } });
    expect(() => slack.prepareClick('UBEN', ref, 'hours', { value: '9h' })).toThrow(
      'offers no option "9h"; it offers 1h, 2h',
    );
    await slack.click('UANA', ref, 'approve', { value: 'now' });
    expect(bodies[1]?.state?.values.b?.hours?.selected_option).toBeNull();
  });
});

describe('requests that Slack would not send', () => {
  const withCommand = async (options = {}) => {
    let runs = 0;
    const fake = await startWithApp(
      (app) =>
        app.command('/access', async ({ ack }) => {
          runs += 1;
          await ack();
        }),
      options,
    );
    await fake.slack.command('UANA', 'C1', '/access list');
    const payload = fake.slack.lastPayload;
    if (payload === undefined) throw new Error('nothing was sent');
    return { ...fake, payload, runs: () => runs };
  };
  const seconds = () => Math.floor(Date.now() / 1000);

  it('are refused when the signature is wrong, missing or somebody else’s', async () => {
    const { slack, payload, runs } = await withCommand();
    const { body } = payload;
    expect(await slack.deliver({ body, signature: `v0=${'0'.repeat(64)}` })).toMatchObject({ status: 401 });
    expect(await slack.deliver({ body, signature: null })).toMatchObject({ status: 401 });
    expect(await slack.deliver({ body, secret: 'guessed' })).toMatchObject({ status: 401 });
    expect(await slack.deliver({ body, timestamp: null })).toMatchObject({ status: 401 });
    expect(await slack.deliver({ ...payload, body: body.replace('UANA', 'UBEN') })).toMatchObject({ status: 401 });
    expect(runs()).toBe(1);
    expect(await slack.deliver({ body })).toMatchObject({ status: 200 });
    expect(runs()).toBe(2);
  });

  it('are refused when they are stale, though signed right', async () => {
    const { slack, payload } = await withCommand();
    expect(await slack.deliver({ body: payload.body, timestamp: seconds() - 301 })).toMatchObject({ status: 401 });
  });

  it('get through when replayed at once, which is the app’s to see', async () => {
    const { slack, payload, runs } = await withCommand();
    expect(await slack.deliver(payload)).toMatchObject({
      status: 200,
      payload: { body: payload.body, signature: payload.signature },
    });
    expect(runs()).toBe(2);
  });

  it('may be built from fields', async () => {
    const { slack, runs } = await withCommand();
    expect(await slack.deliver({ body: { command: '/access', text: '', team_id: 'T1', user_id: 'U1' } })).toMatchObject(
      { status: 200 },
    );
    expect(runs()).toBe(2);
  });

  it('are signed with the real clock even when the workspace’s is far away', async () => {
    const clock = new TestClock();
    const { payload } = await withCommand({ now: clock.now });
    expect(Math.abs(Number(payload.timestamp) - seconds())).toBeLessThan(60);
    const moved = await startFake({ signatureNow: () => 5000, requestUrl: 'http://127.0.0.1:1/' });
    await moved.slack.deliver({ body: 'a=b' });
    expect(moved.slack.lastPayload?.timestamp).toBe('5');
  });
});

describe('events', () => {
  it('come only when subscribed', async () => {
    const texts: string[] = [];
    const { slack } = await startWithApp(
      (app) =>
        app.message(async ({ message }) => {
          texts.push((message as { text: string }).text);
        }),
      { events: ['message.channels'] },
    );
    const { message, delivery } = await slack.post('UANA', 'C1', 'hello');
    expect(delivery).toMatchObject({ kind: 'event', status: 200 });
    expect((await slack.post('UANA', 'DUANA', 'psst')).delivery).toBeUndefined();
    await slack.post('UBEN', 'C1', 'reply', { thread_ts: message.ts });
    await slack.waitFor(() => slack.deliveries.length === 2);
    expect(texts).toEqual(['hello', 'reply']);
    expect(slack.messages('C1')[0]?.reply_count).toBe(1);
  });

  it('include the challenge of a new request URL', async () => {
    const { slack } = await startWithApp(() => {});
    const delivery = await slack.verifyRequestUrl('abc');
    expect(delivery.status).toBe(200);
    expect(JSON.parse(delivery.body)).toEqual({ challenge: 'abc' });
  });
});
