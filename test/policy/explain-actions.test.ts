import type { CallerRef } from '../../src/domain/caller.ts';
import { assumingParameters, evaluateAction, explainedAction } from '../../src/policy/index.ts';
import { access, ask, DIRECTORY, NOON, policiesIn, TARGETS } from './support/world.ts';

const CI = 'https://ci.example.com';
const set = policiesIn({
  'directory.yaml': DIRECTORY,
  'targets.yaml': TARGETS,
  'settings.yaml': `version: 1\nkind: settings\napi_keys: {jenkins: 'sha256:${'a'.repeat(64)}'}\n`,
  'access.yaml': access(),
  'actions.yaml': `version: 1
kind: action
name: deploy
callers:
  - {api_key: jenkins}
  - {issuer: '${CI}', claims: {ref: main, repository: [api, web]}}
parameters:
  sha: {label: Commit, pattern: '^[0-9a-f]{4}$', required: true}
reason: {required: true, min_length: 5}
flows:
  - name: two steps
    steps:
      - {approvers: ['group:dba'], need: 1, escalate: {after: 10m, to: ['group:contractors']}}
      - {approvers: ['group:security'], need: 1}
    timeout: 1h
valid_for: 20m
`,
});
const token = (claims: Record<string, string>): CallerRef => ({ kind: 'oidc', issuer: CI, subject: 'run', claims });
const main = token({ ref: 'main', repository: 'api' });
const question = { caller: main, action: 'deploy', parameters: { sha: '4f2a' }, reason: 'release 7', now: NOON };
const why = (of: Partial<typeof question> = {}) =>
  explainedAction(set, { ...question, ...of }, evaluateAction(set, { ...question, ...of }));

describe('an explanation of an action', () => {
  it('tells what the evaluation looked at, each with its line, and who may approve each step, by name', () => {
    const told = why();
    expect(told).toMatchObject({
      outcome: 'needs-approval',
      caller: `oidc:${CI}#run`,
      action: 'deploy',
      flow: 'two steps',
      durationMs: 1_200_000,
      timeoutMs: 3_600_000,
      entitlements: [],
      steps: [
        {
          step: 1,
          need: 1,
          approvers: ['group:dba'],
          people: ['cy@example.com', 'dee@example.com'],
          escalates: { afterMs: 600_000, people: ['eli@example.com'] },
          place: { file: 'actions.yaml', line: 13 },
        },
        { step: 2, people: ['dee@example.com'], place: { file: 'actions.yaml', line: 14 } },
      ],
    });
    expect(told).not.toHaveProperty('person');
    expect(told.checks).toEqual(evaluateAction(set, question).trace);
    // The second rule for callers is the one that lets it in.
    expect(told.checks.find(({ check }) => check === 'caller')?.rule).toMatch(/actions\.yaml:6\)$/);
  });

  it('of a refusal ends with the rule that refused, and names nobody', () => {
    const told = why({ caller: token({ ref: 'next', repository: 'api' }) });
    expect(told).toMatchObject({ outcome: 'refused', refusal: { code: 'not-eligible' }, steps: [] });
    expect(why({ parameters: { sha: 'HEAD' } })).toMatchObject({ refusal: { code: 'invalid-field' } });
    expect(why({ parameters: { sha: 'HEAD' } })).not.toHaveProperty('lacking');
  });

  it('says of a caller that is refused what each rule for callers would have asked for', () => {
    const lacking = (caller: CallerRef) => why({ caller }).lacking;
    const key = { what: 'the API key jenkins', place: expect.objectContaining({ line: 5 }) };
    const token_ = (what: string) => [key, { what, place: expect.objectContaining({ line: 6 }) }];
    expect(lacking(token({ ref: 'next' }))).toEqual(token_('ref: main and repository: api or web'));
    expect(lacking(token({ ref: 'main', repository: 'eve' }))).toEqual(token_('repository: api or web'));
    expect(lacking({ kind: 'api-key', name: 'other' })).toEqual(token_(`a token of ${CI}`));
    expect(lacking({ ...token({}), issuer: `${CI}/eve` } as CallerRef)).toEqual(token_(`another issuer, ${CI}`));
  });
});

describe('a caller’s question without a reason and parameters', () => {
  it('is judged as if there were some, and says what was taken for granted', () => {
    const { decision, assumed } = assumingParameters(set, { caller: main, action: 'deploy', now: NOON });
    expect(decision).toMatchObject({ ok: true, flow: { name: 'two steps' } });
    expect(assumed).toBe('A reason of at least 5 characters is required. Commit (`sha`) is required.');
  });

  it('takes nothing for granted that was given wrongly', () => {
    const wrong = assumingParameters(set, { ...question, parameters: { sha: 'HEAD' } });
    expect(wrong).toMatchObject({ decision: { ok: false, refusal: { code: 'invalid-field' } } });
    expect(wrong.assumed).toBeUndefined();
  });
});

it('a person who asks for an action is told what it is, who asks for it and who approves', () => {
  const decision = ask(set, { email: 'ana@example.com', access: 'deploy' });
  expect(decision).toMatchObject({
    ok: false,
    refusal: {
      code: 'unknown-access',
      sentence: `\`deploy\` is an action, which pipelines and agents ask for, not people: api-key:jenkins or a token of ${CI} with ref main and repository api or web. It is approved by 1 of group:dba, then 1 of group:security.`,
    },
  });
});
