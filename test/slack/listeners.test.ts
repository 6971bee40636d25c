import { StoreUnavailable } from '../../src/app/ports/store.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import type { FakeMessage, FakeView } from '../../src/playground/slack/types.ts';
import { actions, button, section } from '../../src/slack/blocks.ts';
import { ACTION } from '../../src/slack/ids.ts';
import { aDelegation, aGrant, aRequest, HOUR, NOON } from '../support/samples.ts';
import { changed, usual } from '../support/world.ts';
import { type Script, Wired } from './support/wired.ts';

const [ANA, BEN, DEE] = ['U0ANA', 'U0BEN', 'U0DEE'];
const CHANNEL = 'C0APPROVALS';

let wired: Wired;
const start = async (script: Script = {}, options: Parameters<typeof Wired.start>[1] = {}): Promise<Wired> => {
  wired = await Wired.start(script, options);
  return wired;
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

/** A message with a button of ours, posted as the outbox posts it. */
async function posted(action: string, value = 'req_1'): Promise<FakeMessage> {
  const block = actions(button(action, action, value));
  const reply = await fetch(`${wired.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: 'Bearer xoxb-1', 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ channel: CHANNEL, text: 'Decide, please.', blocks: [section('Decide, please.'), block] }),
  });
  const { ts } = (await reply.json()) as { ts: string };
  const message = wired.slack.messages(CHANNEL).find((each) => each.ts === ts);
  if (!message) throw new Error('not posted');
  return message;
}

const refusal: Refusal = {
  code: 'own-request',
  sentence: 'You may not approve <your> own request.',
  rule: 'read: flows (policies.yaml:3)',
};
const view = async (user = ANA): Promise<FakeView> => wired.slack.waitFor(() => wired.slack.views(user).at(-1));

describe('/access', () => {
  it('asks for what was typed, for whoever typed it, with the reason as it was', async () => {
    const request = aRequest({ access: 'read' });
    await start({ requestAccess: () => ({ kind: 'opened', request }) });
    const reason = 'INC-42  two  blanks <!channel> & `x`\n  line two';
    const delivery = await wired.slack.command(ANA, CHANNEL, `/access read 30m ${reason}`);
    expect(delivery).toMatchObject({ ok: true, status: 200, body: '' });
    expect(await wired.answer(ANA)).toBe(
      'Asked in <#C0APPROVALS>: `read` needs 1 of group `dba`. It lapses <!date^1772553600^{date_short_pretty} {time}|2026-03-03 16:00 UTC> if nobody answers. I tell you the outcome.',
    );
    expect(wired.asked).toEqual([
      {
        useCase: 'requestAccess',
        args: [
          { workspace: 'T0OURS', slack: ANA, interaction: expect.stringMatching(/./) },
          { access: 'read', duration: '30m', fields: {}, reason },
        ],
      },
    ]);
  });

  it('a reason that Slack hands over escaped is kept as it was typed', async () => {
    await start({}, { escapeCommandText: true });
    await wired.slack.command(ANA, CHANNEL, '/access read 30m a < b && c > d &lt;');
    const [call] = await wired.calls(1);
    expect(call?.args[1]).toMatchObject({ reason: 'a < b && c > d &lt;' });
  });

  it('a refusal is answered only to the person, with the rule and the code', async () => {
    await start({ requestAccess: () => ({ kind: 'refused', refusal }) });
    await wired.slack.command(ANA, CHANNEL, '/access read 30m x');
    expect(await wired.answer(ANA)).toBe(
      'You may not approve &lt;your&gt; own request.\n_Rule:_ `read: flows (policies.yaml:3)`\n_Code:_ `own-request`',
    );
    expect(wired.slack.ephemerals(BEN)).toEqual([]);
    expect(wired.slack.messages(CHANNEL)).toEqual([]);
  });

  it('an automatic approval is said, and no approvers', async () => {
    const flow = { name: 'auto', autoApprove: true, steps: [], timeoutMs: HOUR };
    await start({ requestAccess: () => ({ kind: 'opened', request: aRequest({ access: 'auto', flow }) }) });
    await wired.slack.command(ANA, CHANNEL, '/access auto 30m x');
    expect(await wired.answer(ANA)).toMatch(/^`auto` is approved automatically/);
  });

  it('a repeated delivery is not answered again', async () => {
    await start({ requestAccess: () => ({ kind: 'replayed' }) });
    await wired.slack.command(ANA, CHANNEL, '/access read 30m x');
    const again = await wired.slack.deliverTogether(wired.slack.lastPayload as never, 3);
    expect(again.every(({ ok }) => ok)).toBe(true);
    await wired.idle();
    const seen = new Set(wired.asked.map(({ args }) => (args[0] as { interaction: string }).interaction));
    expect([wired.asked.length, seen.size]).toEqual([4, 1]);
    expect(wired.slack.ephemerals(ANA)).toEqual([]);
  });

  it('away hands votes to the person that was chosen in Slack, until then', async () => {
    const delegation = { delegate: { email: 'ben@example.com', slack: BEN }, until: NOON };
    await start({ handOver: () => ({ kind: 'done', delegation }) }, { escapeCommandText: true });
    await wired.slack.command(ANA, CHANNEL, '/access away until 2026-12-01 delegate @ben');
    expect(await wired.answer(ANA)).toMatch(/^<@U0BEN> votes for you until <!date.*>\. I tell both of you\.$/s);
    expect(wired.asked).toMatchObject([
      { useCase: 'handOver', args: [{ slack: ANA }, { end: { until: '2026-12-01' }, delegate: { slack: BEN } }] },
    ]);
  });

  it('away shows who votes for whom, and off ends it', async () => {
    const [mine, other] = [
      { delegator: { email: 'ana@example.com', slack: ANA }, delegate: { email: 'ben@example.com', slack: BEN } },
      { delegator: { email: 'dee@example.com', slack: DEE }, delegate: { email: 'ana@example.com', slack: ANA } },
    ].map((people) => aDelegation(people));
    await start({
      showAway: () => ({ kind: 'away', mine, others: [other] }),
      comeBack: () => ({ kind: 'done', delegation: mine }),
    });
    await wired.slack.command(ANA, CHANNEL, '/access away');
    expect((await wired.answer(ANA)).split('\n')).toEqual([
      expect.stringMatching(/^<@U0BEN> votes for you until .*\. `\/access away off` ends it\.$/),
      expect.stringMatching(/^• You vote for <@U0DEE> until /),
    ]);
    await wired.slack.command(ANA, CHANNEL, '/access away off');
    expect(await wired.answer(ANA, 2)).toBe('Welcome back. <@U0BEN> does not vote for you any more.');
  });

  it('a reason in which Slack marked people, channels and links is kept as it was typed', async () => {
    await start({}, { escapeCommandText: true });
    const reason = 'asked @ben in #approvals, see https://wiki.example.com/?a=1&b=2 and 1 < 2';
    await wired.slack.command(ANA, CHANNEL, `/access read 30m ${reason}`);
    const [call] = await wired.calls(1);
    expect(call?.args[1]).toMatchObject({ reason });
  });

  it('list shows what runs and what waits', async () => {
    const grants = [
      aGrant({ access: 'read', status: 'active', endsAt: '2026-03-03T12:30:00.000Z' }),
      aGrant({ access: 'write', status: 'provisioning' }),
      aGrant({ access: 'both', status: 'revoking' }),
    ];
    const extension = { grantId: 'grant_1', until: '2026-03-03T13:30:00.000Z', wholeMs: HOUR };
    await start({
      listMine: () => ({
        kind: 'mine',
        grants,
        requests: [aRequest({ access: 'auto' }), aRequest({ access: 'read', extension })],
      }),
      now: () => NOON,
    });
    await wired.slack.command(ANA, CHANNEL, '/access list');
    const lines = (await wired.answer(ANA)).split('\n').map((line) => line.replace(/<!date[^>]*\|(.*)>/, '$1'));
    expect(lines).toEqual([
      '*You have*',
      '• `read` – 30m left, until 2026-03-03 12:30 UTC',
      '• `write` – being given now, 1h left, until 2026-03-03 13:00 UTC',
      '• `both` – being taken away now',
      '*You wait for*',
      '• `auto` – waiting for approval, lapses 2026-03-03 16:00 UTC',
      '• extending `read` – waiting for approval, lapses 2026-03-03 16:00 UTC',
    ]);
  });

  it('list of nothing, and of a stranger, are sentences', async () => {
    const answers = [
      { kind: 'mine', grants: [], requests: [] },
      { kind: 'unknown-person', sentence: 'I do not know you: …' },
    ];
    await start({ listMine: () => answers.shift() });
    await wired.slack.command(ANA, CHANNEL, '/access list');
    expect(await wired.answer(ANA)).toMatch(/^You have no access through Latchkey now, and no pending request\./);
    await wired.slack.command(ANA, CHANNEL, '/access list');
    expect(await wired.answer(ANA, 2)).toMatch(/^I do not know you/);
  });

  it('help shows the forms and what this person may ask for', async () => {
    await start();
    await wired.slack.command(ANA, CHANNEL, '/access help');
    const help = await wired.answer(ANA);
    for (const form of [
      '`/access`',
      '`/access &lt;name&gt; &lt;duration&gt; &lt;reason…&gt;`',
      '`/access why &lt;name&gt; [duration] [reason…]`',
      '`/access list`',
      '`/access revoke &lt;name&gt;`',
    ])
      expect(help).toContain(form);
    expect(help).toContain('• `read` – Access read');
    await wired.slack.command('U0GUS', CHANNEL, '/access help');
    expect(await wired.answer('U0GUS')).toContain('You may not ask for anything yet.');
  });

  it.each([
    [{ kind: 'done', ended: 1, withdrawn: 0 }, 'Taking `read` away now; I tell you when it is seen gone.'],
    [{ kind: 'done', ended: 0, withdrawn: 1 }, 'Your request for `read` is withdrawn.'],
    [{ kind: 'refused', refusal: { code: 'no-such-grant', sentence: 'No.' } }, 'No.\n_Code:_ `no-such-grant`'],
  ])('revoke: %j', async (ended, text) => {
    await start({ endOwn: () => ended });
    await wired.slack.command(ANA, CHANNEL, '/access revoke READ');
    expect(await wired.answer(ANA)).toBe(text);
    expect(wired.asked[0]).toMatchObject({ useCase: 'endOwn', args: [{ slack: ANA }, 'read'] });
  });

  it('a mistake is answered without asking anything', async () => {
    await start();
    await wired.slack.command(ANA, CHANNEL, '/access revoke');
    expect(await wired.answer(ANA)).toMatch(/^Say which one/);
    expect(wired.asked).toEqual([]);
  });

  it('a name nobody knows gets the nearest one, and no modal', async () => {
    await start();
    await wired.slack.command(ANA, CHANNEL, '/access raed');
    expect(await wired.answer(ANA)).toMatch(/read.*`\/access help` lists yours\.$/);
    expect(wired.slack.views(ANA)).toEqual([]);
  });

  it('another command is not ours', async () => {
    await start();
    const delivery = await wired.slack.command(ANA, CHANNEL, '/acess read');
    expect(delivery.body).toContain('I do not know /acess. Try `/access help`.');
  });

  it('a database that cannot be used is said, and what failed is logged without the reason', async () => {
    const failures = [
      new StoreUnavailable('locked', 'reason: "CONFIDENTIAL WORDS"'),
      new Error('Invalid `create()`: { data: { reason: "CONFIDENTIAL WORDS", id: 1 } }'),
    ];
    await start({
      requestAccess: () => {
        throw failures.shift();
      },
    });
    await wired.slack.command(ANA, CHANNEL, '/access read 1h CONFIDENTIAL WORDS');
    expect(await wired.answer(ANA)).toBe(
      'I cannot use my database right now (locked). Nothing was changed. Please try again in a minute.',
    );
    await wired.slack.command(ANA, CHANNEL, '/access read 1h CONFIDENTIAL WORDS');
    expect(await wired.answer(ANA, 2)).toBe(
      'Something went wrong on my side. Nothing was changed. Please try again in a minute.',
    );
    expect(wired.logs).toHaveLength(2);
    expect(wired.logs.join('')).not.toContain('CONFIDENTIAL');
  });

  it('an answer that Slack does not take is counted and logged, and harms nothing', async () => {
    await start();
    wired.slack.failNext('response_url', { status: 500 });
    await wired.slack.command(ANA, CHANNEL, '/access help');
    await wired.idle();
    expect(wired.errors).toEqual(['response_url Error']);
    expect(wired.logs.join('')).toContain('did not reach its person');
    await wired.slack.command(ANA, CHANNEL, '/access help');
    expect(await wired.answer(ANA)).toContain('Latchkey gives access');
  });
});

describe('acks', () => {
  const cases: [string, keyof Script, (wired: Wired) => Promise<{ ok: boolean; ackMs: number }>][] = [
    ['a command', 'requestAccess', () => wired.slack.command(ANA, CHANNEL, '/access read 1h x')],
    ['Approve', 'vote', async () => wired.slack.click(DEE, await posted(ACTION.approve), ACTION.approve)],
    [
      'the request form',
      'requestAccess',
      async () => {
        await wired.slack.command(ANA, CHANNEL, '/access read');
        return wired.slack.submitView(ANA, (await view()).id, { reason: 'INC-42' });
      },
    ],
    [
      'the form of Deny',
      'vote',
      async () => {
        await wired.slack.click(DEE, await posted(ACTION.deny), ACTION.deny);
        return wired.slack.submitView(DEE, (await view(DEE)).id, { reason: 'no' });
      },
    ],
    ['End now', 'endGrant', async () => wired.slack.click(ANA, await posted(ACTION.endNow), ACTION.endNow)],
    ['Extend', 'extendGrant', async () => wired.slack.click(ANA, await posted(ACTION.extend), ACTION.extend)],
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
    expect((await view()).callback_id).toBe('request-access');
  });
});

describe('buttons', () => {
  it('Approve votes for the request of the button; the message alone shows that it counted', async () => {
    await start();
    await wired.slack.click(DEE, await posted(ACTION.approve), ACTION.approve);
    const [call] = await wired.calls(1);
    await wired.idle();
    expect(call).toEqual({
      useCase: 'vote',
      args: [
        { workspace: 'T0OURS', slack: DEE, interaction: expect.stringMatching(/./) },
        { requestId: 'req_1', verdict: 'approve' },
      ],
    });
    expect(wired.slack.ephemerals(DEE)).toEqual([]);
  });

  it('a vote that may not count is answered only to the clicker, and the message stays', async () => {
    await start({ vote: () => ({ kind: 'refused', refusal }) });
    const message = await posted(ACTION.approve);
    await wired.slack.click(DEE, message, ACTION.approve);
    expect(await wired.answer(DEE)).toContain('_Code:_ `own-request`');
    expect(wired.slack.messages(CHANNEL)).toEqual([message]);
  });

  it('five identical clicks at once are one interaction', async () => {
    await start({ vote: () => ({ kind: 'replayed' }) });
    const payload = wired.slack.prepareClick(DEE, await posted(ACTION.approve), ACTION.approve);
    const all = await wired.slack.deliverTogether(payload, 5);
    expect(all.every(({ ok }) => ok)).toBe(true);
    await wired.idle();
    const seen = new Set(wired.asked.map(({ args }) => (args[0] as { interaction: string }).interaction));
    expect([wired.asked.length, seen.size]).toEqual([5, 1]);
    expect(wired.slack.ephemerals(DEE)).toEqual([]);
  });

  it('nothing but the four facts of a click is believed', async () => {
    await start();
    const edit = (payload: Record<string, unknown>) => {
      Object.assign(payload, { message: { text: 'approved', metadata: { requestId: 'req_9' } }, requestId: 'req_9' });
    };
    await wired.slack.click(DEE, await posted(ACTION.approve), ACTION.approve, { edit });
    const [call] = await wired.calls(1);
    expect(call?.args[1]).toEqual({ requestId: 'req_1', verdict: 'approve' });
  });

  it('a click without a trigger is known by its moment and its person', async () => {
    await start();
    const edit = (payload: Record<string, unknown>) => delete payload.trigger_id;
    await wired.slack.click(DEE, await posted(ACTION.approve), ACTION.approve, { edit });
    const [call] = await wired.calls(1);
    expect(call?.args[0]).toMatchObject({ interaction: expect.stringMatching(/^\d+\.\d+:U0DEE$/) });
  });

  it('End now ends the grant of the button', async () => {
    await start({ endGrant: () => ({ kind: 'refused', refusal: { code: 'not-your-grant', sentence: 'Not yours.' } }) });
    await wired.slack.click(ANA, await posted(ACTION.endNow, 'grt_1'), ACTION.endNow);
    expect(await wired.answer(ANA)).toBe('Not yours.\n_Code:_ `not-your-grant`');
    expect(wired.asked[0]).toMatchObject({ useCase: 'endGrant', args: [{ slack: ANA }, 'grt_1'] });
  });

  const extension = { grantId: 'grt_1', until: '2026-03-03T14:00:00.000Z', wholeMs: 2 * HOUR };
  it('Extend asks for the grant of the button, and says who decides until when', async () => {
    await start({ extendGrant: () => ({ kind: 'opened', request: aRequest({ access: 'read', extension }) }) });
    await wired.slack.click(ANA, await posted(ACTION.extend, 'grt_1'), ACTION.extend);
    expect(await wired.answer(ANA)).toMatch(
      /^Asked in <#C0APPROVALS>: extending `read` until <!date\^\d+\^[^|]+\|2026-03-03 14:00 UTC> needs 1 of group `dba`\./,
    );
    expect(wired.asked[0]).toMatchObject({ useCase: 'extendGrant', args: [{ slack: ANA }, { grantId: 'grt_1' }] });
  });

  it('/access extend asks by name, and an automatic one is said at once', async () => {
    const flow = { name: 'auto', autoApprove: true, steps: [], timeoutMs: HOUR };
    await start({ extendGrant: () => ({ kind: 'opened', request: aRequest({ access: 'read', flow, extension }) }) });
    await wired.slack.command(ANA, CHANNEL, '/access extend Read the import runs');
    expect(await wired.answer(ANA)).toMatch(/^`read` is extended: it ends <!date.*14:00 UTC>\.$/);
    expect(wired.asked[0]).toMatchObject({ args: [{}, { access: 'read', reason: 'the import runs' }] });
  });

  it('/access emergency takes it, and says that everybody hears of it and until when it is reviewed', async () => {
    const emergency = { number: 1, reviewBy: '2026-03-04T12:00:00.000Z', reviewers: [] };
    await start({ takeEmergency: () => ({ kind: 'opened', request: aRequest({ access: 'read', emergency }) }) });
    await wired.slack.command(ANA, CHANNEL, '/access emergency read 2h the shop is down');
    expect(await wired.answer(ANA)).toMatch(
      /^`read` is being given now\. Everybody who approves it is told, and one of them reviews it by <!date.*2026-03-04 12:00 UTC>/,
    );
    expect(wired.asked[0]).toMatchObject({
      useCase: 'takeEmergency',
      args: [{ slack: ANA }, { access: 'read', duration: '2h', reason: 'the shop is down' }],
    });
  });

  it.each([
    [ACTION.reviewFine, 'fine'],
    [ACTION.reviewNotJustified, 'not-justified'],
  ])('%s asks for a note, and closes the review with it', async (action, verdict) => {
    await start();
    await wired.slack.click(DEE, await posted(action, 'req_7'), action);
    const { id } = await view(DEE);
    await wired.slack.submitView(DEE, id, { 'reason-text': '   ' });
    expect((await view(DEE)).errors.reason).toMatch(/Write what you found/);
    expect(wired.asked).toEqual([]);
    await wired.slack.submitView(DEE, id, { 'reason-text': ' looked at the log ' });
    const [call] = await wired.calls(1);
    expect(call).toMatchObject({
      useCase: 'reviewEmergency',
      args: [{ slack: DEE }, { requestId: 'req_7', verdict, note: 'looked at the log' }],
    });
  });

  it('a review that is refused is answered to its reviewer', async () => {
    await start({
      reviewEmergency: () => ({
        kind: 'refused',
        refusal: { code: 'already-reviewed', sentence: 'Cy has reviewed it.' },
      }),
    });
    await wired.slack.click(DEE, await posted(ACTION.reviewFine), ACTION.reviewFine);
    await wired.slack.submitView(DEE, (await view(DEE)).id, { 'reason-text': 'fine' });
    expect(await wired.answer(DEE)).toBe('Cy has reviewed it.\n_Code:_ `already-reviewed`');
  });

  it('a button that nobody knows is answered', async () => {
    await start();
    const delivery = await wired.slack.click(ANA, await posted('old-button'), 'old-button');
    expect(delivery.ok).toBe(true);
    expect(await wired.answer(ANA)).toBe('This button is from another version of me and does nothing any more.');
  });

  it('a database that is gone is said to the clicker', async () => {
    await start({ vote: () => Promise.reject(new StoreUnavailable('gone', 'no')) });
    await wired.slack.click(DEE, await posted(ACTION.approve), ACTION.approve);
    expect(await wired.answer(DEE)).toMatch(/^I cannot use my database right now \(gone\)\. Nothing was changed\./);
  });
});

describe('Deny', () => {
  const open = async () => {
    await wired.slack.click(DEE, await posted(ACTION.deny), ACTION.deny);
    return view(DEE);
  };

  it('asks why first, and votes when that is sent', async () => {
    await start();
    const { id } = await open();
    expect(wired.asked).toEqual([]);
    await wired.slack.submitView(DEE, id, { reason: '  not *today*\nplease  ' });
    const [call] = await wired.calls(1);
    expect(call).toMatchObject({
      useCase: 'vote',
      args: [
        { workspace: 'T0OURS', slack: DEE },
        { requestId: 'req_1', verdict: 'deny', reason: 'not *today*\nplease' },
      ],
    });
    expect(wired.slack.views(DEE)).toEqual([]);
  });

  it.each([
    ['blanks', '   ', /^Write why not/],
    ['control characters', 'a\u0007b', /control characters/],
    ['half a surrogate pair', 'a\ud83d', /control characters/],
  ])('%s are no reason, said beside the input', async (_what, reason, sentence) => {
    await start();
    const { id } = await open();
    await wired.slack.submitView(DEE, id, { reason });
    expect(wired.slack.views(DEE)[0]?.errors.reason).toMatch(sentence);
    await wired.idle();
    expect(wired.asked).toEqual([]);
  });

  it('a refusal reaches the person in the channel of the button', async () => {
    await start({ vote: () => ({ kind: 'refused', refusal }) });
    const { id } = await open();
    await wired.slack.submitView(DEE, id, { reason: 'no' });
    expect(await wired.answer(DEE)).toContain('_Code:_ `own-request`');
    expect(wired.slack.ephemerals(DEE)[0]?.channel).toBe(CHANNEL);
  });

  it('a form that Slack does not open is said, with what to do', async () => {
    await start();
    wired.slack.failNext('views.open', { error: 'expired_trigger_id' });
    await wired.slack.click(DEE, await posted(ACTION.deny), ACTION.deny);
    expect(await wired.answer(DEE)).toBe('Slack did not open the form (expired-trigger-id). Please press Deny again.');
    expect(wired.errors).toEqual(['views.open expired-trigger-id']);
  });
});

describe('the request modal', () => {
  const open = async (line = '/access read', channel = CHANNEL) => {
    await wired.slack.command(ANA, channel, line);
    return view();
  };

  it('searches what this person may ask for', async () => {
    await start();
    const { id } = await open('/access');
    const names = async (query: string) =>
      (await wired.slack.options(ANA, id, ACTION.chooseAccess, query)).map(({ value }) => value);
    expect(await names('')).toEqual(['auto', 'both', 'direct', 'read', 'write']);
    expect(await names('rea')).toEqual(['read']);
    expect(await names('nothing like it')).toEqual([]);
  });

  it('offers nothing to somebody who may ask for nothing', async () => {
    await start();
    await wired.slack.command('U0GUS', CHANNEL, '/access');
    const { id } = await view('U0GUS');
    expect(await wired.slack.options('U0GUS', id, ACTION.chooseAccess, '')).toEqual([]);
  });

  it('shows limits and approvers of what is chosen, and asks for it', async () => {
    await start({ requestAccess: () => ({ kind: 'opened', request: aRequest({ access: 'write' }) }) });
    const { id } = await open('/access');
    await wired.slack.options(ANA, id, ACTION.chooseAccess, 'write');
    await wired.slack.clickInView(ANA, id, ACTION.chooseAccess, 'write');
    await wired.slack.waitFor(() =>
      wired.slack.views(ANA)[0]?.blocks.some(({ block_id }) => block_id === 'duration:write'),
    );
    expect(JSON.stringify(await view())).toContain('1. 2 of group `dba` (<@U0CY>, <@U0DEE> and <@U0ELI>)');
    await wired.slack.submitView(ANA, id, { [ACTION.chooseDuration]: '2h', reason: 'INC-42' });
    expect(await wired.answer(ANA)).toMatch(/^Asked in <#C0APPROVALS>: `write`/);
    expect(wired.asked[0]).toMatchObject({
      useCase: 'requestAccess',
      args: [
        { workspace: 'T0OURS', slack: ANA },
        { access: 'write', duration: '2h', reason: 'INC-42' },
      ],
    });
    expect(wired.slack.views(ANA)).toEqual([]);
  });

  it('what the policies refuse is said beside the input, and recorded', async () => {
    await start({}, { world: changed(usual, { read: { reason: { required: true, min_length: 20 } } }) });
    const { id } = await open();
    await wired.slack.submitView(ANA, id, { reason: 'twenty blanks                     ' });
    expect(wired.slack.views(ANA)[0]?.errors.reason).toMatch(/20/);
    await wired.calls(1);
    await wired.idle();
    expect(wired.slack.ephemerals(ANA)).toEqual([]);
  });

  it('where the bot is not, the answer comes as a direct message', async () => {
    await start({ requestAccess: () => ({ kind: 'opened', request: aRequest({ access: 'read' }) }) });
    const { id } = await open('/access read', 'C0ELSE');
    await wired.slack.submitView(ANA, id, { reason: 'INC-42' });
    const [message] = await wired.slack.waitFor(() => {
      const all = wired.slack.directMessages(ANA);
      return all.length > 0 && all;
    });
    expect(message?.text).toMatch(/^Asked in/);
  });

  it('a choice that was overtaken by another changes nothing and is counted', async () => {
    await start();
    const { id } = await open();
    wired.slack.failNext('views.update', { error: 'hash_conflict' });
    const delivery = await wired.slack.clickInView(ANA, id, ACTION.chooseDuration, '2h');
    expect(delivery.ok).toBe(true);
    await wired.idle();
    expect(wired.errors).toEqual(['views.update hash-conflict']);
    expect(wired.slack.ephemerals(ANA)).toEqual([]);
  });

  it('a form that Slack does not open is said, with the way without it', async () => {
    await start();
    wired.slack.failNext('views.open', { status: 500 });
    await wired.slack.command(ANA, CHANNEL, '/access read');
    expect(await wired.answer(ANA)).toMatch(
      /^Slack did not open the form \(http-500\)\. Ask in one line instead: `\/access &lt;name&gt; /,
    );
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
    await wired.slack.click(DEE, await posted(ACTION.approve), ACTION.approve, { edit });
    expect(await wired.answer(DEE)).toBe('This is not the workspace that I serve, so nothing was changed.');
    expect(wired.asked).toEqual([]);
  });

  it('a payload that names no workspace is nobody’s', async () => {
    await start();
    const edit = (payload: Record<string, unknown>) => {
      payload.team = null;
    };
    await wired.slack.click(DEE, await posted(ACTION.approve), ACTION.approve, { edit });
    expect(await wired.answer(DEE)).toMatch(/^This is not the workspace/);
    expect(wired.asked).toEqual([]);
  });

  const STARTING = 'I am still starting. Nothing was changed; please try again in a minute.';

  it('before Slack said which it is, everything is answered with “still starting”', async () => {
    await start({}, { identify: false });
    await wired.slack.command(ANA, CHANNEL, '/access read 1h x');
    expect(await wired.answer(ANA)).toBe(STARTING);
    await wired.slack.click(DEE, await posted(ACTION.approve), ACTION.approve);
    expect(await wired.answer(DEE)).toBe(STARTING);
    await wired.app.identify();
    await wired.slack.click(DEE, await posted(ACTION.approve), ACTION.approve);
    expect(await wired.calls(1)).toHaveLength(1);
  });

  it('a form that is sent meanwhile stays open and says so; a search finds nothing', async () => {
    await start();
    await wired.slack.command(ANA, CHANNEL, '/access read');
    const { id } = await view();
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
