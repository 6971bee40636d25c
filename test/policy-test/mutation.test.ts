import { mutate, NO_WITNESS, runTests, Touched } from '../../src/policy-test/index.ts';
import { mutantsOf } from '../../src/policy-test/mutation/mutants.ts';
import { changed, fakeProviders, policiesOf, step, usual, type World } from '../support/world.ts';
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

async function survivors(tests: string, of: World = world, total = 18) {
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
  - name: nobody answers
    steps:
      - do: ana requests read because "INC-42"
      - {at: +8h, expect: {status: lapsed}}
never: delegable > 0
`;

describe('mutation', () => {
  it('weakens every rule, and lists what no test notices', async () => {
    expect(await survivors(WEAK)).toEqual([
      'with `everyone` among `requesters`',
      'without group:contractors in `deny`',
      'with a `max` of 8h',
      'with a `default` of 4h',
      'without a required `reason`',
      'with `auto_approve` instead of the steps of the flow “normal”',
      'with `timeout: 16h` in the flow “normal”',
      'without step 1 of the flow “normal”',
      'with `need: 1` in step 1 of the flow “normal”',
      'with `everyone` in step 1 of the flow “normal”',
      'with `delegation: allowed` in step 1 of the flow “normal”',
      'without step 2 of the flow “normal”',
      'without manager in step 2 of the flow “normal”',
      'with `everyone` in step 2 of the flow “normal”',
      'with `delegation: allowed` in step 2 of the flow “normal”',
    ]);
  });

  it('finds nothing where every rule is tested', async () => {
    expect(await survivors(STRONG)).toEqual([]);
  });

  it.each([
    ['  - {name: too long', 'with a `max` of 8h'],
    ['  - {name: no reason', 'without a required `reason`'],
    ['      - {do: fay approves, expect', 'with a `default` of 4h'],
    ['      - {at: +8h', 'with `timeout: 16h` in the flow “normal”'],
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
          revoke_on_idle: '30m',
          fields: { ticket: { label: 'Ticket', pattern: '^INC', required: true } },
          flows: [{ name: 'open', when: '"backend" in requester.groups', auto_approve: true }],
        },
      },
    };
    const tests =
      'timelines: [{name: it, steps: [{do: ana requests read with ticket=INC-42, expect: {ends_at: +1h}}]}]\n';
    expect(await survivors(tests, small, 10)).toEqual([
      'with a `max` of 2h',
      'without a required `ticket`',
      'with anything as `ticket`',
      'with `extend` by 2h',
      'with `extend` 2 times',
      'without `revoke_on_idle`',
      'with `revoke_on_idle: 1h`',
      'without the condition of the flow “open”',
    ]);
  });
});

/** A rule of every kind. */
const whole: World = {
  ...usual,
  accesses: {
    read: {
      ...usual.accesses.read,
      deny: ['group:contractors'],
      duration: { default: '1h', max: '4h', extend: { times: 1, by: '1h', approval: 'all-steps' } },
      flows: [
        {
          name: 'normal',
          steps: [
            {
              ...step('dba'),
              remind_every: '10m',
              escalate: { after: '30m', to: ['group:security', 'user:gus@example.com'] },
              delegation: 'allowed',
            },
            step('security'),
          ],
          timeout: '12h',
        },
      ],
      break_glass: { allow: ['group:security', 'group:dba'], review_within: '24h', quota: { times: 1, per: '2d' } },
    },
  },
  groups: { ...usual.groups, contractors: ['ben'] },
};

const OF_WHOLE = `matrices:
  - name: who may ask
    expect: {read: {ana: allowed, ben: denied-by-policy, everyone: not-eligible}}
  - {name: too long, people: [ana], durations: [4h1s], expect: {read: {ana: too-long}}}
timelines:
  - name: nobody answers
    steps:
      - {do: ana requests read, expect: {needs: {dba: 1, security: 1}}}
      - {at: +10m, expect: {reminders: 1}}
      - {at: +15m, expect: {may_approve: [cy, dee, eli]}}
      - {at: +30m, expect: {may_approve: [cy, dee, eli, fay, gus]}}
      - {at: +8h, expect: {status: pending}}
      - {at: +12h, expect: {status: lapsed}}
  - name: somebody stands in, and it is extended
    steps:
      - do: cy is away for 3d delegate gus
      - do: fay is away for 3d delegate ben
      - do: ana requests read
      - {do: gus approves, expect: {approved_by: [gus for cy]}}
      - {do: ben approves, expect: {refused: not-an-approver}}
      - {do: eli approves, expect: {ends_at: +1h}}
      - {do: ana extends, expect: {needs: {dba: 1, security: 1}}}
      - do: dee approves
      - {do: eli approves, expect: {ends_at: +2h}}
      - {do: ana extends, expect: {refused: no-extensions-left}}
  - name: an emergency
    steps:
      - {do: ana takes read in an emergency because "down", expect: {refused: not-eligible}}
      - {do: dee takes read in an emergency because "down", expect: {grant: active}}
      - {do: fay takes read in an emergency because "down", expect: {review_by: +24h}}
      - {at: +1d, do: fay takes read in an emergency because "down", expect: {refused: quota-used}}
`;

describe('a rule of any kind', () => {
  const named = (of: World) => mutantsOf(policiesOf(of)).map(({ what }) => what);

  it('is weakened in each way there is, and each can be noticed', async () => {
    expect(named(whole)).toEqual([
      'without group:backend among `requesters`',
      'with `everyone` among `requesters`',
      'without group:contractors in `deny`',
      'with a `max` of 8h',
      'with a `default` of 4h',
      'with `extend` by 2h',
      'with `extend` 2 times',
      'with `extend` approved by nobody',
      'with `extend` approved by the last step',
      'without the flow “normal”',
      'with `auto_approve` instead of the steps of the flow “normal”',
      'with `timeout: 1d` in the flow “normal”',
      'with `timeout: 8h` in the flow “normal”',
      'without step 1 of the flow “normal”',
      'with `everyone` in step 1 of the flow “normal”',
      'without the escalation in step 1 of the flow “normal”',
      'with an escalation after 15m in step 1 of the flow “normal”',
      'with an escalation after 1h in step 1 of the flow “normal”',
      'without group:security in `escalate.to` in step 1 of the flow “normal”',
      'without user:gus@example.com in `escalate.to` in step 1 of the flow “normal”',
      'with `everyone` in `escalate.to` in step 1 of the flow “normal”',
      'without `remind_every` in step 1 of the flow “normal”',
      'with `remind_every: 20m` in step 1 of the flow “normal”',
      'without `delegation: allowed` in step 1 of the flow “normal”',
      'without step 2 of the flow “normal”',
      'with `everyone` in step 2 of the flow “normal”',
      'with `delegation: allowed` in step 2 of the flow “normal”',
      'without group:security in `break_glass.allow`',
      'without group:dba in `break_glass.allow`',
      'with `everyone` in `break_glass.allow`',
      'with `review_within: 2d` of `break_glass`',
      'with a `quota` of 2 times of `break_glass`',
      'with a `quota` per 1d of `break_glass`',
      'without `break_glass`',
    ]);
    expect(await survivors(OF_WHOLE, whole, named(whole).length)).toEqual([]);
  });

  it.each([
    ['{at: +10m, ', ['without `remind_every` in step 1', 'with `remind_every: 20m` in step 1']],
    ['{at: +15m, ', ['with an escalation after 15m in step 1']],
    ['{at: +8h, ', ['with `timeout: 8h` in']],
    ['{at: +12h, ', ['with `timeout: 1d` in']],
    ['{do: ben approves, ', ['with `delegation: allowed` in step 2']],
    ['{do: ana takes ', ['with `everyone` in `break_glass.allow`']],
    ['{at: +1d, ', ['with a `quota` of 2 times', 'with a `quota` per 1d']],
  ])('is noticed by what looks at it: not without %s', async (line, what) => {
    const tests = OF_WHOLE.split('\n').filter((each) => !each.includes(line));
    const found = await survivors(tests.join('\n'), whole, named(whole).length);
    expect(found).toEqual(what.map((each) => expect.stringContaining(each)));
  });

  it('is left out where nobody could notice', () => {
    const groups = { ...usual.groups, all: ['ana', 'ben', 'cy', 'dee', 'eli', 'fay', 'gus'], others: ['cy', 'fay'] };
    const same = changed(
      { ...usual, groups },
      {
        read: {
          // Whoever is in \`others\` is in \`all\`, and nobody is a contractor.
          requesters: ['group:all', 'group:others'],
          deny: ['group:contractors'],
          flows: [
            {
              name: 'normal',
              steps: [
                {
                  approvers: ['group:all'],
                  remind_every: '90m',
                  escalate: { after: '30m', to: ['group:others'] },
                  delegation: 'allowed',
                },
              ],
              timeout: '2h',
            },
            {
              name: 'late',
              steps: [{ ...step('dba'), escalate: { after: '1h', to: ['user:cy@example.com'] } }],
              timeout: '2h',
            },
          ],
          break_glass: { allow: ['everyone', 'group:dba'], review_within: '24h' },
        },
      },
    );
    const found = named({ ...same, accesses: { read: same.accesses.read ?? {} } });
    expect(found).toEqual([
      'without group:all among `requesters`',
      'with a `max` of 8h',
      'with a `default` of 4h',
      'without the flow “normal”',
      'with `auto_approve` instead of the steps of the flow “normal”',
      'with `timeout: 4h` in the flow “normal”',
      'with `everyone` in step 1 of the flow “normal”',
      'without the flow “late”',
      'with `auto_approve` instead of the steps of the flow “late”',
      'with `timeout: 4h` in the flow “late”',
      'with `everyone` in step 1 of the flow “late”',
      'with `delegation: allowed` in step 1 of the flow “late”',
      'without everyone in `break_glass.allow`',
      'with `review_within: 2d` of `break_glass`',
      'without `break_glass`',
    ]);
  });
});
