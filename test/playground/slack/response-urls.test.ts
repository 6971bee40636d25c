import { closeAll, post, section, startWithApp, TestClock } from './support.ts';

afterEach(closeAll);

const json = (url: string, body: object) =>
  post(url, { type: 'application/json', token: null, body: JSON.stringify(body) });

const setUp = async () => {
  const clock = new TestClock();
  const urls: string[] = [];
  const fake = await startWithApp(
    (app) => {
      app.command('/access', async ({ ack, body }) => {
        urls.push(body.response_url);
        await ack();
      });
      app.action(/.*/, async ({ ack, respond, action }) => {
        await ack();
        if (action.type === 'button' && action.value === 'replace')
          await respond({ text: 'replaced', replace_original: true });
        if (action.type === 'button' && action.value === 'delete') await respond({ delete_original: true });
      });
    },
    { now: clock.now },
  );
  return { ...fake, clock, urls };
};

const withButton = (value: string) => [
  {
    type: 'actions' as const,
    elements: [{ type: 'button' as const, action_id: 'go', value, text: { type: 'plain_text' as const, text: 'Go' } }],
  },
];

describe('a response url', () => {
  it('answers the person, or the channel, or a thread', async () => {
    const { slack, urls } = await setUp();
    await slack.command('UANA', 'C2', '/access');
    const url = urls[0] ?? '';
    expect(await json(url, { text: 'for you' })).toMatchObject({ status: 200, body: { ok: true } });
    await json(url, { text: 'for all', response_type: 'in_channel', blocks: [section('for all')] });
    const [parent] = slack.messages('C2');
    await json(url, { text: 'there', response_type: 'in_channel', thread_ts: parent?.ts });
    expect(slack.ephemerals('UANA').map((message) => message.text)).toEqual(['for you']);
    expect(slack.messages('C2').map((message) => [message.text, message.thread_ts === parent?.ts])).toEqual([
      ['for all', true],
      ['there', true],
    ]);
    expect(slack.calls.filter((call) => call.method === 'response_url')).toHaveLength(3);
  });

  it('is good for five uses', async () => {
    const { slack, urls } = await setUp();
    await slack.command('UANA', 'C1', '/access');
    for (let use = 1; use <= 5; use += 1) expect((await json(urls[0] ?? '', { text: `${use}` })).status).toBe(200);
    expect(await json(urls[0] ?? '', { text: '6' })).toMatchObject({
      status: 404,
      body: { ok: false, error: 'used_url' },
    });
    expect(slack.ephemerals('UANA')).toHaveLength(5);
  });

  it('is good for thirty minutes', async () => {
    const { slack, urls, clock } = await setUp();
    await slack.command('UANA', 'C1', '/access');
    clock.advance(30 * 60_000);
    expect((await json(urls[0] ?? '', { text: 'just in time' })).status).toBe(200);
    clock.advance(1);
    expect(await json(urls[0] ?? '', { text: 'late' })).toMatchObject({ status: 404, body: { error: 'expired_url' } });
    expect(await json((urls[0] ?? '').replace(/.$/, 'z'), { text: 'forged' })).toMatchObject({ status: 404 });
  });

  it('refuses what a message would be refused for, without counting it', async () => {
    const { slack, urls } = await setUp();
    await slack.command('UANA', 'C1', '/access');
    const wrong = await json(urls[0] ?? '', { text: 'a', blocks: [{ type: 'nope' }] });
    expect(wrong).toMatchObject({ status: 400, body: { error: 'invalid_blocks' } });
    expect(await json(urls[0] ?? '', {})).toMatchObject({ status: 400, body: { error: 'no_text' } });
    for (let use = 1; use <= 5; use += 1) expect((await json(urls[0] ?? '', { text: `${use}` })).status).toBe(200);
  });

  it('replaces the message of its button, an ephemeral one too', async () => {
    const { slack, web } = await setUp();
    const { ts } = await web.chat.postMessage({ channel: 'C1', text: 'a', blocks: withButton('replace') });
    await slack.click('UANA', { channel: 'C1', ts: ts as string }, 'go');
    await slack.waitFor(() => slack.messages('C1')[0]?.text === 'replaced');
    expect(slack.messages('C1')).toMatchObject([{ ts, blocks: [] }]);
    await web.chat.postEphemeral({ channel: 'C1', user: 'UANA', text: 'b', blocks: withButton('replace') });
    const [ephemeral] = slack.ephemerals('UANA');
    await slack.click('UANA', ephemeral ?? { channel: '', ts: '' }, 'go');
    await slack.waitFor(() => slack.ephemerals('UANA')[0]?.text === 'replaced');
    expect(slack.ephemerals('UANA')).toHaveLength(1);
  });

  it('deletes the message of its button', async () => {
    const { slack, web } = await setUp();
    const { ts } = await web.chat.postMessage({ channel: 'C1', text: 'a', blocks: withButton('delete') });
    await slack.click('UANA', { channel: 'C1', ts: ts as string }, 'go');
    await slack.waitFor(() => slack.messages('C1').length === 0);
  });
});
