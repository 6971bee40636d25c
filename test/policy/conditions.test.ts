import { compileCondition } from '../../src/policy/conditions/condition.ts';
import { ANY_KNOWN_NAMES, Names } from '../../src/policy/names.ts';
import { type Asked, access, ask, DIRECTORY, policiesIn, policiesWith, TARGETS } from './support/world.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** An access with one flow for each condition, called by its number; the last one holds for everybody. */
const withConditions = (...conditions: string[]) =>
  policiesWith(
    access({
      labels: '{env: production, risk: high}',
      fields: '{ticket: {label: Ticket}, area: {label: Area, enum: [eu, us]}}',
      flows: `[${conditions
        .map((when, index) => `{name: '${index}', when: '${when}', auto_approve: true}`)
        .concat("{name: rest, steps: [{approvers: ['group:dba']}]}")
        .join(', ')}]`,
    }),
  );

const flowOf = (policies: ReturnType<typeof withConditions>, asked: Partial<Asked> = {}) => {
  const decision = ask(policies, { email: 'ana@example.com', access: 'db-read', ...asked });
  return decision.ok ? decision.flow.name : decision.refusal.code;
};

describe('the first flow whose condition holds decides', () => {
  it.each<[string, Partial<Asked>, boolean]>([
    ['request.duration <= duration("1h")', { durationMs: HOUR }, true],
    ['request.duration <= duration("1h")', { durationMs: HOUR + 1000 }, false],
    ['request.duration < duration("1d")', {}, true],
    ['request.access == "db-read"', {}, true],
    ['request.reason.startsWith("INC-")', { reason: 'INC-42 slow' }, true],
    ['request.reason.startsWith("INC-")', { reason: 'slow' }, false],
    ['"backend" in requester.groups', {}, true],
    ['"dba" in requester.groups', {}, false],
    ['requester.groups.exists(g, g.startsWith("back"))', {}, true],
    ['requester.manager == "cy@example.com"', {}, true],
    ['requester.email.endsWith("@example.com") && !("contractors" in requester.groups)', {}, true],
    ['labels.risk == "high" && labels.env in ["staging", "production"]', {}, true],
    [
      'has(request.fields.ticket) && request.fields.ticket.matches("^INC-[0-9]+$")',
      { fields: { ticket: 'INC-42' } },
      true,
    ],
    ['has(request.fields.ticket) && request.fields.ticket.matches("^INC-[0-9]+$")', { fields: { ticket: 'x' } }, false],
    ['has(request.fields.ticket)', {}, false],
    ['has(request.fields.ticket)', { fields: { ticket: '  ' } }, false],
    ['"ticket" in request.fields', { fields: { ticket: 'x' } }, true],
    ['request.reason.size() > 3 ? true : false', { reason: 'abcd' }, true],
  ])('%s, asked with %j: %s', (when, asked, holds) => {
    expect(flowOf(withConditions(when), asked)).toBe(holds ? '0' : 'rest');
  });

  it('in their order', () => {
    const policies = withConditions('request.duration <= duration("15m")', 'request.duration <= duration("1h")');
    expect(flowOf(policies, { durationMs: 15 * MINUTE })).toBe('0');
    expect(flowOf(policies, { durationMs: HOUR })).toBe('1');
    expect(flowOf(policies, { durationMs: 2 * HOUR })).toBe('rest');
  });

  it('and the trace tells each condition that was looked at, with its place', () => {
    const policies = withConditions('request.duration <= duration("15m")', 'labels.env == "production"');
    const { trace } = ask(policies, { email: 'ana@example.com', access: 'db-read' });
    expect(trace.filter(({ check }) => check === 'when' || check === 'flow')).toEqual([
      {
        check: 'when',
        passed: false,
        detail: 'request.duration <= duration("15m")',
        rule: 'db-read: flow 0 (access.yaml:7)',
      },
      { check: 'when', passed: true, detail: 'labels.env == "production"', rule: 'db-read: flow 1 (access.yaml:7)' },
      { check: 'flow', passed: true, detail: '1', rule: 'db-read: flow 1 (access.yaml:7)' },
    ]);
  });
});

describe('a request is refused', () => {
  it('policy-error: by a condition without an answer, though a later flow would have taken it', () => {
    const policies = withConditions('request.fields.ticket == "INC-42"');
    expect(flowOf(policies, { fields: { ticket: 'INC-42' } })).toBe('0');
    expect(ask(policies, { email: 'ana@example.com', access: 'db-read' })).toMatchObject({
      refusal: {
        code: 'policy-error',
        sentence: expect.stringMatching(/flow “0” of `db-read` has no answer.*ticket/),
        rule: 'db-read: flow 0 (access.yaml:7)',
      },
    });
  });

  it('no-flow: when no condition holds, with the conditions', () => {
    const policies = policiesWith(
      access({ flows: '[{name: short, when: \'request.duration <= duration("5m")\', auto_approve: true}]' }),
    );
    expect(ask(policies, { email: 'ana@example.com', access: 'db-read' })).toMatchObject({
      refusal: { code: 'no-flow', sentence: expect.stringContaining('“short” asks for request.duration') },
    });
  });
});

describe('a condition with several mistakes', () => {
  it('tells all of them, in their order', () => {
    const { groups, schedules } = ANY_KNOWN_NAMES;
    const scope = { labels: new Names([]), fields: new Names([]), groups, schedules };
    const when =
      'request.duratio > duration("1h") || labels.nope == "x" || requstr.email == "" || requester.groups.exists(g, g == grp)';
    const compiled = compileCondition(when, scope);
    if (compiled.ok) throw new Error('it compiled');
    expect(compiled.problems.map(({ offset, sentence }) => `${when.slice(offset, offset + 7)}: ${sentence}`)).toEqual([
      'duratio: `request` has no `duratio`. Did you mean `duration`?',
      'labels.: There is no label of this access `nope`.',
      'requstr: There is no `requstr` here. Did you mean `request`?',
      'grp): There is no `grp` here.',
    ]);
  });
});

describe('a condition whose types do not fit in several places', () => {
  const { groups, schedules } = ANY_KNOWN_NAMES;
  const scope = { labels: new Names(['env']), fields: new Names([]), groups, schedules };
  /** Where in the text its problems are, and of what sort. */
  const found = (when: string): string[] => {
    const compiled = compileCondition(when, scope);
    if (compiled.ok) return [];
    return compiled.problems.map(({ code, offset }) => `${when.slice(offset, offset + 12)}: ${code}`);
  };

  it.each([
    ['1 < "a" && request.duration < 1', ['1 < "a" && r: condition-type', 'request.dura: condition-type']],
    ['((1) < ("a")) || (labels.env == (1))', ['1) < ("a")) : condition-type', 'labels.env =: condition-type']],
    ['labels.env && true && request.reason', ['labels.env &: condition-type', 'request.reas: condition-type']],
    ['(labels.env) && (request.reason)', ['labels.env) : condition-type', 'request.reas: condition-type']],
    ['!labels.env && now', ['!labels.env : condition-type', 'now: condition-type']],
    ['now ? labels.env == ")(" : 1 == "x"', ['now ? labels: condition-type', '1 == "x": condition-type']],
    [
      'requester.groups.exists(g, g == 1 || g && size(g) == "x")',
      ['g == 1 || g : condition-type', 'g && size(g): condition-type', 'size(g) == ": condition-type'],
    ],
    [
      'labels.evn == 1 && request.reason == 2',
      ['labels.evn =: condition-name', 'labels.evn =: condition-type', 'request.reas: condition-type'],
    ],
    ['nowe == 1 && request.reason == 2', ['nowe == 1 &&: condition-name', 'request.reas: condition-type']],
    ['request.reson == 1 || 1', ['reson == 1 |: condition-name', '1: condition-type']],
    ['in_schedul("x") == 1 && request.reason', ['in_schedul(": condition-name', 'request.reas: condition-type']],
    [
      'foo(labels.evn, 1 < "a")',
      ['foo(labels.e: condition-name', 'labels.evn, : condition-name', '1 < "a"): condition-type'],
    ],
    ['request.reason.filter(g, g == "x")', ['request.reas: condition-name']],
    ['requester.emial', ['emial: condition-name']],
    [
      'on-call && (1 < size("a" + 1)) && now',
      ['on-call && (: condition-syntax', '"a" + 1)) &&: condition-syntax', 'now: condition-type'],
    ],
  ])('tells each of them: %s', (when, expected) => {
    expect(found(when)).toEqual(expected);
  });
});

describe('a text that was chosen to hurt', () => {
  it('cannot make a pattern of a condition hang', () => {
    const policies = withConditions('request.reason.matches("^(a+)+$")');
    expect(flowOf(policies, { reason: `${'a'.repeat(1_999)}!` })).toBe('rest');
  });

  it('cannot reach the prototype through a field', () => {
    expect(flowOf(withConditions('has(request.fields.ticket)'), { fields: { constructor: 'x' } })).toBe(
      'invalid-field',
    );
    expect(
      flowOf(withConditions('"area" in request.fields'), { fields: JSON.parse('{"__proto__": {"area": "eu"}}') }),
    ).toBe('invalid-field');
  });
});

describe('a schedule', () => {
  const policies = policiesIn({
    'directory.yaml': DIRECTORY,
    'targets.yaml': TARGETS,
    'settings.yaml': `version: 1
kind: settings
timezone: Europe/Berlin
schedules:
  office: {days: [mon, tue, wed, thu, fri], from: '09:00', to: '18:00'}
  night: {days: [sat], from: '22:00', to: '06:00'}
  early: {from: '02:00', to: '03:00'}
`,
    'access.yaml': access({
      flows: `[${['office', 'night', 'early']
        .map((name) => `{name: ${name}, when: 'in_schedule("${name}")', auto_approve: true}`)
        .join(', ')}]`,
    }),
  });
  const at = (now: string) => flowOf(policies, { now });

  it.each([
    ['the first minute in winter', '2026-03-02T08:00:00.000Z', 'office'],
    ['a second before', '2026-03-02T07:59:59.000Z', 'no-flow'],
    ['the same hour in summer', '2026-07-06T07:00:00.000Z', 'office'],
    ['the last minute', '2026-03-02T16:59:59.000Z', 'office'],
    ['the minute after', '2026-03-02T17:00:00.000Z', 'no-flow'],
    ['a Saturday', '2026-03-07T10:00:00.000Z', 'no-flow'],
    ['the Friday before the clocks change', '2026-03-27T08:00:00.000Z', 'office'],
    ['the Monday after the clocks changed', '2026-03-30T07:00:00.000Z', 'office'],
    ['Saturday night', '2026-03-07T21:00:00.000Z', 'night'],
    ['Sunday morning, which is still Saturday’s night', '2026-03-08T04:59:00.000Z', 'night'],
    ['Sunday night, which is not', '2026-03-08T21:00:00.000Z', 'no-flow'],
    ['Saturday morning, which is Friday’s night', '2026-03-07T04:00:00.000Z', 'no-flow'],
    ['an hour that happens twice, the first time', '2026-10-25T00:30:00.000Z', 'night'],
    ['an hour that is skipped', '2026-03-29T01:00:00.000Z', 'night'],
    ['two o’clock on another day', '2026-03-10T01:30:00.000Z', 'early'],
    ['an hour that happens twice, early in another zone’s sense', '2026-10-26T01:30:00.000Z', 'early'],
  ])('%s', (_what, now, flow) => {
    expect(at(now)).toBe(flow);
  });

  it('skips an hour that the clock skips, and counts one twice that it shows twice', () => {
    const early = policiesIn({
      'directory.yaml': DIRECTORY,
      'targets.yaml': TARGETS,
      'settings.yaml': `version: 1
kind: settings
timezone: Europe/Berlin
schedules: {early: {from: '02:00', to: '03:00'}}
`,
      'access.yaml': access({ flows: `[{name: early, when: 'in_schedule("early")', auto_approve: true}]` }),
    });
    const minutes = (day: string) => {
      const start = Date.parse(`${day}T00:00:00.000Z`) - 6 * HOUR;
      const all = Array.from({ length: 36 * 60 }, (_, minute) => new Date(start + minute * MINUTE).toISOString());
      const local = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' });
      return all.filter((now) => local.format(new Date(now)) === day && flowOf(early, { now }) === 'early').length;
    };
    expect(minutes('2026-03-29')).toBe(0);
    expect(minutes('2026-10-25')).toBe(120);
    expect(minutes('2026-06-01')).toBe(60);
  });
});
