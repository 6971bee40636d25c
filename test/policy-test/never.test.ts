import { runTests, treeReport } from '../../src/policy-test/index.ts';
import { changed, fakeProviders, step, usual, type World } from '../support/world.ts';
import { failuresIn, HEAD, problemsIn, suitesIn } from './support/run.ts';

const labelled = (labels: Record<string, string>) => ({ labels });
/** `auto` is low, `write` is high risk; the others have no label of that name. */
const world: World = changed(usual, {
  auto: labelled({ risk: 'low' }),
  write: labelled({ risk: 'high', env: 'prod' }),
});

const file = (statement: string): string => `${HEAD}never:\n  - ${JSON.stringify(statement)}\n`;
const counterexamples = async (statement: string, of: World = world) =>
  Object.values(await failuresIn(file(statement), of)).flatMap((failures) =>
    failures.map(({ what, got }) => `${what}: ${got}`),
  );

const short = (values: Record<string, unknown> = {}) =>
  changed(world, {
    write: {
      ...labelled({ risk: 'high' }),
      flows: [
        { name: 'short', when: 'request.duration < duration("1h")', auto_approve: true },
        { name: 'careful', steps: [step('dba', 2)] },
      ],
      ...values,
    },
  });

describe('a never statement', () => {
  it.each([
    'auto_approved && labels.risk == "high"',
    'auto-approved and labels.risk == "high"',
    'labels.risk == "high" and not (approvals >= 2)',
    'request.access == "read" and auto-approved or flow == "no such"',
    '"contractors" in requester.groups',
  ])('that is true of no decision passes: %s', async (statement) => {
    expect(await counterexamples(statement)).toEqual([]);
  });

  it('that is false has a counterexample for each access: who, what, for how long, and by which flow', async () => {
    expect(await counterexamples('auto-approved and labels.risk == "low"')).toEqual([
      'ana@example.com, auto for 1s: approved automatically by the flow “self-service”',
    ]);
    expect(await counterexamples('approvals < 3 and not auto-approved and requester.email.startsWith("ben")')).toEqual([
      'ben@example.com, both for 1s: decided by the flow “normal”',
      'ben@example.com, direct for 1s: decided by the flow “two”',
      'ben@example.com, read for 1s: decided by the flow “normal”',
    ]);
  });

  it('says nothing of what is refused', async () => {
    const denied = changed(world, { auto: { ...labelled({ risk: 'low' }), deny: ['everyone'] } });
    expect(await counterexamples('auto-approved', denied)).toEqual([]);
  });

  it('finds the durations at which a condition turns, to the second', async () => {
    const statement = 'auto-approved and request.duration >= duration("59m59s")';
    expect(await counterexamples(`${statement} and labels.risk == "high"`, short())).toEqual([
      'ana@example.com, write for 59m59s: approved automatically by the flow “short”',
    ]);
    const longer = 'auto-approved and request.duration >= duration("1h") and labels.risk == "high"';
    expect(await counterexamples(longer, short())).toEqual([]);
    expect(await counterexamples('request.duration > duration("3h") and request.access == "read"')).toEqual([
      'ana@example.com, read for 3h1s: decided by the flow “normal”',
    ]);
  });

  it('holds whatever a requester writes: a condition on the reason or on fields may hold, and may not', async () => {
    const free = short({
      fields: { ticket: { label: 'Ticket', required: true } },
      flows: [
        { name: 'with a ticket', when: 'request.fields.ticket.startsWith("INC")', steps: [step('dba')] },
        { name: 'urgent', when: 'request.reason.contains("urgent")', auto_approve: true },
        { name: 'else', steps: [step('dba', 2)] },
      ],
    });
    const of = (statement: string) => counterexamples(`${statement} and request.access == "write"`, free);
    expect(await of('approvals == 1')).toEqual([
      'ana@example.com, write for 1s: decided by the flow “with a ticket”, when the condition of “with a ticket” holds',
    ]);
    expect(await of('auto-approved')).toEqual([
      'ana@example.com, write for 1s: approved automatically by the flow “urgent”, when the condition of “with a ticket” does not hold and the one of “urgent” holds',
    ]);
    expect(await of('approvals == 2')).toHaveLength(1);
    expect(await of('approvals == 3')).toEqual([]);
  });

  describe('and time', () => {
    const office = {
      ...short({
        flows: [
          { name: 'office', when: 'in_schedule("office")', auto_approve: true },
          { name: 'else', steps: [step('dba')] },
        ],
      }),
      settings: { schedules: { office: { days: ['mon'], from: '09:00', to: '17:00' } } },
    };
    const of = (statement: string) => counterexamples(`${statement} and request.access == "write"`, office);

    it('holds at any time, when it does not read it', async () => {
      // The pinned day is a Tuesday: on it the flow would not decide.
      expect(await of('auto-approved')).toHaveLength(1);
      expect(await of('approvals == 1')).toHaveLength(1);
    });

    it('holds at `now`, when it does', async () => {
      expect(await of('auto-approved and not in_schedule("office")')).toEqual([]);
      expect(await of('not auto-approved and not in_schedule("office")')).toHaveLength(1);
    });

    it('needs a `now` for that', () => {
      const text = file('auto-approved and not in_schedule("office")').replace(/now: .*\n/, '');
      expect(problemsIn(text, office)).toEqual([expect.stringMatching(/^a\.test\.yaml:4:5 missing-now /)]);
    });
  });

  describe('that names emergencies or extensions', () => {
    const others = changed(world, {
      write: {
        ...labelled({ risk: 'high' }),
        duration: { default: '1h', max: '4h', extend: { times: 2, by: '1h' } },
        break_glass: { allow: ['group:security'] },
      },
      auto: {
        ...labelled({ risk: 'low' }),
        duration: { default: '1h', max: '1h', extend: { times: 1, by: '1h' } },
      },
    });
    const of = (statement: string) => counterexamples(statement, others);

    it('is about them, too', async () => {
      expect(await of('emergency and labels.risk == "high"')).toEqual([
        'eli@example.com, write in an emergency for 1s: taken at once, and reviewed afterwards',
      ]);
      expect(await of('emergency and not ("security" in requester.groups)')).toEqual([]);
      expect(await of('emergency and request.duration > duration("2h")')).toHaveLength(1);
      expect(await of('extension and approvals < 2 and labels.risk == "high"')).toEqual([
        'ana@example.com, write extended to 1h1s: decided by the flow “careful”',
      ]);
      expect(await of('extension and auto-approved')).toEqual([
        'ana@example.com, auto extended to 1h: approved automatically by the flow “self-service”',
      ]);
    });

    it('still is about requests', async () => {
      expect(await of('auto-approved and not emergency and not extension')).toEqual([
        'ana@example.com, auto for 1s: approved automatically by the flow “self-service”',
      ]);
    });

    it('is about an emergency as of what nobody approves, neither people nor the policy', async () => {
      expect(
        await of('emergency and (approvals > 0 or auto-approved or delegable > 0 or timeout > duration("1s"))'),
      ).toEqual([]);
    });

    it('and one that names neither means what it meant before there were any', async () => {
      expect(await of('approvals < 3 and labels.risk == "high"')).toEqual([]);
      expect(await of('auto-approved and labels.risk == "high"')).toEqual([]);
      expect(await of('request.duration > duration("1h") and labels.risk == "low"')).toEqual([]);
    });

    it('finds the duration at which the flow of an extension turns', async () => {
      const turning = short({ duration: { default: '30m', max: '4h', extend: { times: 1, by: '15m' } } });
      const at = (statement: string) => counterexamples(`extension and ${statement}`, turning);
      expect(await at('auto-approved and request.access == "write"')).toEqual([
        'ana@example.com, write extended to 15m1s: approved automatically by the flow “short”',
      ]);
      expect(await at('auto-approved and request.access == "write" and request.duration >= duration("1h")')).toEqual(
        [],
      );
      expect(await at('approvals == 2 and request.duration <= duration("1h")')).toEqual([
        'ana@example.com, write extended to 1h: decided by the flow “careful”',
      ]);
    });

    it('says in the report of what it is', async () => {
      const scopes = (statement: string) =>
        suitesIn(file(statement), others).flatMap(({ tests }) => tests.map(({ scope }) => scope));
      expect(scopes('auto-approved')).toEqual(['of requests']);
      expect(scopes('emergency and auto-approved')).toEqual(['of requests, emergencies']);
      expect(scopes('emergency or extension')).toEqual(['of requests, extensions, emergencies']);
      const results = await runTests(suitesIn(file('flow == "none"'), others), { providers: fakeProviders });
      expect(treeReport(results)).toContain('✓ never: flow == "none" (of requests)\n');
    });
  });

  it('knows how long a request waits, and whether votes may be handed over', async () => {
    const away = changed(world, {
      write: {
        ...labelled({ risk: 'high' }),
        flows: [
          { name: 'normal', steps: [step('dba'), { ...step('security'), delegation: 'allowed' }], timeout: '9h' },
        ],
      },
    });
    expect(await counterexamples('delegable == 1', away)).toEqual([
      'ana@example.com, write for 1s: decided by the flow “normal”',
    ]);
    expect(await counterexamples('delegable > 1', away)).toEqual([]);
    expect(await counterexamples('timeout > duration("8h")', away)).toHaveLength(1);
    expect(await counterexamples('timeout > duration("9h")', away)).toEqual([]);
    // What is approved automatically waits for nobody.
    expect(await counterexamples('auto-approved and timeout > duration("1s")', away)).toEqual([]);
  });

  it('may have a name, and may stand alone', async () => {
    const named = `${HEAD}never: [{name: high risk is seen by people, that: 'auto-approved and labels.risk == "high"'}]\n`;
    expect(await failuresIn(named, world)).toEqual({ 'high risk is seen by people': [] });
    const alone = `${HEAD}never: auto-approved and labels.risk == "high"\n`;
    expect(await failuresIn(alone, world)).toEqual({ 'never: auto-approved and labels.risk == "high"': [] });
  });

  it.each([
    ['auto-aproved', 'condition-syntax', 5],
    ['auto_approvd', 'condition-name', 5, 'auto_approved'],
    ['labels.risc == "high"', 'condition-name', 5, 'risk'],
    ['auto-approved and "dbaa" in requester.groups', 'condition-name', 23, 'dba'],
    ['approvals', 'condition-type', 5, 'true or false'],
    ['approvals and auto-approved', 'condition-type', 5],
    ['auto-approved and', 'condition-syntax', 5],
    ['request.reason == "x"', 'bad-statement', 5, 'whatever somebody writes'],
  ])('that cannot be understood is a problem at its place: %s', (statement, code, col, says = '') => {
    const problems = problemsIn(`${HEAD}never:\n  - '${statement}'\n`, world);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^a\\.test\\.yaml:5:\\d+ ${code} `))]);
    expect(problems[0]).toContain(says);
    expect(Number(problems[0]?.split(':')[2]?.split(' ')[0])).toBeGreaterThanOrEqual(col);
  });

  it('leaves words in quotes as they are', async () => {
    expect(await counterexamples('labels.risk == "high and not low" or labels.env == "auto-approved"')).toEqual([]);
    expect(await counterexamples('labels.risk == "high" and labels.env == "prod"')).toHaveLength(1);
  });
});
