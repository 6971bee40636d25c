import type { Message, StepView } from '../../src/app/messages.ts';
import { plus } from '../../src/domain/instant.ts';
import { notificationsOf } from '../../src/playground/slack/mentions.ts';
import type { Rendered } from '../../src/slack/blocks.ts';
import { render } from '../../src/slack/messages/render.ts';
import { mention } from '../../src/slack/words.ts';
import { aGrant, aHold, anEntitlementRef, aRequest, aVote, HOUR, NOON } from '../support/samples.ts';
import { everyText, markup, problemsOf } from './support/drawn.ts';
import { aDigest, aStep, aView, everywhere, fullDigest } from './support/views.ts';

const drawn = (message: Message): { rendered: Rendered; all: string; pings: string[] } => {
  const rendered = render(message);
  return {
    rendered,
    all: everyText(rendered).join('\n'),
    pings: notificationsOf(rendered.text, rendered.blocks ?? []),
  };
};
const people = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ email: `p${index}@example.com`, slack: `U0P${index}` }));
const pending = (steps: StepView[]): Message => ({ kind: 'approvers', view: aView({ steps }) });

describe('the approver message', () => {
  it('shows what it gives however long its name is: nobody approves “… and 1 more”', () => {
    const request = aRequest({ entitlements: [anEntitlementRef({ label: `role ${'x'.repeat(3_000)}` })] });
    const { rendered, all } = drawn({ kind: 'approvers', view: aView({ request, steps: [aStep()] }) });
    expect(problemsOf(rendered)).toEqual([]);
    expect(all).toMatch(/• role x+… at `prod-postgres` for account `ana`/);
  });

  it('says who, what, how long, why, what changes where, who may approve and until when', () => {
    const { rendered, all } = drawn(pending([aStep()]));
    expect(rendered.text).toMatch(
      /^<@U0ANA> asks for Write to the production database \(prod-db-write\) for 1h: INC-42 slow queries\. Waiting for approval\. It lapses .* if nobody answers\.$/,
    );
    expect(all).toContain('*1h*');
    expect(all).toContain('• role app_\u200bwriter at `prod-postgres` for account `ana`');
    expect(all).toContain('1 of group `dba` – waiting for 1 approval from <@U0BO>');
    expect(all).toContain('2026-03-03 16:00 UTC');
    expect(all).toContain('`on-call`');
  });

  it('quotes the reason as it was written, in a block that knows no markup', () => {
    const reason = '*not bold* <!channel>\nsecond line';
    const { rendered } = drawn({ kind: 'approvers', view: aView({ request: aRequest({ reason }) }) });
    const [quote] = (rendered.blocks ?? []).filter((block) => block.type === 'rich_text');
    expect(everyText(quote)).toContain(reason);
  });

  it('pings the requester and up to five who can still vote', () => {
    const step = (count: number) => aStep({ people: people(count), need: 2 });
    expect(drawn(pending([step(5)])).pings).toEqual(['U0ANA', ...people(5).map(({ slack }) => slack)]);
    expect(drawn(pending([step(6)])).pings).toEqual(['U0ANA']);
  });

  it('pings nobody of a step that is not open yet', () => {
    const later = aStep({ open: false, people: people(1) });
    expect(drawn(pending([aStep(), later])).pings).toEqual(['U0ANA', 'U0BO']);
  });

  it('pings no approver once it is decided', () => {
    const request = aRequest({ status: 'lapsed' });
    const view = aView({ request, steps: [aStep({ open: false })] });
    expect(drawn({ kind: 'approvers', view }).pings).toEqual(['U0ANA']);
  });

  it('of an emergency speaks of no approval by a flow: it was taken', () => {
    const emergency = { number: 1, reviewBy: plus(NOON, 24 * HOUR), reviewers: [] };
    const flow = { name: 'break-glass', autoApprove: true, steps: [], timeoutMs: HOUR };
    const request = aRequest({ status: 'approved', emergency, flow });
    const { rendered, all } = drawn({ kind: 'approvers', view: aView({ request, steps: [] }) });
    expect(rendered.text).toMatch(/^🚨 <@U0ANA> took .* in an emergency/);
    expect(all).not.toMatch(/automatic|Who (may|could) approve|Who approved/);
  });

  it.each([
    ['pending', 'Who may approve'],
    ['approved', 'Who approved'],
    ['denied', 'Who could approve'],
    ['cancelled', 'Who could approve'],
    ['lapsed', 'Who could approve'],
  ] as const)('%s: over the steps stands “%s”', (status, title) => {
    const steps = [aStep(status === 'pending' ? {} : { open: false })];
    const { all } = drawn({ kind: 'approvers', view: aView({ request: aRequest({ status }), steps }) });
    expect(all.match(/\*Who .*?\*/g)).toEqual([`*${title}*`]);
  });

  it('shows to whom a step escalated, and when', () => {
    const step = aStep({ people: people(70), escalated: { to: ['group:leads', 'manager'], at: NOON } });
    expect(drawn(pending([step])).all).toMatch(
      /1 of group `dba`, escalated <!date.*2026-03-03 12:00 UTC> to group `leads` and the requester’s manager – waiting for 1 approval\n?/,
    );
  });

  it('shows who approved, and who is still awaited', () => {
    const half = aStep({ need: 2, seats: [{ email: 'bo@example.com', slack: 'U0BO' }], people: people(1) });
    expect(drawn(pending([half])).all).toContain(
      '2 of group `dba` – approved by <@U0BO> – waiting for 1 approval from <@U0P0>',
    );
    const full = aStep({ filled: true, open: false, seats: [{ email: 'lost@example.com' }] });
    expect(drawn(pending([full, aStep()])).all).toContain(
      '*Step 1 of 2:* 1 of group `dba` – approved by lost@example.com ✓',
    );
  });

  it.each([
    ['denied', { decidedBy: 'bo@example.com', decisionReason: 'not today' }, 'Denied by <@U0BO>.'],
    ['cancelled', { decidedBy: 'ana@example.com' }, 'Withdrawn by <@U0ANA>.'],
    ['lapsed', {}, 'Lapsed: it was not approved in time.'],
  ] as const)('%s: says so, and by whom', (status, values, sentence) => {
    const view = aView({ request: aRequest({ status, ...values }) });
    const { rendered, all } = drawn({ kind: 'approvers', view });
    expect(rendered.text.endsWith(sentence)).toBe(true);
    if ('decisionReason' in values) expect(all).toContain('not today');
  });

  const extension = { grantId: 'grt_1', until: plus(NOON, 2 * HOUR), wholeMs: 2 * HOUR };
  it('an extension says by how much and until when, and what stays when nobody answers', () => {
    const asked = drawn({ kind: 'approvers', view: aView({ request: aRequest({ extension }) }) });
    expect(asked.rendered.text).toContain(
      '<@U0ANA> asks to extend Write to the production database (prod-db-write) by 1h: INC-42 slow queries.',
    );
    expect(asked.all).toMatch(/by \*1h\*, until <!date\^.*14:00 UTC>/);
    expect(asked.all).toContain('*If approved, for 1h longer:*');
    const over = (values: Parameters<typeof aRequest>[0]) =>
      drawn({ kind: 'approvers', view: aView({ request: aRequest({ extension, ...values }) }) }).rendered.text;
    expect(over({ status: 'lapsed' })).toContain('Lapsed: it was not approved in time, so the end stays as it was.');
    expect(over({ status: 'cancelled', decidedBy: 'ana@example.com' })).toContain(
      'Closed: <@U0ANA> ended the access itself.',
    );
    expect(over({ status: 'approved', decidedBy: 'bo@example.com', votes: [aVote()] })).toMatch(
      /Approved by <@U0BO>\. It ends <!date\^.*14:00 UTC>\.$/,
    );
  });

  it('an empty reason of a denial is not quoted', () => {
    const view = aView({
      request: aRequest({ status: 'denied', decidedBy: 'bo@example.com', decisionReason: '', reason: '' }),
    });
    expect(problemsOf(render({ kind: 'approvers', view }))).toEqual([]);
  });

  it('an approval by the policy names its flow, and no person', () => {
    const flow = { name: 'self-service', autoApprove: true, steps: [], timeoutMs: HOUR };
    const votes = [{ voter: 'policy:read/self-service', verdict: 'approve' as const, step: 0, at: NOON }];
    const request = aRequest({ status: 'approved', flow, votes, access: 'read' });
    const { all, pings } = drawn({ kind: 'approvers', view: aView({ request, steps: [], grant: aGrant() }) });
    expect(all).toContain('automatic, by flow `read/self-service`');
    expect(all).toContain('Approved by the policy `read/self-service`.');
    expect(pings).toEqual(['U0ANA']);
  });
});

describe('what was seen at the end', () => {
  const ended = (...holds: Parameters<typeof aHold>[0][]) => {
    const grant = aGrant({ status: 'ended', endReason: 'released', holds: holds.map(aHold) });
    return render({ kind: 'news', view: aView({ request: aRequest({ status: 'approved' }), grant }), news: 'ended' })
      .text;
  };

  it('says “gone” only of what was read back', () => {
    expect(ended({ status: 'taken', seenAt: plus(NOON, HOUR) })).toMatch(/was seen gone <!date/);
    for (const hold of [
      { status: 'given' },
      { status: 'pending' },
      { status: 'kept', keptBecause: 'standing' },
      { status: 'kept', keptBecause: 'other-grant' },
    ] as const)
      expect(ended(hold)).not.toContain('seen gone');
  });

  it('says why something stays', () => {
    expect(ended({ status: 'kept', keptBecause: 'standing' })).toContain('was there before Latchkey gave anything');
    expect(ended({ status: 'kept', keptBecause: 'other-grant' })).toContain('another running grant');
    expect(ended({ status: 'given' })).toContain('is not confirmed gone yet');
  });
});

describe('the requester’s card', () => {
  const card = (values: Parameters<typeof aGrant>[0]) =>
    drawn({ kind: 'requester', view: aView({ request: aRequest({ status: 'approved' }), grant: aGrant(values) }) });

  it('tells until when and how to use it while it lasts', () => {
    const { rendered, all } = card({ status: 'active' });
    expect(rendered.text).toMatch(/^You have Write to the production database .* until <!date.*>\.$/);
    expect(all).toContain('• Connect as ana.');
  });

  it('tells that it ends early without use, and since when there was none', () => {
    const idle = { afterMs: 2 * HOUR, since: NOON };
    expect(card({ status: 'active', idle }).rendered.text).toMatch(/>\. It ends early after 2h without use\.$/);
    const holds = [aHold({ status: 'taken' })];
    const { all } = card({ status: 'ended', endReason: 'idle', holds, idle: { ...idle, unusedSince: NOON } });
    expect(all).toMatch(/Ended early, unused since <!date\^\d+\^.*12:00 UTC>: /);
    const asked = drawn({ kind: 'approvers', view: aView({ request: aRequest({ idleAfterMs: 2 * HOUR }) }) });
    expect(asked.all).toContain('It ends early after 2h without use.');
  });

  it('tells neither when it is over', () => {
    const { all } = card({ status: 'ended', endReason: 'expired', holds: [aHold({ status: 'taken' })] });
    expect(all).not.toContain('Connect as ana.');
    expect(all).toContain('Its time is over');
  });

  it('says how to use it even when it is turned around or marked up', () => {
    const view = aView({
      request: aRequest({ status: 'approved' }),
      grant: aGrant({ status: 'active' }),
      howToUse: ['You are in \u202eevil <!channel>.'],
    });
    expect(problemsOf(render({ kind: 'requester', view }))).toEqual([]);
  });
});

describe('messages that outgrow Slack', () => {
  const steps = Array.from({ length: 20 }, (_, index) =>
    aStep({
      need: 50,
      approvers: Array.from({ length: 50 }, (_, n) => `group:${`team-${index}-${n}-`.padEnd(63, 'x')}`),
      people: people(50),
      seats: people(49),
      open: index === 0,
    }),
  );
  const entitlements = Array.from({ length: 20 }, (_, index) =>
    anEntitlementRef({ label: `role ${'&'.repeat(200)}${index}`, target: 't'.repeat(63), account: '<'.repeat(256) }),
  );
  const votes = Array.from({ length: 200 }, (_, index) =>
    aVote({ voter: `p${index}@example.com`, slack: `U0P${String(index).padStart(9, '0')}`, step: index % 10 }),
  );
  const slackIds = new Map([
    ['ana@example.com', 'U0ANA'],
    ...votes.map((vote) => [vote.voter, vote.slack ?? ''] as const),
  ]);
  const grant = aGrant({
    status: 'ended',
    endReason: 'idle',
    holds: entitlements.map((each) => aHold({ ...each, status: 'taken', seenAt: NOON })),
  });
  const request = aRequest({
    title: '*<!channel>*&'.repeat(8).slice(0, 100),
    reason: '😀'.repeat(2_000),
    entitlements,
    votes,
  });
  const view = aView({ request, steps, slackIds, howToUse: entitlements.map(({ label }) => label) });
  const approved = { ...view, request: { ...request, status: 'approved' as const }, grant };
  const tags = [...slackIds.values(), ...people(50).map(({ slack }) => slack)].map(mention);

  it.each<[string, Message]>([
    ['pending', { kind: 'approvers', view }],
    ['approved by two hundred, ended', { kind: 'approvers', view: approved }],
    [
      'approved by two hundred, active',
      { kind: 'approvers', view: { ...approved, grant: { ...grant, status: 'active' } } },
    ],
    ['the requester’s card', { kind: 'requester', view: { ...approved, grant: { ...grant, status: 'active' } } }],
    ['the requester’s card, ended', { kind: 'requester', view: approved }],
    ['the news', { kind: 'news', view: approved, news: 'ended' }],
    ['the story', { kind: 'story', view: approved, line: { beat: 'ended' } }],
    ['a failure', { kind: 'story', view: approved, line: { beat: 'late', failure: 'x'.repeat(100_000) } }],
    ['an alarm', { kind: 'alarm', view: approved, line: { beat: 'late', failure: '' } }],
  ])('%s: within the limits, and what is left out is counted', (_what, message) => {
    const rendered = render(message);
    expect(problemsOf(rendered, tags)).toEqual([]);
  });

  it('counts exactly what it left out', () => {
    const { all } = drawn({ kind: 'approvers', view });
    const shown = all.split('\n').filter((line) => line.startsWith('• ')).length;
    expect(all).toContain(`… and ${20 - shown} more`);
    expect(all).toContain('42 more');
  });

  it('a pending one still names nobody of a crowd', () => {
    expect(drawn({ kind: 'approvers', view }).all).toContain('waiting for 1 approval\n');
  });
});

describe('the story in the thread', () => {
  const say = (view: Parameters<typeof aView>[0], line: Extract<Message, { kind: 'story' }>['line']) =>
    render({ kind: 'story', view: aView(view), line });

  it('a vote says what is still needed', () => {
    const steps = [aStep({ filled: true, open: false }), aStep({ need: 2, approvers: ['group:security'] })];
    expect(say({ steps }, { beat: 'vote', vote: aVote(), steps: 2 }).text).toBe(
      '<@U0BO> approved step 1 of 2. Waiting for 2 of group `security`.',
    );
  });

  it('a vote cast for somebody who is away says for whom', () => {
    const vote = aVote({ voter: 'cy@example.com', onBehalfOf: 'bo@example.com' });
    const slackIds = new Map([
      ['cy@example.com', 'U0CY'],
      ['bo@example.com', 'U0BO'],
    ]);
    expect(say({ slackIds }, { beat: 'vote', vote, steps: 1 }).text).toMatch(/^<@U0CY> \(for <@U0BO>\) approved\. /);
    const request = aRequest({ status: 'approved', votes: [vote] });
    const view = aView({ request, grant: aGrant(), slackIds });
    expect(drawn({ kind: 'approvers', view }).all).toContain('Approved by <@U0CY> (for <@U0BO>).');
    const seats = [{ email: 'cy@example.com', slack: 'U0CY', onBehalfOf: { email: 'lost@example.com' } }];
    expect(drawn(pending([aStep({ need: 2, seats })])).all).toContain('approved by <@U0CY> (for lost@example.com) –');
  });

  it('who is waited for and away is named with whoever votes for them', () => {
    const step = aStep({ people: [{ email: 'bo@example.com', slack: 'U0BO', delegate: 'U0CY' }] });
    const { text } = say({ steps: [step] }, { beat: 'reminder', step: 0 });
    expect(text).toContain('1 approval from <@U0BO> (away: <@U0CY> votes for them).');
  });

  it('a reminder names who is still waited for, when they are few', () => {
    const step = aStep({ need: 2, people: people(5), seats: [{ email: 'x@example.com' }] });
    const { text } = say({ steps: [step] }, { beat: 'reminder', step: 0 });
    expect(text).toMatch(
      /^Still waiting for 1 approval from <@U0P0>, .* and <@U0P4>\. It lapses <!date.* if nobody answers\.$/,
    );
  });

  it('a reminder of many names their groups, and pings nobody', () => {
    const { text } = say({ steps: [aStep(), aStep({ people: people(70) })] }, { beat: 'reminder', step: 1 });
    expect(text).toContain('Still waiting for 1 approval from group `dba` in step 2 of 2.');
    expect(notificationsOf(text, [])).toEqual([]);
  });

  it('an escalation says to whom, and who is waited for now', () => {
    const step = aStep({ people: people(2), escalated: { to: ['group:leads'], at: NOON } });
    const { text } = say({ steps: [step] }, { beat: 'escalated', step: 0 });
    expect(text).toMatch(
      /^Nobody answered in time, so group `leads` may approve now, too\. Waiting for 1 approval from <@U0P0> and <@U0P1>\. /,
    );
    const many = aStep({ people: people(70), escalated: { to: ['group:leads'], at: NOON } });
    expect(say({ steps: [many] }, { beat: 'escalated', step: 0 }).text).toContain(
      'Waiting for 1 approval from group `dba` and group `leads`.',
    );
  });

  it('a vote beyond the steps, which a tightened policy asked for, is one of the last', () => {
    expect(say({}, { beat: 'vote', vote: aVote({ step: 2 }), steps: 2 }).text).toContain('approved step 2 of 2.');
  });

  it('the last vote says when it ends', () => {
    const values = { request: aRequest({ status: 'approved' as const }), grant: aGrant() };
    expect(say(values, { beat: 'vote', vote: aVote(), steps: 1 }).text).toMatch(
      /^<@U0BO> approved\. That was the last approval; it ends <!date/,
    );
  });

  it('a denial quotes its reason', () => {
    const line = { beat: 'vote', vote: aVote({ verdict: 'deny', reason: 'no *ticket*' }), steps: 1 } as const;
    const rendered = say({}, line);
    expect(rendered.text).toBe('<@U0BO> denied this request.');
    expect(everyText(rendered.blocks)).toContain('no *ticket*');
  });
});

describe('the digest', () => {
  it('of a quiet day is one line with nothing to scroll past', () => {
    expect(render({ kind: 'digest', digest: aDigest() })).toEqual({
      text: 'Access digest 2026-03-03: nothing happened, and nothing is active.',
    });
  });

  it('of a day on which nothing happened, but something fails, says so', () => {
    const { all } = drawn({ kind: 'digest', digest: { ...fullDigest(everywhere('x')), counts: aDigest().counts } });
    expect(all).toContain('⚠️ Failing now');
    expect(all).not.toContain('nothing happened');
  });

  it('of a day on which nothing happened, but part of the directory is not known, says so', () => {
    const { all } = drawn({ kind: 'digest', digest: aDigest({ gaps: ['Slack user group S0ONCALL cannot be read.'] }) });
    expect(all).toContain('• Slack user group S0ONCALL cannot be read.');
    expect(all).not.toContain('nothing happened');
  });

  it('of a day on which nothing happened, but a row cannot be read, says so', () => {
    const setAside = { count: 1, first: ['the row Grant grt_1 cannot be read: one of its times is none'] };
    const { all } = drawn({ kind: 'digest', digest: aDigest({ setAside }) });
    expect(all).toContain('• the row Grant grt_\u200b1 cannot be read');
    expect(all).not.toContain('nothing happened');
  });

  it('begins with the counts, then trouble, then the rest', () => {
    const { rendered } = drawn({ kind: 'digest', digest: fullDigest(everywhere('x')) });
    const heads = markup(rendered.blocks).map((text) => text.split('\n')[0]);
    expect(rendered.text).toBe(
      'Access digest 2026-03-03: 900 granted, 900 emergencies, 900 extended, 900 actions approved, 900 used, 900 not used in time, 900 denied, 900 lapsed, 900 ended (300 unused), 900 refused, 900 active now.',
    );
    expect(heads[0]).toBe('*Access digest 2026-03-03*');
    expect(heads.slice(1, 7)).toEqual([
      '*⚠️ Failing now*',
      '*⚠️ Emergencies that nobody reviewed in time*',
      '*⚠️ Taken away late*',
      '*⚠️ Not known now, and so refused*',
      '*⚠️ Set aside until they are mended*',
      '*⚠️ Policies on disk are broken* (3 problems, since <!date^1772539200^{date_short_pretty} {time}|2026-03-03 12:00 UTC>); the last good set is still in force.',
    ]);
  });

  it('counts what its lists leave out, and pings nobody', () => {
    const { rendered, all, pings } = drawn({ kind: 'digest', digest: fullDigest(everywhere('<!channel>'), 20) });
    expect(problemsOf(rendered)).toEqual([]);
    expect(all).toContain('… and 880 more');
    expect(pings).toEqual([]);
  });

  it('tells what escalated', () => {
    const { all } = drawn({ kind: 'digest', digest: fullDigest(everywhere('x')) });
    expect(all).toMatch(/\*Escalated\*\n• `n+` – step 1, to group `n+` and x@example\.com/);
  });

  it('of one active grant and nothing else is no quiet day', () => {
    const counts = { ...aDigest().counts, active: 1 };
    const active = [{ access: 'read', email: 'ana@example.com', endsAt: NOON }];
    expect(drawn({ kind: 'digest', digest: aDigest({ counts, active }) }).all).toContain(
      '• `read` – ana@example.com, until',
    );
  });
});
