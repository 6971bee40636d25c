import { closeAll, errorOf, post, startFake, TestClock } from './support.ts';

afterEach(closeAll);

const form = (args: Record<string, string>) => ({ body: new URLSearchParams(args).toString() });

describe('rate limits', () => {
  it('let one message a second into a channel, after a small burst, by the fake’s clock', async () => {
    const clock = new TestClock();
    const { url, slack } = await startFake({ now: clock.now, postMessageBurst: 2 });
    const say = (channel: string) => post(`${url}chat.postMessage`, form({ channel, text: 'a' }));
    expect((await say('C1')).status).toBe(200);
    expect((await say('#approvals')).status).toBe(200);
    expect(await say('C1')).toMatchObject({ status: 429, retryAfter: '1', body: { ok: false, error: 'ratelimited' } });
    expect((await say('UANA')).status).toBe(200);
    expect((await say('DUANA')).status).toBe(200);
    expect((await say('UANA')).status).toBe(429);
    clock.advance(1000);
    expect((await say('C1')).status).toBe(200);
    expect((await say('C1')).status).toBe(429);
    clock.advance(-3_600_000);
    expect((await say('C1')).status).toBe(429);
    clock.advance(1000);
    expect((await say('C1')).status).toBe(200);
    expect(slack.messages('C1')).toHaveLength(4);
  });

  it.each([
    ['usergroups.list', 20],
    ['chat.update', 50],
    ['users.info', 100],
  ])('%s: %i a minute', async (method, limit) => {
    const clock = new TestClock();
    const { url } = await startFake({ now: clock.now });
    const call = () => post(`${url}${method}`, form({ channel: 'C1', ts: '1.0', user: 'UANA' }));
    for (let index = 0; index < limit; index += 1) expect((await call()).status).toBe(200);
    clock.advance(20_000);
    expect(await call()).toMatchObject({ status: 429, retryAfter: '40' });
    clock.advance(40_000);
    expect((await call()).status).toBe(200);
  });

  it('can be switched off', async () => {
    const { url } = await startFake({ now: new TestClock().now, enforceRateLimits: false });
    for (let index = 0; index < 10; index += 1) {
      expect((await post(`${url}chat.postMessage`, form({ channel: 'C1', text: 'a' }))).status).toBe(200);
    }
  });
});

describe('faults', () => {
  const say = (url: string, text: string) => post(`${url}chat.postMessage`, form({ channel: 'C1', text }));

  it('answer 429, 500 or a Slack error, in order, without doing the work', async () => {
    const { slack, url } = await startFake();
    slack.failNext('chat.postMessage', { status: 429, retryAfter: 7 });
    slack.failNext(/^chat\./, { status: 500 });
    slack.failNext('chat.postMessage', { error: 'channel_not_found' });
    expect(await say(url, 'a')).toMatchObject({ status: 429, retryAfter: '7', body: { error: 'ratelimited' } });
    expect(await say(url, 'a')).toMatchObject({ status: 500 });
    expect(await say(url, 'a')).toMatchObject({ status: 200, body: { ok: false, error: 'channel_not_found' } });
    expect(slack.messages('C1')).toEqual([]);
    expect(await say(url, 'a')).toMatchObject({ body: { ok: true } });
    expect(slack.calls.map((call) => [call.status, call.ok])).toEqual([
      [429, false],
      [500, false],
      [200, false],
      [200, true],
    ]);
  });

  it('happen as often as they are told, and to their method only', async () => {
    const { slack, url } = await startFake();
    slack.failNext('chat.postMessage', { status: 503 }, 2);
    expect((await post(`${url}auth.test`)).status).toBe(200);
    expect([(await say(url, 'a')).status, (await say(url, 'a')).status, (await say(url, 'a')).status]).toEqual([
      503, 503, 200,
    ]);
    slack.failNext('auth.test', { status: 500 }, Number.POSITIVE_INFINITY);
    expect((await post(`${url}auth.test`)).status).toBe(500);
    slack.clearFaults();
    expect((await post(`${url}auth.test`)).status).toBe(200);
    expect(() => slack.failNext('auth.test', { status: 500 }, 0)).toThrow('once or more');
  });

  it('lose the reply after doing the work', async () => {
    const { slack, url } = await startFake();
    slack.failNext('chat.postMessage', { loseReply: true });
    await expect(say(url, 'once')).rejects.toThrow();
    expect(slack.messages('C1').map((message) => message.text)).toEqual(['once']);
    expect(slack.calls).toMatchObject([{ status: 0, ok: true }]);
  });

  it('hang until the end, and stop ends them', async () => {
    const { slack, url } = await startFake();
    slack.failNext('chat.postMessage', { hang: true });
    const hanging = say(url, 'never').catch(() => 'dropped');
    await slack.waitFor(() => slack.calls.find((call) => call.error === 'hung'));
    expect(slack.messages('C1')).toEqual([]);
    await slack.stop();
    expect(await hanging).toBe('dropped');
  });

  it('delay, and then do the work', async () => {
    const { slack, url } = await startFake();
    slack.failNext('chat.postMessage', { delayMs: 300 });
    const started = performance.now();
    expect((await say(url, 'late')).body).toMatchObject({ ok: true });
    // A timer counts from when its turn of the event loop began, so on a busy machine it may be early.
    expect(performance.now() - started).toBeGreaterThanOrEqual(150);
  });

  it('can be an outage of everything', async () => {
    const { slack, url, web } = await startFake();
    slack.setOutage(true);
    await expect(say(url, 'a')).rejects.toThrow();
    await expect(web.auth.test()).rejects.toThrow();
    slack.setOutage(false);
    expect((await say(url, 'b')).body).toMatchObject({ ok: true });
    expect(slack.calls.map((call) => call.error)).toEqual(['outage', 'outage', undefined]);
  });

  it('show up in the SDK as it shows Slack’s own', async () => {
    const { slack, web } = await startFake();
    slack.failNext('users.info', { error: 'fatal_error' });
    expect(await errorOf(web.users.info({ user: 'UANA' }))).toMatchObject({ error: 'fatal_error' });
    slack.failNext('users.info', { status: 429, retryAfter: 3 });
    await expect(web.users.info({ user: 'UANA' })).rejects.toMatchObject({
      code: 'slack_webapi_rate_limited_error',
      retryAfter: 3,
    });
  });
});
