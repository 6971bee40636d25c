import { coverageOf, mutate, Recorder, runTests, Touched } from '../../src/policy-test/index.ts';
import { mutantsOf } from '../../src/policy-test/mutation/mutants.ts';
import { fakeProviders, policiesOf, step, type World } from '../support/world.ts';
import { CALLERS, deploying, ISSUER } from './support/deploying.ts';
import { HEAD, read } from './support/run.ts';

const DEPLOY = deploying.actions?.deploy ?? {};
/** Nothing but one action. */
const only = (values: Record<string, unknown> = {}): World => ({
  ...deploying,
  accesses: {},
  actions: { deploy: { ...DEPLOY, ...values } },
});

/** What no test saw decided, and what no test noticed. */
async function measured(tests: string, world: World) {
  const result = read(`${HEAD}${CALLERS}${tests}`, world);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const recorder = new Recorder();
  const touched = new Touched();
  const witnessOf = (test: Parameters<Touched['witness']>[0]) => touched.witness(test, recorder.witness());
  const results = await runTests(result.suites, { providers: fakeProviders, witnessOf });
  expect(results.flatMap((suite) => suite.results.flatMap(({ failures }) => failures))).toEqual([]);
  const { files } = coverageOf(result.policies, recorder);
  const { survivors } = await mutate(result.policies, result.suites, touched, fakeProviders);
  return {
    uncovered: files.flatMap(({ items }) => items.filter(({ hits }) => hits === 0).map(({ what }) => what)),
    unnoticed: survivors.map(({ what }) => what),
  };
}

const mutants = (world: World) => mutantsOf(policiesOf(world)).map(({ what }) => what);

const WEAK = 'timelines: [{name: it, steps: [{do: ci requests deploy with sha=4f2a91c environment=production}]}]\n';

const PARAMETERS = 'parameters: {sha: 4f2a91c, environment: production}';
const STRONG = `matrices:
  - name: who may deploy
    callers: [ci, web, branch, fork, jenkins]
    ${PARAMETERS}
    expect: {deploy: {'ci, web, jenkins': {flow: production, needs: {dba: 2, security: 1}}}}
  - {name: a branch, actions: [deploy], callers: [ci], parameters: {sha: main, environment: production}, expect: {deploy: {ci: invalid-field}}}
  - {name: no commit, actions: [deploy], callers: [ci], parameters: {environment: production}, expect: {deploy: {ci: invalid-field}}}
  - {name: elsewhere, actions: [deploy], callers: [ci], parameters: {sha: 4f2a91c, environment: moon}, expect: {deploy: {ci: invalid-field}}}
  - {name: nowhere, actions: [deploy], callers: [ci], parameters: {sha: 4f2a91c}, expect: {deploy: {ci: invalid-field}}}
timelines:
  - name: approved by two and one, used in time
    steps:
      - do: ci requests deploy with sha=4f2a91c environment=production
      - {do: gus approves, expect: {refused: not-an-approver}}
      - do: cy approves
      - do: dee is away for 1d delegate gus
      - {do: gus approves, expect: {refused: not-an-approver}}
      - do: dee approves
      - {do: gus approves, expect: {refused: not-an-approver}}
      - do: fay is away for 1d delegate gus
      - {do: gus approves, expect: {refused: not-an-approver}}
      - do: fay approves
      - {do: ci uses, expect: {status: used}}
  - name: not used in time
    steps:
      - {do: ci requests deploy with sha=4f2a91c environment=staging, expect: {flow: staging, usable_until: +30m}}
      - {at: +30m, expect: {status: unused}}
  - name: nobody answers
    steps:
      - do: ci requests deploy with sha=4f2a91c environment=production
      - {at: +2h, expect: {status: lapsed}}
`;
const MORE = `  web: {issuer: '${ISSUER}', claims: {repository: acme/web, ref: refs/heads/main}}
  fork: {issuer: '${ISSUER}', claims: {repository: eve/api, ref: refs/heads/main}}
`;

describe('coverage of an action', () => {
  it('counts who asks, what can refuse, every flow and step, and what comes of an approval', async () => {
    const { uncovered } = await measured(
      'timelines: [{name: it, steps: [{at: +1s}]}]\n',
      only({ reason: { required: true } }),
    );
    expect(uncovered).toEqual([
      'nobody was refused by `callers`',
      'caller 1 never asked',
      'caller 2 never asked',
      'nobody was refused by `parameters`',
      'the flow “staging” never decided',
      'the condition of the flow “staging” was never true',
      'the condition of the flow “staging” was never false',
      'the flow “production” never decided',
      'step 1 of the flow “production” was never filled',
      'step 2 of the flow “production” was never filled',
      'no approval of it was used',
      'no approval of it was left unused',
      'nobody was refused by `reason`',
    ]);
  });

  it('is whole where every rule is tested, and mutation finds nothing', async () => {
    expect(await measured(MORE + STRONG, only())).toEqual({ uncovered: [], unnoticed: [] });
  });

  it('takes an escalation that happened', async () => {
    const escalating = { ...step('dba'), escalate: { after: '30m', to: ['group:security'] } };
    const world = only({ flows: [{ name: 'production', steps: [escalating], timeout: '2h' }] });
    const escalated = 'step 1 of the flow “production” never escalated';
    const asks = 'do: ci requests deploy with sha=4f2a91c environment=production';
    const until = (at: string) => measured(`timelines: [{name: it, steps: [{${asks}}, {at: ${at}}]}]\n`, world);
    expect((await until('+29m')).uncovered).toContain(escalated);
    expect((await until('+30m')).uncovered).not.toContain(escalated);
  });
});

describe('mutation of an action', () => {
  it('weakens every rule, and lists what no test notices', async () => {
    expect(mutants(only({ reason: { required: true } }))).toEqual([
      'without caller 1',
      'without the claim `repository` of caller 1',
      'without "acme/api" in the claim `repository` of caller 1',
      'without "acme/web" in the claim `repository` of caller 1',
      'without the claim `ref` of caller 1',
      'without caller 2',
      'without a required `reason`',
      'without a required `sha`',
      'with anything as `sha`',
      'without a required `environment`',
      'with anything as `environment`',
      'without the flow “staging”',
      'without the condition of the flow “staging”',
      'without the flow “production”',
      'with `auto_approve` instead of the steps of the flow “production”',
      'with `timeout: 4h` in the flow “production”',
      'without step 1 of the flow “production”',
      'with `need: 1` in step 1 of the flow “production”',
      'with `everyone` in step 1 of the flow “production”',
      'with `delegation: allowed` in step 1 of the flow “production”',
      'without step 2 of the flow “production”',
      'with `everyone` in step 2 of the flow “production”',
      'with `delegation: allowed` in step 2 of the flow “production”',
      'with `valid_for: 1h`',
    ]);
    const { unnoticed } = await measured(WEAK, only());
    expect(unnoticed).toEqual(
      mutants(only()).filter(
        (what) =>
          ![
            'without caller 1',
            'without "acme/api" in the claim `repository` of caller 1',
            'without the flow “production”',
          ].includes(what),
      ),
    );
  });

  it.each([
    ['  - {name: a branch', ['with anything as `sha`']],
    ['  - {name: no commit', ['without a required `sha`']],
    ['  - {name: elsewhere', ['with anything as `environment`']],
    ['      - {at: +2h', ['with `timeout: 4h` in the flow “production”']],
  ])('says what is not noticed without the line %s', async (line, what) => {
    const without = (MORE + STRONG).split('\n').filter((each) => !each.startsWith(line));
    expect((await measured(without.join('\n'), only())).unnoticed).toEqual(what);
  });

  it('leaves out what lets nobody in or out', () => {
    const main = { issuer: ISSUER, claims: { ref: 'refs/heads/main' } };
    const callers = [main, { issuer: ISSUER, claims: { ref: 'refs/heads/main', repository: 'acme/api' } }];
    // The second one is one of the first; and without its only claim the first would let nobody in.
    expect(mutants(only({ callers })).filter((what) => what.includes('caller'))).toEqual([
      'without caller 1',
      'without the claim `ref` of caller 2',
    ]);
  });
});
