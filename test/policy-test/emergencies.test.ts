import { changed, usual } from '../support/world.ts';
import { differences, problemsIn, timeline } from './support/run.ts';

const world = changed(usual, {
  write: {
    break_glass: { allow: ['group:security'], review_within: '24h', quota: { times: 2, per: '30d' } },
    duration: { default: '1h', max: '4h' },
  },
});
const TAKES = 'fay takes write in an emergency for 30m because "the shop is down"';

describe('an emergency in a timeline', () => {
  it('gives at once, is reviewed by those who could have approved, and ends like any other', async () => {
    const steps = [
      `do: '${TAKES}', expect: {status: approved, flow: break-glass, needs: {}, may_approve: [], grant: active, ends_at: +30m, present: [role writer at db], review: due, review_by: +24h, may_review: [cy, dee, eli]}`,
      `do: 'fay reviews as fine because "it was me"', expect: {refused: own-request}`,
      `do: 'gus reviews as fine because "why not"', expect: {refused: not-an-approver, review: due}`,
      'at: +30m, expect: {grant: ended, ended: expired, present: false}',
      `at: +2h, do: 'dee reviews write of fay as fine because "the pager says the same"', expect: {review: fine, may_review: []}`,
      `do: 'cy reviews as not-justified because "no ticket"', expect: {refused: already-reviewed, review: fine}`,
    ];
    expect(await differences(steps, world)).toEqual([]);
  });

  it('is overdue when nobody looked at it in time, and can still be reviewed', async () => {
    const steps = [
      `do: '${TAKES}'`,
      'at: +23h59m59s, expect: {review: due}',
      'at: +24h, expect: {review: overdue, may_review: [cy, dee, eli]}',
      `at: +3d, do: 'eli reviews as not-justified because "no incident"', expect: {review: not-justified}`,
    ];
    expect(await differences(steps, world)).toEqual([]);
  });

  it('is overdue at its own time, whenever a step looks at it', async () => {
    const steps = [`do: '${TAKES}'`, 'at: +2d, expect: {review: overdue}'];
    expect(await differences(steps, world)).toEqual([]);
  });

  it('keeps its quota, which is of one person and of a moving time', async () => {
    const steps = [
      `do: '${TAKES}'`,
      `at: +1d, do: '${TAKES}'`,
      `at: +2d, do: '${TAKES}', expect: {refused: quota-used}`,
      'at: +2d, do: eli takes write in an emergency because "the shop is down", expect: {grant: active}',
      `at: +30d, do: '${TAKES}', expect: {grant: active, ends_at: +30d30m}`,
    ];
    expect(await differences(steps, world)).toEqual([]);
  });

  it('refuses what the policies refuse', async () => {
    const steps = [
      'do: ana takes write in an emergency because "the shop is down", expect: {refused: not-eligible, status: pending}',
    ];
    expect(await differences(steps, world)).toEqual([
      expect.stringContaining(
        'status after “ana takes write in an emergency because "the shop is down"”: pending → no request',
      ),
    ]);
    const more = [
      'do: fay takes write in an emergency, expect: {refused: invalid-field}',
      'do: fay takes write in an emergency for 5h because "down", expect: {refused: too-long}',
      'do: fay takes write in an emergency for ever because "down", expect: {refused: invalid-duration}',
      'do: fay takes read in an emergency because "down", expect: {refused: not-eligible}',
      'do: stranger takes write in an emergency because "down", expect: {refused: unknown-person}',
      'do: ana requests read',
      'do: cy reviews as fine because "nothing to see", expect: {refused: not-reviewable}',
      'at: +1s, do: gus ends, expect: {refused: no-such-grant}',
    ];
    expect(await differences(more, world)).toEqual([]);
  });

  it('says what is wrong with an expectation, with how the policies came to it', async () => {
    expect(
      await differences([`do: '${TAKES}', expect: {review: fine, review_by: +1h, may_review: [gus]}`], world),
    ).toEqual([
      `7 review after “${TAKES}”: fine → due`,
      `7 review_by after “${TAKES}”: 2026-03-03T10:00:00.000Z → 2026-03-04T09:00:00.000Z`,
      `7 may_review after “${TAKES}”: gus@example.com → cy@example.com, dee@example.com, eli@example.com`,
    ]);
    expect(await differences(['do: ana requests read, expect: {review: due, may_review: []}'], world)).toEqual([
      '7 review after “ana requests read”: due → no emergency',
      '7 may_review after “ana requests read”: nobody → no emergency',
    ]);
  });
});

describe('a sentence about an emergency', () => {
  it.each([
    [
      'fay takes write',
      'It ends where `in` should come. It is written: ana takes ACCESS in an emergency [for DURATION]',
    ],
    ['fay takes write for 1h', '`in` should come where `for` stands.'],
    ['fay takes wriet in an emergency', 'There is no access `wriet`. Did you mean `write`?'],
    ['dee reviews write', 'It ends where `as` should come. It is written: dee reviews [ACCESS]'],
    ['dee reviews as okay because "x"', '`okay` is no verdict: write fine or not-justified.'],
    ['dee reviews as fine', 'It ends where `because` should come.'],
    ['dee reviews as fine because', 'It ends where what was found, in quotes should come.'],
  ])('%s: says what would be right', (sentence, why) => {
    const problems = problemsIn(timeline(`do: '${sentence}'`), world);
    expect(problems).toEqual([expect.stringMatching(/^a\.test\.yaml:7:\d+ bad-do /)]);
    expect(problems[0]).toContain(why);
  });

  it('expects a verdict that there is', () => {
    expect(problemsIn(timeline('expect: {review: okay}'))).toEqual([expect.stringMatching(/^a\.test\.yaml:7:27 /)]);
  });
});
