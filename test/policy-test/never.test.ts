import { changed, step, usual, type World } from '../support/world.ts';
import { failuresIn, HEAD, problemsIn } from './support/run.ts';

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
