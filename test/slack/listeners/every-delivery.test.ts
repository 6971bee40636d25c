import { ACTION } from '../../../src/slack/ids.ts';
import { ANA, CHANNEL, DEE, type Script, Wired } from '../support/wired.ts';

let wired: Wired;
const start = async (...as: Parameters<typeof Wired.start>) => {
  wired = await Wired.start(...as);
};
afterEach(() => wired.stop());

/** A promise to be settled by the test: what hangs. */
function hanging<T>() {
  let release: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    release = resolve;
  });
  return { promise, release };
}

describe('acks', () => {
  const cases: [string, keyof Script, (wired: Wired) => Promise<{ ok: boolean; ackMs: number }>][] = [
    ['a command', 'requestAccess', () => wired.slack.command(ANA, CHANNEL, '/access read 1h x')],
    ['Approve', 'vote', async () => wired.slack.click(DEE, await wired.posted(ACTION.approve), ACTION.approve)],
    [
      'the request form',
      'requestAccess',
      async () => {
        await wired.slack.command(ANA, CHANNEL, '/access read');
        return wired.slack.submitView(ANA, (await wired.view(ANA)).id, { reason: 'INC-42' });
      },
    ],
    [
      'the form of Deny',
      'vote',
      async () => {
        await wired.slack.click(DEE, await wired.posted(ACTION.deny), ACTION.deny);
        return wired.slack.submitView(DEE, (await wired.view(DEE)).id, { reason: 'no' });
      },
    ],
    ['End now', 'endGrant', async () => wired.slack.click(ANA, await wired.posted(ACTION.endNow), ACTION.endNow)],
    ['Extend', 'extendGrant', async () => wired.slack.click(ANA, await wired.posted(ACTION.extend), ACTION.extend)],
    ['/access extend', 'extendGrant', () => wired.slack.command(ANA, CHANNEL, '/access extend read')],
  ];
  it.each(cases)('%s is acknowledged while its use case hangs, and stopping waits for it', async (_what, name, act) => {
    const hang = hanging<unknown>();
    await start({ [name]: () => hang.promise });
    const delivery = await act(wired);
    expect(delivery.ok).toBe(true);
    expect(delivery.ackMs).toBeLessThan(3_000);
    await wired.calls(1);
    let stopped = false;
    const stopping = wired.idle().then(() => {
      stopped = true;
    });
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    hang.release({ kind: 'replayed' });
    await stopping;
  });

  it('the modal is opened though nothing else is done yet', async () => {
    await start();
    const delivery = await wired.slack.command(ANA, CHANNEL, '/access read');
    expect(delivery).toMatchObject({ ok: true, body: '' });
    expect((await wired.view(ANA)).callback_id).toBe('request-access');
  });
});

describe('whose workspace it is', () => {
  it('a command of another workspace is refused and asks nothing', async () => {
    await start();
    const body = new URLSearchParams({
      command: '/access',
      text: 'read 1h x',
      team_id: 'T0THEIRS',
      user_id: ANA,
      channel_id: CHANNEL,
      trigger_id: '1',
    });
    expect(await wired.slack.deliver({ body: body.toString() })).toMatchObject({ status: 200, body: '' });
    await wired.idle();
    expect(wired.asked).toEqual([]);
    expect(wired.logs.join('')).toContain('refused: another workspace');
  });

  it('a click of another workspace is answered to the clicker and does nothing', async () => {
    await start();
    const edit = (payload: Record<string, unknown>) => {
      payload.team = { id: 'T0THEIRS', domain: 'theirs' };
    };
    await wired.slack.click(DEE, await wired.posted(ACTION.approve), ACTION.approve, { edit });
    expect(await wired.answer(DEE)).toBe('This is not the workspace that I serve, so nothing was changed.');
    expect(wired.asked).toEqual([]);
  });

  it('a payload that names no workspace is nobody’s', async () => {
    await start();
    const edit = (payload: Record<string, unknown>) => {
      payload.team = null;
    };
    await wired.slack.click(DEE, await wired.posted(ACTION.approve), ACTION.approve, { edit });
    expect(await wired.answer(DEE)).toMatch(/^This is not the workspace/);
    expect(wired.asked).toEqual([]);
  });

  const STARTING = 'I am still starting. Nothing was changed; please try again in a minute.';

  it('before Slack said which it is, everything is answered with “still starting”', async () => {
    await start({}, { identify: false });
    await wired.slack.command(ANA, CHANNEL, '/access read 1h x');
    expect(await wired.answer(ANA)).toBe(STARTING);
    await wired.slack.click(DEE, await wired.posted(ACTION.approve), ACTION.approve);
    expect(await wired.answer(DEE)).toBe(STARTING);
    await wired.app.identify();
    await wired.slack.click(DEE, await wired.posted(ACTION.approve), ACTION.approve);
    expect(await wired.calls(1)).toHaveLength(1);
  });

  it('a form that is sent meanwhile stays open and says so; a search finds nothing', async () => {
    await start();
    await wired.slack.command(ANA, CHANNEL, '/access read');
    const { id } = await wired.view(ANA);
    // The form is from before a restart.
    await wired.run(false);
    await wired.slack.submitView(ANA, id, { reason: 'INC-42' });
    expect(Object.values(wired.slack.views(ANA)[0]?.errors ?? {})).toEqual([STARTING]);
    expect(await wired.slack.options(ANA, id, ACTION.chooseAccess, 'read')).toEqual([]);
    await wired.idle();
    expect(wired.asked).toEqual([]);
  });

  it('what is not signed does not arrive', async () => {
    await start();
    await wired.slack.command(ANA, CHANNEL, '/access help');
    await wired.answer(ANA);
    const { body } = wired.slack.lastPayload ?? { body: '' };
    for (const forged of [
      { body, signature: null },
      { body, secret: 'another' },
      { body, timestamp: 1 },
    ])
      expect((await wired.slack.deliver(forged)).status).toBe(401);
    await wired.idle();
    expect(wired.slack.ephemerals(ANA)).toHaveLength(1);
  });
});
