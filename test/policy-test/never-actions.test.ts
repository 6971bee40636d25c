import { mutate, runTests, Touched, treeReport } from '../../src/policy-test/index.ts';
import { changed, fakeProviders, step, usual, type World } from '../support/world.ts';
import { deploying, ISSUER } from './support/deploying.ts';
import { failuresIn, HEAD, problemsIn, read, suitesIn } from './support/run.ts';

const AUTO = [{ name: 'automatic', auto_approve: true }];
const CI = { issuer: ISSUER, claims: { repository: 'acme/api' } };
const CI_TEXT = `callers of ${ISSUER} with repository=acme/api`;

/** The usual world with one action, of high risk, for one pipeline. */
const world = (values: Record<string, unknown> = {}, more: World = changed(usual, {})): World => ({
  ...more,
  settings: deploying.settings ?? {},
  actions: { erase: { labels: { risk: 'high' }, callers: [CI], flows: AUTO, ...values } },
});

const file = (...statements: string[]): string =>
  `${HEAD}never:\n${statements.map((statement) => `  - ${JSON.stringify(statement)}\n`).join('')}`;
const counterexamples = async (statement: string, of: World) =>
  Object.values(await failuresIn(file(statement), of)).flatMap((failures) =>
    failures.map(({ what, got }) => `${what}: ${got}`),
  );
const scopes = (statement: string, of: World) =>
  suitesIn(file(statement), of).flatMap(({ tests }) => tests.map(({ scope }) => scope));

describe('a never statement about accesses and actions', () => {
  it('has a counterexample in an action that is approved automatically with a label of high risk', async () => {
    expect(await counterexamples('auto-approved and labels.risk == "high"', world())).toEqual([
      `${CI_TEXT}, erase: approved automatically by the flow “automatic”`,
    ]);
    const low = world({ labels: { risk: 'low' } });
    expect(await counterexamples('auto-approved and labels.risk == "high"', low)).toEqual([]);
  });

  it.each([
    'approvals < 2 and labels.risk == "high"',
    '(approvals < 2 or emergency or extension) and labels.risk == "high"',
    'auto-approved and not emergency and not extension and labels.risk == "high"',
    'labels.risk == "high" and flow == "automatic"',
    'labels.risk == "high" and now > now or labels.risk == "high"',
  ])('is asked of actions with everything that they have, too: %s', async (statement) => {
    expect(await counterexamples(statement, world())).toHaveLength(1);
  });

  it('knows how many people have to agree, how long they have, and whose votes may be handed over', async () => {
    const steps = [step('dba'), { ...step('security'), delegation: 'allowed' }];
    const asked = world({ flows: [{ name: 'normal', steps, timeout: '9h' }] });
    const of = (statement: string) => counterexamples(`labels.risk == "high" and ${statement}`, asked);
    for (const held of ['approvals != 2', 'delegable != 1', 'timeout != duration("9h")', 'auto-approved'])
      expect(await of(held)).toEqual([]);
    for (const broken of ['approvals == 2', 'delegable == 1', 'timeout == duration("9h")'])
      expect(await of(broken)).toEqual([`${CI_TEXT}, erase: decided by the flow “normal”`]);
  });

  it('is never true of an action in an emergency, nor of its extension: it has neither', async () => {
    expect(await counterexamples('(emergency or extension) and labels.risk == "high"', world())).toEqual([]);
  });

  it('says nothing of what nobody may ask for', async () => {
    expect(await counterexamples('labels.risk == "high"', world({ callers: [] }))).toEqual([]);
  });

  it('takes a label that an action does not have, or an access, for empty', async () => {
    const of = (statement: string) => counterexamples(statement, world({ labels: { tier: 'one' } }));
    expect(await of('auto-approved and labels.tier == "two"')).toEqual([]);
    expect((await of('auto-approved and labels.tier == ""')).map((each) => each.split(':')[0])).toEqual([
      'ana@example.com, auto for 1s',
    ]);
  });

  it('holds whatever reason a caller gives', async () => {
    const free = world({
      flows: [{ name: 'urgent', when: 'request.reason.contains("urgent")', auto_approve: true }, ...someSteps('else')],
    });
    expect(await counterexamples('auto-approved and labels.risk == "high"', free)).toEqual([
      `${CI_TEXT}, erase: approved automatically by the flow “urgent”, when the condition of “urgent” holds`,
    ]);
  });

  it('holds at any time, or at `now` when it reads it', async () => {
    const office = {
      ...world({
        flows: [{ name: 'office', when: 'in_schedule("office")', auto_approve: true }, ...someSteps('else')],
      }),
      settings: { schedules: { office: { days: ['mon'], from: '09:00', to: '17:00' } } },
    };
    const of = (statement: string) => counterexamples(`${statement} and labels.risk == "high"`, office);
    // `now` is a Tuesday.
    expect(await of('auto-approved')).toHaveLength(1);
    expect(await of('auto-approved and not in_schedule("office")')).toEqual([]);
    expect(await of('not auto-approved and not in_schedule("office")')).toHaveLength(1);
  });

  it('says in the report that it is about actions, where there are any', async () => {
    expect(scopes('auto-approved', world())).toEqual(['of requests, actions']);
    expect(scopes('auto-approved', usual)).toEqual(['of requests']);
    expect(scopes('emergency or auto-approved', world())).toEqual(['of requests, emergencies, actions']);
    expect(scopes('auto-approved and request.duration > duration("1h")', world())).toEqual(['of requests']);
    expect(scopes('caller.kind == "oidc"', world())).toEqual(['of actions']);
  });

  it('names the rule and its line in the report of a counterexample', async () => {
    const results = await runTests(suitesIn(file('auto-approved and labels.risk == "high"'), world()), {
      providers: fakeProviders,
    });
    expect(treeReport(results)).toMatch(
      new RegExp(
        [
          ' {8}a\\.test\\.yaml:5:5 callers of https://ci\\.example\\.com with repository=acme/api, erase',
          ' {10}expected: never: auto-approved and labels\\.risk == "high"',
          ' {10}got: {6}approved automatically by the flow “automatic”',
          ' {10}how the policies came to it:',
          '(.*\\n)* {12}✓ caller: .*\\[erase: callers \\(policies\\.yaml:\\d+\\)\\]',
        ].join('\n'),
      ),
    );
  });
});

function someSteps(name: string): Record<string, unknown>[] {
  return [{ name, steps: [step('dba')] }];
}

describe('a never statement about accesses alone', () => {
  it.each([
    'auto-approved and labels.risk == "high" and request.duration > duration("1s")',
    'auto-approved and labels.risk == "high" and requester.email != ""',
    'auto-approved and labels.risk == "high" and request.access != ""',
  ])('is not asked of actions: %s', async (statement) => {
    const labelled = changed(usual, { write: { labels: { risk: 'high' } } });
    expect(await counterexamples(statement, world({}, labelled))).toEqual([]);
  });

  it('knows no label of an action', () => {
    const tiered = world({ labels: { tier: 'one' } });
    expect(problemsIn(file('requester.email != "" and labels.tier == "one"'), tiered)).toEqual([
      expect.stringContaining('condition-name There is no label of this access `tier`.'),
    ]);
    expect(problemsIn(file('labels.tier == "one"'), tiered)).toEqual([]);
  });
});

describe('a never statement about callers', () => {
  const any = (statement: string, values: Record<string, unknown> = {}) => counterexamples(statement, world(values));

  it('is asked of every rule that lets callers in', async () => {
    const callers = [
      CI,
      { api_key: 'jenkins' },
      { issuer: 'https://git.example.com', claims: { ref: ['main', 'next'] } },
    ];
    expect(await any('caller.kind == "oidc" and auto-approved', { callers })).toEqual([
      `${CI_TEXT}, erase: approved automatically by the flow “automatic”`,
    ]);
    expect(await any('caller.api_key == "jenkins"', { callers })).toEqual([
      'api-key:jenkins, erase: approved automatically by the flow “automatic”',
    ]);
    expect(await any('caller.issuer == "https://git.example.com"', { callers })).toHaveLength(1);
    expect(await any('caller.claims.ref == "next" and caller.issuer.contains("git")', { callers })).toEqual([
      'callers of https://git.example.com with ref=next, erase: approved automatically by the flow “automatic”',
    ]);
    expect(
      await any('caller.claims.ref == "other" and caller.issuer == "https://git.example.com"', { callers }),
    ).toEqual([]);
  });

  it('is asked of tokens that say more than a rule asks for: nothing, what is mentioned, and something else', async () => {
    const claims = ['"main"', '"another"'].map((ref) => `caller.claims.ref == ${ref}`);
    for (const claim of [
      ...claims,
      'caller.claims.ref == ""',
      'has(caller.claims.ref)',
      'not ("ref" in caller.claims)',
    ])
      expect(await any(`${claim} and (auto-approved or caller.claims.ref == "main")`)).toHaveLength(1);
    expect(await any('caller.claims.ref == "main" and caller.claims.environment == "production"')).toEqual([
      `${CI_TEXT} and ref=main and environment=production, erase: approved automatically by the flow “automatic”`,
    ]);
  });

  it('has no answer for a claim that is not there only where it asks whether it is there', async () => {
    expect(
      await any('caller.claims.ref != "main" and caller.kind == "api-key"', { callers: [{ api_key: 'jenkins' }] }),
    ).toEqual(['api-key:jenkins, erase: approved automatically by the flow “automatic”']);
    expect(
      await any('has(caller.claims.ref) and caller.claims.ref != "main"', { callers: [{ api_key: 'jenkins' }] }),
    ).toEqual([]);
    expect(
      await any('not has(caller.claims.ref) and caller.claims.ref == "main"', { callers: [{ api_key: 'jenkins' }] }),
    ).toEqual([expect.stringContaining('and the statement has no answer: ')]);
  });

  it('judges the conditions by what a rule asks for, and else takes them to hold and not to hold', async () => {
    const on = (ref: string, test: string) => ({
      callers: [{ issuer: ISSUER, claims: { ref } }],
      flows: [{ name: 'known', when: test, auto_approve: true }, ...someSteps('else')],
    });
    const automatic = 'auto-approved and labels.risk == "high"';
    expect(await any(automatic, on('main', 'caller.claims["ref"] == "main"'))).toHaveLength(1);
    expect(await any(automatic, on('main', 'caller.claims["ref"] == "next"'))).toEqual([]);
    // No text that the condition mentions is both.
    const both = 'caller.claims["branch"].startsWith("a") && caller.claims["branch"].endsWith("b")';
    expect(await any(automatic, on('main', both))).toEqual([
      `callers of ${ISSUER} with ref=main, erase: approved automatically by the flow “known”, when the condition of “known” holds`,
    ]);
    expect(
      await any(automatic, on('main', 'caller.subject.startsWith("a") && caller.subject.endsWith("b")')),
    ).toHaveLength(1);
    // A list of one is no text that a condition could find.
    expect(await any('approvals == 1 and labels.risk == "high"', on('main', '"ref" in caller.claims'))).toHaveLength(1);
  });

  it('sees an API key as it is', async () => {
    const key = {
      callers: [{ api_key: 'jenkins' }],
      flows: [{ name: 'token', when: '"ref" in caller.claims', auto_approve: true }, ...someSteps('else')],
    };
    expect(await any('auto-approved and labels.risk == "high"', key)).toEqual([]);
  });

  it('is not shown of more callers than can be looked at', async () => {
    const claims = ['one', 'two', 'three', 'four', 'five'].map((name) => `caller.claims.${name} == "${name}"`);
    expect(await any(`labels.risk == "low" and ${claims.join(' and ')}`)).toEqual([
      'erase: not all callers that it can tell apart could be looked at, so it is not proven: make it of fewer parts, or list what there is in the policy',
    ]);
  });
});

describe('a never statement about parameters', () => {
  const PARAMETERS = {
    environment: { enum: ['production', 'staging'], required: true },
    region: { enum: ['eu', 'us'] },
    branch: {},
  };
  const any = (statement: string, flows: unknown = AUTO, parameters: unknown = PARAMETERS) =>
    counterexamples(statement, world({ flows, parameters }));
  const STAGING = [
    { name: 'staging', when: 'request.parameters.environment == "staging"', auto_approve: true },
    ...someSteps('production'),
  ];

  it('is asked of each value that there is, and names it', async () => {
    expect(await any('auto-approved and request.parameters.environment == "production"', STAGING)).toEqual([]);
    expect(await any('auto-approved and request.parameters.environment == "staging"', STAGING)).toEqual([
      `${CI_TEXT}, erase with environment=staging: approved automatically by the flow “staging”`,
    ]);
    expect(await any('auto-approved and labels.risk == "high"', STAGING)).toEqual([
      `${CI_TEXT}, erase with environment=staging: approved automatically by the flow “staging”`,
    ]);
  });

  it('is asked of each value with each', async () => {
    const both = 'request.parameters.environment == "production" and request.parameters.region == "us"';
    expect(await any(both)).toEqual([
      `${CI_TEXT}, erase with environment=production region=us: approved automatically by the flow “automatic”`,
    ]);
  });

  it('is asked of what may be left out, which is empty unless it asks for that', async () => {
    expect(await any('request.parameters.region == ""')).toHaveLength(1);
    expect(await any('not has(request.parameters.region)')).toHaveLength(1);
    expect(await any('request.parameters.environment == ""')).toEqual([]);
    expect(await any('not has(request.parameters.environment)')).toEqual([]);
  });

  it('takes a parameter that an action does not have for one that was left out', async () => {
    const bare = { labels: { risk: 'low' }, callers: [{ api_key: 'jenkins' }], flows: AUTO };
    const both = { ...world({ parameters: PARAMETERS, flows: someSteps('else') }) };
    const of = (statement: string) => counterexamples(statement, { ...both, actions: { ...both.actions, bare } });
    expect(await of('auto-approved and request.parameters.environment == "production"')).toEqual([]);
    expect(await of('auto-approved and has(request.parameters.environment)')).toEqual([]);
    expect(await of('auto-approved and request.parameters.environment != "staging"')).toHaveLength(1);
  });

  it('is asked of any text: those that are mentioned, and another one', async () => {
    const main = [
      { name: 'main', when: 'request.parameters.branch == "main"', auto_approve: true },
      ...someSteps('else'),
    ];
    expect(await any('auto-approved and request.parameters.branch != "main"', main)).toEqual([]);
    expect(await any('not auto-approved and request.parameters.branch != "main"', main)).toHaveLength(1);
    expect(await any('auto-approved and request.parameters.branch == "main"', main)).toEqual([
      `${CI_TEXT}, erase with branch=main: approved automatically by the flow “main”`,
    ]);
  });

  it('holds whatever else is written: a condition on a part of another text may hold, and may not', async () => {
    const odd = 'request.parameters.branch.startsWith("a") && request.parameters.branch.endsWith("b")';
    const flows = [{ name: 'odd', when: odd, auto_approve: true }, ...someSteps('else')];
    expect(await any('auto-approved and request.parameters.branch != "main"', flows)).toHaveLength(1);
    expect(await any('auto-approved and request.parameters.branch == "main"', flows)).toEqual([]);
    const most = [{ name: 'most', when: 'size(request.parameters) > 1', auto_approve: true }, ...someSteps('else')];
    expect(await any('auto-approved and request.parameters.environment == "staging"', most)).toHaveLength(1);
  });

  it('holds whatever is written where it does not ask: a condition may hold, and may not', async () => {
    const odd = 'request.parameters.branch.startsWith("a") && request.parameters.branch.endsWith("b")';
    const flows = [{ name: 'odd', when: odd, auto_approve: true }, ...someSteps('else')];
    expect(await any('auto-approved and labels.risk == "high"', flows)).toEqual([
      `${CI_TEXT}, erase: approved automatically by the flow “odd”, when the condition of “odd” holds`,
    ]);
    expect(await any('not auto-approved and labels.risk == "high"', flows)).toHaveLength(1);
  });

  it('is not shown where no text is known that a parameter takes', async () => {
    const strange = { branch: { pattern: '^(a|b){300}$', required: true } };
    expect(await any('auto-approved and request.parameters.branch == "main"', AUTO, strange)).toEqual([
      'erase: not all parameters that it can tell apart could be looked at, so it is not proven: make it of fewer parts, or list what there is in the policy',
    ]);
  });
});

describe('a never statement that cannot be asked', () => {
  it.each([
    [
      'requester.email != "" and caller.kind == "oidc"',
      'mixed-statement',
      '`requester.email` is there only when a person',
    ],
    ['request.duration > duration("1h") or request.action == "erase"', 'mixed-statement', '`request.action` only when'],
    ['emergency and caller.kind == "oidc"', 'mixed-statement', '`emergency` is there only when a person'],
    ['"dba" in requester.groups and "ref" in caller.claims', 'mixed-statement', '`requester.groups`'],
    ['request.reason == "" and caller.kind == "oidc"', 'bad-statement', 'say it of the action or the caller'],
    ['size(request.parameters) > 1', 'bad-statement', 'name one, as in `request.parameters.name`'],
    ['request.parameters.environment == "a" and size(request.parameters) > 1', 'bad-statement', 'name one, as in'],
    ['size(caller.claims) > 1', 'bad-statement', 'name one, as in `caller.claims.name`'],
    ['caller.knd == "oidc"', 'condition-name', '`caller` has no `knd`'],
    ['callr.kind == "oidc"', 'condition-name', 'Did you mean `caller`?'],
    ['request.parameters.envirnment == "production"', 'condition-name', 'Did you mean `environment`?'],
    ['caller.kind', 'condition-type', 'true or false'],
    ['request.action == 1', 'condition-type', 'do not fit'],
  ])('is a problem: %s', (statement, code, says) => {
    const problems = problemsIn(file(statement), world({ parameters: { environment: {} } }));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^a\\.test\\.yaml:5:\\d+ ${code} `))]);
    expect(problems[0]).toContain(says);
  });
});

describe('the mutation of an action', () => {
  it('is noticed by a never statement', async () => {
    const careful = world({ flows: [{ name: 'careful', steps: [step('dba', 2)], timeout: '2h' }] });
    const result = read(file('labels.risk == "high" and (approvals < 2 or timeout > duration("2h"))'), careful);
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const touched = new Touched();
    await runTests(result.suites, {
      providers: fakeProviders,
      witnessOf: (test) => touched.witness(test, { decided() {}, decidedAction() {}, looked() {}, happened() {} }),
    });
    const { survivors } = await mutate(result.policies, result.suites, touched, fakeProviders);
    const unnoticed = survivors.filter(({ access }) => access === 'erase').map(({ what }) => what);
    expect(unnoticed).toEqual([
      'without caller 1',
      'without the flow “careful”',
      'with `everyone` in step 1 of the flow “careful”',
      'with `delegation: allowed` in step 1 of the flow “careful”',
      'with `valid_for: 30m`',
    ]);
  });
});
