import { changed, step, usual } from '../support/world.ts';
import { differences, problemsIn, timeline } from './support/run.ts';

const world = changed(usual, {
  read: { flows: [{ name: 'normal', steps: [{ ...step('dba', 2), delegation: 'allowed' }] }] },
  write: {
    flows: [{ name: 'normal', steps: [{ ...step('security'), remind_every: '10m' }], timeout: '1h' }],
  },
});

describe('a delegation in a timeline', () => {
  it('lets one person vote for another who is away, where the step allows it', async () => {
    const steps = [
      'do: cy is away for 3d delegate gus',
      'do: ana requests read, expect: {may_approve: [cy, dee, eli, gus for cy]}',
      'do: gus approves, expect: {needs: {dba: 1}, approved_by: [gus for cy], may_approve: [dee, eli]}',
      'do: cy approves, expect: {refused: already-voted}',
      'do: dee approves, expect: {status: approved, approved_by: [gus for cy, dee]}',
    ];
    expect(await differences(steps, world)).toEqual([]);
  });

  it('ends by itself, and when the person is back', async () => {
    const steps = [
      'do: ana requests read',
      'do: cy is away until 2026-03-03 delegate gus, expect: {may_approve: [cy, dee, eli, gus for cy]}',
      'do: cy is back, expect: {may_approve: [cy, dee, eli]}',
      'do: gus approves, expect: {refused: not-an-approver}',
      'do: cy is back, expect: {refused: invalid-delegation}',
      'do: cy is away for 1h delegate gus',
      'at: +59m59s, expect: {may_approve: [cy, dee, eli, gus for cy]}',
      'at: +1h, do: gus approves, expect: {refused: not-an-approver}',
    ];
    expect(await differences(steps, world)).toEqual([]);
  });

  it('means nothing where a step does not allow it, and to approvers themselves', async () => {
    const steps = [
      'do: fay is away for 3d delegate gus',
      'do: ana requests write, expect: {may_approve: [eli, fay]}',
      'do: gus approves, expect: {refused: not-an-approver, approved_by: []}',
      'do: dee is away for 3d delegate cy',
      'do: ana requests read, expect: {may_approve: [cy, dee, eli]}',
      'do: cy approves, expect: {approved_by: [cy]}',
    ];
    expect(await differences(steps, world)).toEqual([]);
  });

  it('is refused as in Slack', async () => {
    const steps = [
      'do: cy is away for 3d delegate cy, expect: {refused: invalid-delegation}',
      'do: cy is away for 91d delegate gus, expect: {refused: invalid-delegation}',
      'do: cy is away until 2026-03-01 delegate gus, expect: {refused: invalid-delegation}',
      'do: stranger is away for 3d delegate gus, expect: {refused: unknown-person}',
    ];
    expect(await differences(steps, world)).toEqual([]);
  });

  it.each([
    ['cy is away', 'It ends where `until` or `for` should come. It is written: ben is away until DATE|for DURATION'],
    ['cy is away until tomorrow delegate gus', '`tomorrow` is no date, such as 2026-12-01.'],
    ['cy is away for ever delegate gus', '`ever` is no duration: '],
    ['cy is away for 3d', 'It ends where `delegate` should come.'],
    ['cy is away for 3d delegate guss', 'There is no person `guss` in the directory. Did you mean `gus`?'],
    ['cy is bakc', 'Nobody can do `is bakc`. Did you mean `is back`?'],
  ])('%s: says what would be right', (sentence, why) => {
    const problems = problemsIn(timeline(`do: '${sentence}'`), world);
    expect(problems).toEqual([expect.stringMatching(/^a\.test\.yaml:7:\d+ bad-do /)]);
    expect(problems[0]).toContain(why);
  });

  it('tells a wrong voter at its place', () => {
    expect(problemsIn(timeline('expect: {approved_by: [cy, gus instead of cy, guss for cy]}'))).toEqual([
      expect.stringMatching(/^a\.test\.yaml:7:37 unknown-person Write a person, or `cleo for ben`/),
      expect.stringMatching(/^a\.test\.yaml:7:56 unknown-person .*`guss`.*`gus`/),
    ]);
  });
});

describe('reminders in a timeline', () => {
  it('are counted until now', async () => {
    const steps = [
      'do: ana requests write, expect: {reminders: 0}',
      'at: +9m59s, expect: {reminders: 0}',
      'at: +35m, expect: {reminders: 3}',
      'at: +2h, expect: {reminders: 5, status: lapsed}',
    ];
    expect(await differences(steps, world)).toEqual([]);
    expect(await differences(['do: ana requests write, expect: {reminders: 1}'], world)).toEqual([
      '7 reminders after “ana requests write”: 1 → 0',
    ]);
  });
});
