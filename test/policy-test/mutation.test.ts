import { mutate, NO_WITNESS, runTests, Touched } from '../../src/policy-test/index.ts';
import { fakeProviders, step, usual, type World } from '../support/world.ts';
import { HEAD, read } from './support/run.ts';

const world: World = {
  ...usual,
  accesses: {
    read: {
      ...usual.accesses.read,
      deny: ['group:contractors'],
      reason: { required: true, min_length: 5 },
      flows: [{ name: 'normal', steps: [step('dba', 2), { approvers: ['group:security', 'manager'], need: 1 }] }],
    },
  },
  groups: { ...usual.groups, contractors: ['ben'] },
};

async function survivors(tests: string, of: World = world, total = 14) {
  const result = read(HEAD + tests, of);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const touched = new Touched();
  const results = await runTests(result.suites, {
    providers: fakeProviders,
    witnessOf: (test) => touched.witness(test, NO_WITNESS),
  });
  expect(results.flatMap((suite) => suite.results.flatMap(({ failures }) => failures))).toEqual([]);
  const mutation = await mutate(result.policies, result.suites, touched, fakeProviders);
  expect(mutation.total).toBe(total);
  return mutation.survivors.map(({ what }) => what);
}

const WEAK = 'timelines: [{name: it, steps: [{do: ana requests read because "INC-42"}]}]\n';
const STRONG = `matrices:
  - name: it
    expect:
      read:
        ana: {flow: normal, needs: {dba: 2, 'security, manager': 1}}
        ben: denied-by-policy
        everyone: not-eligible
  - {name: too long, people: [ana], durations: [4h1s], expect: {read: {ana: too-long}}}
  - {name: no reason, people: [ana], reason: INC, expect: {read: {ana: invalid-field}}}
timelines:
  - name: the default
    steps:
      - do: ana requests read because "INC-42"
      - do: cy approves
      - do: dee approves
      - {do: fay approves, expect: {ends_at: +1h}}
`;

describe('mutation', () => {
  it('weakens every rule, and lists what no test notices', async () => {
    expect(await survivors(WEAK)).toEqual([
      'with `everyone` among `requesters`',
      'without group:contractors in `deny`',
      'with a `max` of 8h',
      'with a `default` of 4h',
      'without a required `reason`',
      'without step 1 of the flow “normal”',
      'with `need: 1` in step 1 of the flow “normal”',
      'with `everyone` in step 1 of the flow “normal”',
      'without step 2 of the flow “normal”',
      'without manager in step 2 of the flow “normal”',
      'with `everyone` in step 2 of the flow “normal”',
    ]);
  });

  it('finds nothing where every rule is tested', async () => {
    expect(await survivors(STRONG)).toEqual([]);
  });

  it.each([
    ['  - {name: too long', 'with a `max` of 8h'],
    ['  - {name: no reason', 'without a required `reason`'],
    ['      - {do: fay approves, expect', 'with a `default` of 4h'],
  ])('says what is not noticed without the line %s', async (line, what) => {
    const without = STRONG.split('\n').filter((each) => !each.startsWith(line));
    expect(await survivors(without.join('\n'))).toEqual([what]);
  });

  it('weakens conditions, fields and extensions', async () => {
    const small: World = {
      ...usual,
      accesses: {
        read: {
          ...usual.accesses.read,
          requesters: ['everyone'],
          duration: { default: '1h', max: '1h', extend: { times: 1, by: '1h' } },
          fields: { ticket: { label: 'Ticket', pattern: '^INC', required: true } },
          flows: [{ name: 'open', when: '"backend" in requester.groups', auto_approve: true }],
        },
      },
    };
    const tests =
      'timelines: [{name: it, steps: [{do: ana requests read with ticket=INC-42, expect: {ends_at: +1h}}]}]\n';
    expect(await survivors(tests, small, 8)).toEqual([
      'with a `max` of 2h',
      'without a required `ticket`',
      'with anything as `ticket`',
      'with `extend` by 2h',
      'with `extend` 2 times',
      'without the condition of the flow “open”',
    ]);
  });
});
