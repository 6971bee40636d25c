import type { CallerRef } from '../../src/domain/caller.ts';
import {
  type ActionDecision,
  type ActionQuestion,
  evaluateAction,
  knownCaller,
  mayCall,
  overlay,
  type PolicySet,
  unknownGroupsOf,
} from '../../src/policy/index.ts';
import {
  access,
  action,
  DIRECTORY,
  documents,
  KEY_HASH,
  NOON,
  policiesIn,
  SETTINGS,
  TARGETS,
} from './support/world.ts';

const ISSUER = 'https://token.example.com';
const SHA = 'f'.repeat(40);

const pipeline = (claims: Record<string, string | string[]> = {}): CallerRef => ({
  kind: 'oidc',
  issuer: ISSUER,
  subject: 'repo:acme/api:ref:refs/heads/main',
  claims: { repository: 'acme/api', ref: 'refs/heads/main', ...claims },
});
const jenkins: CallerRef = { kind: 'api-key', name: 'jenkins' };

const policiesOf = (...texts: string[]): PolicySet =>
  policiesIn({
    'directory.yaml': DIRECTORY,
    'targets.yaml': TARGETS,
    'settings.yaml': SETTINGS,
    'actions.yaml': documents(...texts),
  });

const ask = (policies: PolicySet, question: Partial<ActionQuestion> = {}): ActionDecision =>
  evaluateAction(policies, { caller: pipeline(), action: 'deploy', parameters: { sha: SHA }, now: NOON, ...question });

const refusalOf = (decision: ActionDecision) => (decision.ok ? undefined : decision.refusal);
const checksOf = ({ trace }: ActionDecision) => trace.map(({ check, passed }) => `${check} ${passed ? 'yes' : 'no'}`);

describe('an action that the rules allow', () => {
  const policies = policiesOf(
    action({
      title: 'Deploy to production',
      labels: '{env: production}',
      valid_for: '30m',
      channel: "'#deploys'",
      reason: '{required: true}',
    }),
  );

  it('gets the flow and the parameters it would have', () => {
    const decision = ask(policies, { reason: 'release 42' });
    expect(decision).toMatchObject({
      ok: true,
      action: {
        name: 'deploy',
        title: 'Deploy to production',
        validForMs: 30 * 60_000,
        channel: '#deploys',
        callers: [{ kind: 'oidc', issuer: ISSUER, claims: { repository: ['acme/api'] } }],
        parameters: [{ name: 'sha', label: 'sha', required: true }],
      },
      fields: { sha: SHA },
      flow: { name: 'release', steps: [{ approvers: [{ kind: 'group', name: 'dba' }], need: 1 }] },
      index: 0,
    });
  });

  it('says in order what was looked at, each by its place', () => {
    expect(ask(policies, { reason: 'release 42' }).trace).toEqual([
      { check: 'action', passed: true, detail: 'Deploy to production', rule: 'deploy (actions.yaml:3)' },
      {
        check: 'caller',
        passed: true,
        detail: `oidc:${ISSUER}#repo:acme/api:ref:refs/heads/main`,
        rule: 'deploy: callers (actions.yaml:4)',
      },
      { check: 'reason', passed: true, detail: 'given as required', rule: 'deploy: reason (actions.yaml:11)' },
      { check: 'parameter', passed: true, detail: 'sha', rule: 'deploy: parameters (actions.yaml:5)' },
      { check: 'flow', passed: true, detail: 'release', rule: 'deploy: flow release (actions.yaml:6)' },
      {
        check: 'approvers',
        passed: true,
        detail: 'there are enough of them',
        rule: 'deploy: flows (actions.yaml:6)',
      },
    ]);
  });

  it('cannot be changed by what reads it', () => {
    const [found] = policies.actions.values();
    expect(Object.isFrozen(found?.callers[0])).toBe(true);
    expect(Object.isFrozen(found?.parameters)).toBe(true);
    expect(Object.isFrozen(found?.flows[0]?.steps)).toBe(true);
    expect('set' in policies.actions).toBe(false);
  });

  it('may be used for a quarter of an hour when nobody says for how long, and asks for what it must know only', () => {
    const plain = policiesOf(action({ parameters: null, flows: '[{name: x, auto_approve: true}]' }));
    expect(plain.actions.get('deploy')).toMatchObject({
      title: 'deploy',
      validForMs: 15 * 60_000,
      parameters: [],
      reason: { required: false, minLength: 0 },
    });
    expect(ask(plain, { parameters: {} })).toMatchObject({ ok: true, fields: {}, flow: { autoApprove: true } });
  });
});

describe('who may ask', () => {
  it('is nobody when the action names no callers', () => {
    const policies = policiesOf(action({ callers: null }), action({ name: 'other' }));
    expect(refusalOf(ask(policies))).toEqual({
      code: 'not-eligible',
      sentence: 'Nobody may ask for `deploy`: its policy names no callers.',
      rule: 'deploy: callers (actions.yaml:3)',
    });
  });

  it('is a token with every claim, each one of its values', () => {
    const policies = policiesOf(
      action({
        callers: `[{issuer: ${ISSUER}, claims: {repository: acme/api, ref: [refs/heads/main, refs/heads/next]}}]`,
      }),
    );
    const found = policies.actions.get('deploy');
    const may = (caller: CallerRef) => found !== undefined && mayCall(policies, found, caller);
    expect(may(pipeline())).toBe(true);
    expect(may(pipeline({ ref: 'refs/heads/next' }))).toBe(true);
    expect(may(pipeline({ ref: 'refs/heads/feature' }))).toBe(false);
    expect(may(pipeline({ ref: 'refs/heads/main ' }))).toBe(false);
    expect(may(pipeline({ ref: 'REFS/HEADS/MAIN' }))).toBe(false);
    expect(may(pipeline({ repository: ['other', 'acme/api'] }))).toBe(true);
    expect(may(pipeline({ repository: [] }))).toBe(false);
    expect(may({ ...pipeline(), issuer: `${ISSUER}/` } as CallerRef)).toBe(false);
    expect(may({ kind: 'oidc', issuer: ISSUER, subject: 'x', claims: { repository: 'acme/api' } })).toBe(false);
  });

  it('takes a star for a star', () => {
    const policies = policiesOf(action({ callers: `[{issuer: ${ISSUER}, claims: {repository: 'acme/*'}}]` }));
    expect(knownCaller(policies, pipeline())).toBe(false);
    expect(knownCaller(policies, pipeline({ repository: 'acme/*' }))).toBe(true);
  });

  it('compares the subject with the subject, whatever the other claims say', () => {
    const policies = policiesOf(action({ callers: `[{issuer: ${ISSUER}, claims: {sub: deployer}}]` }));
    const named = (subject: string, sub: string): CallerRef => ({
      kind: 'oidc',
      issuer: ISSUER,
      subject,
      claims: { sub },
    });
    expect(knownCaller(policies, named('deployer', 'x'))).toBe(true);
    expect(knownCaller(policies, named('x', 'deployer'))).toBe(false);
  });

  it('is not fooled by a claim that every object seems to have', () => {
    const policies = policiesOf(
      action({ callers: `[{issuer: ${ISSUER}, claims: {constructor: x, repository: acme/api}}]` }),
    );
    expect(knownCaller(policies, pipeline())).toBe(false);
    expect(knownCaller(policies, pipeline({ constructor: 'x' }))).toBe(true);
  });

  it('is an API key by its name, and no token of that name', () => {
    const policies = policiesOf(action({ callers: '[{api_key: jenkins}]' }));
    expect(policies.settings.apiKeys.get('jenkins')).toEqual([KEY_HASH]);
    expect(ask(policies, { caller: jenkins }).ok).toBe(true);
    expect(knownCaller(policies, { kind: 'api-key', name: 'jenkin' })).toBe(false);
    expect(knownCaller(policies, { kind: 'oidc', issuer: 'jenkins', subject: 'jenkins', claims: {} })).toBe(false);
  });
});

describe('the first rule that says no ends it', () => {
  const policies = policiesOf(
    action({
      callers: `[{issuer: ${ISSUER}, claims: {repository: acme/api}}, {api_key: jenkins}]`,
      reason: '{required: true}',
      flows: `[{name: blue, when: 'caller.kind == "api-key"', auto_approve: true}, {name: release, when: 'request.reason != "no flow"', steps: [{approvers: ['group:dba']}]}]`,
    }),
    action({ name: 'restart', callers: '[{api_key: jenkins}]' }),
    access({ name: 'deploy-role' }),
  );

  it('tells a stranger nothing of what there is', () => {
    for (const name of ['deploy', 'deplo', 'db-read']) {
      const decision = ask(policies, { caller: pipeline({ repository: 'evil/api' }), action: name });
      expect(checksOf(decision)).toEqual(['caller no']);
      expect(refusalOf(decision)).toEqual({
        code: 'not-eligible',
        sentence: `No action names oidc:${ISSUER}#repo:acme/api:ref:refs/heads/main among its \`callers\`. Ask the people who own the policies to add you.`,
      });
    }
  });

  it('knows no action by another name, and suggests those only that the caller may ask for', () => {
    const decision = ask(policies, { action: 'deplo' });
    expect(checksOf(decision)).toEqual(['action no']);
    expect(refusalOf(decision)).toEqual({
      code: 'unknown-action',
      sentence: 'There is no action `deplo`. Did you mean `deploy`?',
    });
    expect(refusalOf(ask(policies, { action: 'restar' }))?.sentence).toBe(
      'There is no action `restar`. You may ask for `deploy`.',
    );
    expect(refusalOf(ask(policies, { action: 'x'.repeat(500) }))?.sentence).not.toContain('xx');
  });

  it('is no way to an access', () => {
    expect(refusalOf(ask(policies, { action: 'deploy-role' }))?.code).toBe('unknown-action');
  });

  it('says which claims the caller lacks', () => {
    const decision = ask(
      policiesOf(
        action({ callers: `[{issuer: ${ISSUER}, claims: {repository: acme/api, ref: [a, b]}}, {api_key: jenkins}]` }),
        action({ name: 'other' }),
      ),
    );
    expect(checksOf(decision)).toEqual(['action yes', 'caller no']);
    expect(refusalOf(decision)).toEqual({
      code: 'not-eligible',
      sentence: `oidc:${ISSUER}#repo:acme/api:ref:refs/heads/main may not ask for \`deploy\`: its policy does not name it among the \`callers\`. A token of this issuer would do with ref a or b.`,
      rule: 'deploy: callers (actions.yaml:4)',
    });
  });

  it('says all that is wrong with the reason and the parameters', () => {
    const decision = ask(policies, { parameters: { sha: 'main', shaa: 'x' } });
    expect(checksOf(decision)).toEqual(['action yes', 'caller yes', 'reason no']);
    expect(decision).toMatchObject({
      refusal: { code: 'invalid-field', sentence: 'A reason is required.', rule: 'deploy: reason (actions.yaml:7)' },
      others: [
        {
          code: 'invalid-field',
          sentence: expect.stringMatching(/no parameter of the name you gave. Did you mean `sha`/),
        },
        { code: 'invalid-field', field: 'sha', rule: 'deploy: parameters (actions.yaml:5)' },
      ],
    });
  });

  it('takes parameters as they are: blanks around one are refused, not cut off', () => {
    const decision = ask(policies, { reason: 'x', parameters: { sha: `${SHA} ` } });
    expect(decision).toMatchObject({
      field: 'sha',
      refusal: { code: 'invalid-field', sentence: '`sha` has blanks before or behind it: leave them away.' },
    });
  });

  it('asks for what is required', () => {
    expect(refusalOf(ask(policies, { reason: 'x', parameters: {} }))?.sentence).toBe('`sha` is required.');
    expect(refusalOf(ask(policies, { reason: 'x', parameters: { sha: '' } }))?.sentence).toBe('`sha` is required.');
  });

  it('takes the first flow whose condition holds', () => {
    expect(ask(policies, { reason: 'x', caller: jenkins })).toMatchObject({ flow: { name: 'blue' }, index: 0 });
    expect(ask(policies, { reason: 'x' })).toMatchObject({ flow: { name: 'release' }, index: 1 });
    const none = ask(policies, { reason: 'no flow' });
    expect(checksOf(none).slice(-3)).toEqual(['when no', 'when no', 'flow no']);
    expect(refusalOf(none)).toMatchObject({ code: 'no-flow', rule: 'deploy: flows (actions.yaml:6)' });
  });

  it('is refused when nobody could approve it', () => {
    const alone = policiesOf(action({ flows: "[{name: x, steps: [{approvers: ['user:fay@example.com']}]}]" }));
    expect(refusalOf(ask(alone))).toMatchObject({
      code: 'no-approvers',
      rule: 'deploy: flow x, step 1 (actions.yaml:6)',
    });
  });

  it('never takes a caller for a person, whatever it is called', () => {
    const keys = policiesIn({
      'directory.yaml': DIRECTORY,
      'targets.yaml': TARGETS,
      'settings.yaml': `version: 1\nkind: settings\napi_keys: {cy: 'sha256:${KEY_HASH}'}\n`,
      'actions.yaml': action({
        callers: '[{api_key: cy}]',
        flows: "[{name: x, steps: [{approvers: ['user:cy@example.com']}]}]",
      }),
    });
    expect(ask(keys, { caller: { kind: 'api-key', name: 'cy' } }).ok).toBe(true);
  });
});

describe('people who approve an action', () => {
  const live = `version: 1\nkind: directory\ngroups:\n  release: {slack_usergroup: S0RELEASE}\n`;
  const policies = policiesIn({
    'directory.yaml': DIRECTORY,
    'live.yaml': live,
    'targets.yaml': TARGETS,
    'actions.yaml': action({ flows: "[{name: release, steps: [{approvers: ['group:release']}]}]" }),
  });
  const now = (members: readonly string[] | undefined) =>
    overlay(
      policies,
      { usergroups: new Map(members ? [['S0RELEASE', { last: { asOf: NOON, value: members } }]] : []) },
      NOON,
    ).policies;

  it('may come from Slack, and are those whom it names now', () => {
    expect(ask(now(['U01CY'])).ok).toBe(true);
    expect(refusalOf(ask(now([])))?.code).toBe('no-approvers');
  });

  it('are nobody while Slack has not told, and the caller is told why', () => {
    expect(refusalOf(ask(now(undefined)))).toMatchObject({
      code: 'no-approvers',
      sentence: expect.stringMatching(/Who is in group:release is not known now: Slack user group S0RELEASE/),
    });
    expect(unknownGroupsOf(now(undefined), policies.actions.get('deploy') ?? { flows: [] })).toEqual(['release']);
  });
});

describe('a condition of an action', () => {
  const holds = (condition: string, question: Partial<ActionQuestion> = {}) => {
    const decision = ask(
      policiesOf(
        action({
          labels: '{env: production}',
          callers: `[{issuer: ${ISSUER}, claims: {repository: acme/api}}, {api_key: jenkins}]`,
          parameters: '{sha: {}, stage: {}}',
          flows: `[{name: yes, when: '${condition}', auto_approve: true}, {name: no, auto_approve: true}]`,
        }),
      ),
      question,
    );
    return decision.ok ? decision.flow.name === 'yes' : decision.refusal;
  };

  it.each([
    [
      'the action and the reason',
      'request.action == "deploy" && request.reason.startsWith("INC-")',
      { reason: 'INC-1' },
    ],
    ['parameters', 'request.parameters.stage == "blue"', { parameters: { stage: 'blue' } }],
    ['parameters that were given', '!has(request.parameters.stage)', {}],
    ['labels', 'labels.env == "production"', {}],
    ['a token', 'caller.kind == "oidc" && caller.issuer == "https://token.example.com" && caller.api_key == ""', {}],
    ['its subject', 'caller.subject.endsWith("refs/heads/main")', {}],
    ['its claims', 'caller.claims["ref"] == "refs/heads/main" && caller.claims.repository == "acme/api"', {}],
    ['claims that it has', '"ref" in caller.claims && !("environment" in caller.claims)', {}],
    [
      'an API key',
      'caller.kind == "api-key" && caller.api_key == "jenkins" && caller.subject == ""',
      { caller: jenkins },
    ],
    ['schedules', 'in_schedule("office-hours")', { now: '2026-03-02T12:00:00.000Z' }],
  ])('reads %s', (_what, condition, question) => {
    expect(holds(condition, question)).toBe(true);
  });

  it('has no answer for a claim that is not there, and the request is refused', () => {
    expect(holds('caller.claims["environment"] == "production"')).toMatchObject({ code: 'policy-error' });
  });

  it('does not see a claim that is a list: it is not one text', () => {
    expect(holds('"teams" in caller.claims', { caller: pipeline({ teams: ['dba'] }) })).toBe(false);
  });

  it('does not see what every object seems to have', () => {
    expect(holds('"constructor" in caller.claims || "__proto__" in caller.claims')).toBe(false);
  });
});
