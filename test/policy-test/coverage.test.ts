import { coverageOf, coverageText, lcov, percentOf, Recorder, runTests } from '../../src/policy-test/index.ts';
import { changed, fakeProviders, step, usual, type World } from '../support/world.ts';
import { read, timeline } from './support/run.ts';

const only = (values: Record<string, unknown> = {}): World => ({
  ...usual,
  accesses: { read: { ...usual.accesses.read, ...values } },
});

async function covered(world: World, ...steps: string[]) {
  const tests = read(timeline(...steps), world);
  if (!tests.ok) throw new Error(JSON.stringify(tests.problems));
  const recorder = new Recorder();
  await runTests(tests.suites, { providers: fakeProviders, witnessOf: () => recorder.witness() });
  return coverageOf(tests.policies, recorder);
}

/** What no test saw decided. */
const missing = async (world: World, ...steps: string[]) =>
  (await covered(world, ...steps)).files.flatMap(({ items }) =>
    items.filter(({ hits }) => hits === 0).map(({ what }) => what),
  );

const NOTHING = 'at: +1s';

describe('coverage', () => {
  it('counts what can refuse, every flow and every step', async () => {
    const world = only({
      deny: ['group:contractors'],
      reason: { required: true },
      flows: [
        { name: 'normal', steps: [step('dba', 2), step('security')] },
        { name: 'other', auto_approve: true },
      ],
    });
    expect(await missing(world, NOTHING)).toEqual([
      'nobody was refused by `requesters`',
      'nobody was refused by `duration`',
      'the flow “normal” never decided',
      'step 1 of the flow “normal” was never filled',
      'step 2 of the flow “normal” was never filled',
      'the flow “other” never decided',
      'nobody was refused by `deny`',
      'nobody was refused by `reason`',
    ]);
  });

  it('leaves out what cannot refuse', async () => {
    expect(await missing(only({ requesters: ['everyone'] }), NOTHING)).not.toContain(
      'nobody was refused by `requesters`',
    );
  });

  it.each([
    ['do: gus requests read, expect: {refused: not-eligible}', 'nobody was refused by `requesters`'],
    ['do: ana requests read for 5h, expect: {refused: too-long}', 'nobody was refused by `duration`'],
    ['do: ana requests read', 'the flow “normal” never decided'],
  ])('of %s', async (tested, what) => {
    const world = only();
    expect(await missing(world, NOTHING)).toContain(what);
    expect(await missing(world, tested)).not.toContain(what);
  });

  it('of a duration that nobody can read is none', async () => {
    const tested = 'do: ana requests read for ever, expect: {refused: invalid-duration}';
    expect(await missing(only(), tested)).toContain('nobody was refused by `duration`');
  });

  it('of a step is that it was filled, not that somebody voted', async () => {
    const world = only({ flows: [{ name: 'normal', steps: [step('dba', 2)] }] });
    const filled = 'step 1 of the flow “normal” was never filled';
    expect(await missing(world, 'do: ana requests read', 'do: dee approves')).toContain(filled);
    expect(await missing(world, 'do: ana requests read', 'do: dee approves', 'do: cy approves')).not.toContain(filled);
  });

  it('of an escalation is that it happened', async () => {
    const escalating = { ...step('dba'), escalate: { after: '30m', to: ['group:security'] } };
    const world = only({ flows: [{ name: 'normal', steps: [escalating] }] });
    const escalated = 'step 1 of the flow “normal” never escalated';
    expect(
      await missing(world, 'do: ana requests read', 'at: +29m59s, expect: {may_approve: [cy, dee, eli]}'),
    ).toContain(escalated);
    expect(
      await missing(world, 'do: ana requests read', 'at: +30m, expect: {may_approve: [cy, dee, eli, fay]}'),
    ).not.toContain(escalated);
  });

  it('of a condition is that it was true, and that it was false', async () => {
    const world = only({
      flows: [
        { name: 'short', when: 'request.duration <= duration("1h")', auto_approve: true },
        { name: 'long', when: '"dba" in requester.groups', steps: [step('security')] },
      ],
    });
    const conditions = async (...steps: string[]) =>
      (await missing(world, ...steps)).filter((what) => what.includes('condition'));
    expect(await conditions(NOTHING)).toEqual([
      'the condition of the flow “short” was never true',
      'the condition of the flow “short” was never false',
      'the condition of the flow “long” was never true',
      'the condition of the flow “long” was never false',
    ]);
    expect(
      await conditions('do: ana requests read', 'do: ben requests read for 2h, expect: {refused: no-flow}'),
    ).toEqual(['the condition of the flow “long” was never true']);
  });

  it('of fields is that one was wrong, and of extensions that there was one, and that there was one too many', async () => {
    const world = only({
      fields: { ticket: { label: 'Ticket', required: true } },
      duration: { default: '1h', max: '4h', extend: { times: 1, by: '1h' } },
      flows: [{ name: 'open', auto_approve: true }],
    });
    expect(await missing(world, NOTHING)).toEqual(
      expect.arrayContaining([
        'nobody was refused by `fields`',
        'nobody extended it',
        'nobody was refused one extension more than there are',
      ]),
    );
    const steps = [
      'do: ana requests read, expect: {refused: invalid-field}',
      'do: ana requests read with ticket=1',
      'do: ana extends',
      'do: ana extends, expect: {refused: no-extensions-left}',
    ];
    expect(await missing(world, ...steps)).toEqual([
      'nobody was refused by `requesters`',
      'nobody was refused by `duration`',
    ]);
  });

  it('of an emergency is that it was taken, refused, used up, reviewed, and overdue', async () => {
    const world = only({
      deny: ['user:gus@example.com'],
      break_glass: { allow: ['group:backend', 'group:contractors'], quota: { times: 1, per: '2d' } },
    });
    const items = [
      'nobody took it in an emergency',
      'nobody was refused by `break_glass`',
      'nobody was refused by the `quota` of `break_glass`',
      'no emergency was reviewed',
      'no review of an emergency was overdue',
    ];
    const others = [
      'nobody was refused by `requesters`',
      'nobody was refused by `duration`',
      'the flow “normal” never decided',
      'step 1 of the flow “normal” was never filled',
      'nobody was refused by `deny`',
    ];
    const of = (...steps: string[]) => missing(world, ...steps);
    const take = 'do: ana takes read in an emergency because "down"';
    expect(await of(NOTHING)).toEqual(expect.arrayContaining([...items, ...others]));
    expect(await of(take)).not.toContain(items[0]);
    // Neither a flow decided it nor was anybody refused by the rules of ordinary requests.
    expect(await of(take)).toEqual(expect.arrayContaining(others));
    expect(await of('do: dee takes read in an emergency because "down", expect: {refused: not-eligible}')).toEqual(
      expect.arrayContaining([...others, ...items.filter((item) => item !== items[1])]),
    );
    expect(await of(take, `${take}, expect: {refused: quota-used}`)).not.toContain(items[2]);
    expect(await of(take, 'do: dee reviews as fine because "it was down"')).not.toContain(items[3]);
    expect(await of(take, 'at: +24h')).not.toContain(items[4]);
    // `deny` and `max` are the same rules as for requests.
    expect(
      await of('do: gus takes read in an emergency because "x", expect: {refused: denied-by-policy}'),
    ).not.toContain(others[4]);
    expect(
      await of('do: ana takes read in an emergency for 5h because "x", expect: {refused: too-long}'),
    ).not.toContain(others[1]);
  });

  it('of a delegation is that somebody voted for an approver who is away', async () => {
    const world = only({ flows: [{ name: 'normal', steps: [{ ...step('dba'), delegation: 'allowed' }] }] });
    const delegated = 'nobody voted for somebody else in step 1 of the flow “normal”';
    expect(await missing(world, 'do: ana requests read', 'do: cy approves')).toContain(delegated);
    const away = ['do: cy is away for 3d delegate gus', 'do: ana requests read', 'do: gus approves'];
    expect(await missing(world, ...away)).not.toContain(delegated);
  });

  it('of an end without use is that something ended so', async () => {
    const world = only({ revoke_on_idle: '30m', flows: [{ name: 'open', auto_approve: true }] });
    const unused = 'it never ended because nobody used it';
    expect(await missing(world, 'do: ana requests read', 'at: +1h')).toContain(unused);
    expect(await missing(world, 'do: ana requests read', 'do: ana is idle', 'at: +30m')).not.toContain(unused);
  });

  it('is a share by file and in total, which is 100 only of everything', async () => {
    const coverage = await covered(changed(usual, {}), 'do: ana requests read');
    expect(percentOf(coverage)).toBeGreaterThan(0);
    expect(percentOf({ covered: 0, total: 0 })).toBe(100);
    expect(percentOf({ covered: 1999, total: 2000 })).toBeLessThan(100);
    expect(coverageText(coverage)).toMatch(/ total +\d+\.\d % +1 of \d+\n$/);
    expect(coverageText({ ...coverage, covered: 1999, total: 2000 })).toContain('99.9 %');
  });

  it('is written as lcov reads it', async () => {
    const text = lcov(await covered(only(), 'do: ana requests read'));
    expect(text).toMatch(/^TN:\nSF:policies\.yaml\n/);
    expect(text).toMatch(/\nBRF:4\nBRH:1\n/);
    expect(text).toMatch(/\nend_of_record\n$/);
    const taken = [...text.matchAll(/^BRDA:\d+,0,\d+,(-|\d+)$/gm)].map(([, count]) => count);
    expect(taken.sort()).toEqual(['-', '-', '-', '1']);
  });
});
