import { StoreUnavailable } from '../../../src/app/ports/store.ts';
import { aDelegation, aGrant, aRequest, HOUR, NOON } from '../../support/samples.ts';
import { ANA, BEN, CHANNEL, DEE, REFUSAL, Wired } from '../support/wired.ts';

let wired: Wired;
const start = async (...as: Parameters<typeof Wired.start>) => {
  wired = await Wired.start(...as);
};
afterEach(() => wired.stop());

describe('/access', () => {
  it('tells everything that is wrong with a line at once, each with its rule', async () => {
    const sentence = 'It is given for at most 4h.';
    await start({
      requestAccess: () => ({
        kind: 'refused',
        refusal: { code: 'too-long', sentence, rule: 'read: duration (a.yaml:1)' },
        others: [
          { code: 'invalid-field', sentence: 'The reason has <1> character.', rule: 'read: reason (a.yaml:2)' },
          { code: 'invalid-field', sentence: 'Ticket is required.' },
        ],
      }),
    });
    await wired.slack.command(ANA, CHANNEL, '/access read 99d x');
    expect(await wired.answer(ANA)).toBe(
      [
        `• ${sentence}`,
        '_Rule:_ `read: duration (a.yaml:1)`',
        '• The reason has &lt;1&gt; character.',
        '_Rule:_ `read: reason (a.yaml:2)`',
        '• Ticket is required.',
        '_Code:_ `too-long`, `invalid-field`',
      ].join('\n'),
    );
  });

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
    await start({ requestAccess: () => ({ kind: 'refused', refusal: REFUSAL }) });
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

  const extension = { grantId: 'grt_1', until: '2026-03-03T14:00:00.000Z', wholeMs: 2 * HOUR };
  it('extend asks by name, and an automatic one is said at once', async () => {
    const flow = { name: 'auto', autoApprove: true, steps: [], timeoutMs: HOUR };
    await start({ extendGrant: () => ({ kind: 'opened', request: aRequest({ access: 'read', flow, extension }) }) });
    await wired.slack.command(ANA, CHANNEL, '/access extend Read the import runs');
    expect(await wired.answer(ANA)).toMatch(/^`read` is extended: it ends <!date.*14:00 UTC>\.$/);
    expect(wired.asked[0]).toMatchObject({ args: [{}, { access: 'read', reason: 'the import runs' }] });
  });

  it('emergency takes it, and says that everybody hears of it and until when it is reviewed', async () => {
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
