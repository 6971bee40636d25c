import { diffPolicies } from '../../src/policy/diff/index.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { access, DIRECTORY, documents, type Keys, policiesIn, TARGETS } from './support/world.ts';

// A Tuesday, outside of office hours.
const NOW = '2026-03-03T22:00:00.000Z';

const CI = 'https://ci.example.com';
const oidc = (...claims: string[]) => `{issuer: '${CI}', claims: {${claims.join(', ')}}}`;
const MAIN = oidc('repository: acme/api', 'ref: refs/heads/main');
const JENKINS = '{api_key: jenkins}';
const ONE_STEP = "[{name: normal, steps: [{approvers: ['group:dba'], need: 1}]}]";
const TWO_STEPS = "[{name: normal, steps: [{approvers: ['group:dba'], need: 2}]}]";
const AUTO = '[{name: open, auto_approve: true}]';

const USUAL: Keys = {
  version: '1',
  kind: 'action',
  name: 'deploy',
  callers: `[${MAIN}]`,
  parameters: "{sha: {pattern: '^[0-9a-f]{40}$', required: true}}",
  flows: ONE_STEP,
};
const action = (keys: Keys = {}): string =>
  Object.entries({ ...USUAL, ...keys })
    .flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}\n`]))
    .join('');

const hash = (digit: string) => `sha256:${digit.repeat(64)}`;
const SETTINGS = (jenkins: string) => `version: 1
kind: settings
timezone: Europe/Berlin
schedules: {office: {days: [mon, tue, wed, thu, fri], from: '09:00', to: '18:00'}}
api_keys: {jenkins: ${jenkins}, builder: '${hash('b')}'}
`;

const world = (actions: readonly string[], jenkins = `'${hash('a')}'`): PolicySet =>
  policiesIn({
    'directory.yaml': DIRECTORY,
    'targets.yaml': TARGETS,
    'settings.yaml': SETTINGS(jenkins),
    'access.yaml': access(),
    ...(actions.length === 0 ? {} : { 'actions.yaml': documents(...actions) }),
  });
const between = (was: PolicySet, now: PolicySet) =>
  diffPolicies(was, now, NOW).changes.map(({ direction, sentence }) => `${direction}: ${sentence}`);
const changing = (was: Keys, now: Keys) => between(world([action(was)]), world([action(now)]));

const ONE = '1 approval (1 of group:dba)';
const TWO = '2 approvals (2 of group:dba)';
const callers = (...claims: string[]) => `callers of ${CI} with ${claims.join(' and ')}`;
const ON_MAIN = callers('ref=refs/heads/main', 'repository=acme/api');
const INELIGIBLE = `refused (not-eligible); was ${ONE}`;

describe('a difference of decisions about actions', () => {
  it('is none where only the text is another', () => {
    const other = {
      title: 'Another title',
      labels: '{env: production}',
      callers: `[${oidc('ref: [refs/heads/main]', 'repository: acme/api')}]`,
      parameters: "{sha: {label: Commit, hint: forty letters, pattern: '^[0-9a-f]{40}$', required: true}}",
    };
    expect(between(world([action()]), world([`# a comment\n\n${action(other)}`]))).toEqual([]);
  });

  it('knows new and removed actions', () => {
    expect(between(world([]), world([action()]))).toEqual([`wider: ${ON_MAIN} can newly ask for deploy: ${ONE}`]);
    expect(between(world([action()]), world([]))).toEqual([
      `narrower: ${ON_MAIN} can no longer ask for deploy: refused (unknown-action); was ${ONE}`,
    ]);
    // Nobody may ask for it: nothing can happen that could not before.
    expect(between(world([]), world([action({ callers: null })]))).toEqual([]);
  });

  it('names the callers who can newly ask, and who no longer can', () => {
    const both = { callers: `[${MAIN}, ${JENKINS}]` };
    expect(changing({}, both)).toEqual([`wider: api-key:jenkins can newly ask for deploy: ${ONE}`]);
    expect(changing(both, {})).toEqual([`narrower: api-key:jenkins can no longer ask for deploy: ${INELIGIBLE}`]);
  });

  it('a claim that is no longer asked for lets more callers in, one value less fewer', () => {
    const any = { callers: `[${oidc('repository: acme/api')}]` };
    expect(changing({}, any)).toEqual([`wider: ${callers('repository=acme/api')} can newly ask for deploy: ${ONE}`]);
    expect(changing(any, {})).toEqual([
      `narrower: ${callers('repository=acme/api')} can no longer ask for deploy: ${INELIGIBLE}`,
    ]);
    const two = { callers: `[${oidc('repository: acme/api', 'ref: [refs/heads/main, refs/heads/next]')}]` };
    const onNext = callers('ref=refs/heads/next', 'repository=acme/api');
    expect(changing(two, {})).toEqual([`narrower: ${onNext} can no longer ask for deploy: ${INELIGIBLE}`]);
    expect(changing({}, two)).toEqual([`wider: ${onNext} can newly ask for deploy: ${ONE}`]);
  });

  it('says of values that no rule tells apart that it is about all of them', () => {
    const more = { callers: `[${MAIN}, ${oidc('repository: [acme/web, acme/app]', 'environment: [eu, us]')}]` };
    expect(changing({}, more)).toEqual([
      `wider: ${callers('environment=eu or us', 'repository=acme/app or acme/web')} can newly ask for deploy: ${ONE}`,
    ]);
  });

  it('a claim instead of another one both opens and closes', () => {
    expect(changing({}, { callers: `[${oidc('repository: acme/api', 'environment: production')}]` })).toEqual([
      `wider: ${callers('environment=production', 'repository=acme/api')} can newly ask for deploy: ${ONE}`,
      `narrower: ${ON_MAIN} can no longer ask for deploy: ${INELIGIBLE}`,
    ]);
  });

  it('a rule that another one makes needless changes nothing', () => {
    const any = oidc('repository: acme/api');
    expect(changing({ callers: `[${any}, ${MAIN}]` }, { callers: `[${any}]` })).toEqual([]);
  });

  it('a rule can ask for the subject as for any claim', () => {
    expect(changing({}, { callers: `[${oidc("sub: 'repo:acme/api'")}]` })).toEqual([
      `wider: ${callers('sub=repo:acme/api')} can newly ask for deploy: ${ONE}`,
      `narrower: ${ON_MAIN} can no longer ask for deploy: ${INELIGIBLE}`,
    ]);
  });

  it('callers that are too many to compare are wider as soon as anything about them is another', () => {
    const claim = (name: string, last: string) =>
      `${name}: [${Array.from({ length: 11 }, (_, index) => `${name}${index}`).join(', ')}, ${last}]`;
    // One more rule for each value, so that no two of them are alike.
    const many = (last: string) => {
      const rule = oidc(claim('a', 'x'), claim('b', 'x'), claim('c', last));
      const own = ['a', 'b', 'c'].flatMap((name) =>
        Array.from({ length: 11 }, (_, index) => oidc(`${name}: ${name}${index}`, 'ref: main')),
      );
      return { callers: `[${[rule, ...own].join(', ')}]` };
    };
    expect(changing(many('x'), many('x'))).toEqual([]);
    expect(changing(many('x'), many('y'))).toContainEqual(
      expect.stringMatching(/^wider: deploy: the list of callers is a list of 34 with too many claims and values/),
    );
  });

  it('another issuer is another caller, whatever its token says', () => {
    const other = MAIN.replace('ci.example', 'ci2.example');
    expect(changing({}, { callers: `[${MAIN}, ${other}]` })).toEqual([
      `wider: ${ON_MAIN.replace('ci.example', 'ci2.example')} can newly ask for deploy: ${ONE}`,
    ]);
  });

  it('tells fewer and more approvals, and what became automatic, as of accesses', () => {
    expect(changing({ flows: TWO_STEPS }, { flows: ONE_STEP })).toEqual([
      `wider: deploy needs ${ONE} instead of ${TWO} for requests of ${ON_MAIN}`,
    ]);
    const both = { callers: `[${MAIN}, ${JENKINS}]` };
    expect(changing({ ...both, flows: ONE_STEP }, { ...both, flows: TWO_STEPS })).toEqual([
      `narrower: deploy needs ${TWO} instead of ${ONE} for requests of every caller`,
    ]);
    expect(changing({ flows: ONE_STEP }, { flows: AUTO })).toEqual([
      `wider: deploy is now approved automatically for ${ON_MAIN}; was ${ONE}`,
    ]);
    expect(changing({ flows: AUTO }, { flows: ONE_STEP })).toEqual([
      `narrower: deploy is no longer approved automatically for ${ON_MAIN}: ${ONE}`,
    ]);
  });

  it('tells who may newly approve, escalations and handed votes', () => {
    const step = (more: string) => `[{name: normal, steps: [{approvers: ['group:dba'], need: 1${more}}]}]`;
    expect(changing({}, { flows: ONE_STEP.replace("'group:dba'", "'group:dba', 'group:contractors'") })).toEqual([
      `wider: eli@example.com may newly approve deploy for requests of ${ON_MAIN}`,
    ]);
    expect(changing({}, { flows: step(", escalate: {after: 30m, to: ['group:contractors']}") })).toEqual([
      `wider: deploy escalates after 30m to group:contractors instead of never for requests of ${ON_MAIN}`,
    ]);
    expect(changing({}, { flows: step(', delegation: allowed') })).toEqual([
      `wider: votes for deploy may be handed on in step 1 instead of no step for requests of ${ON_MAIN}`,
    ]);
  });

  it('tells how long an approval may be used', () => {
    expect(changing({}, { valid_for: '1h' })).toEqual(['wider: deploy: an approval may be used for 1h instead of 15m']);
    expect(changing({}, { valid_for: '5m' })).toEqual([
      'narrower: deploy: an approval may be used for 5m instead of 15m',
    ]);
  });

  it('tells which values a parameter newly takes, and which no longer', () => {
    const env = (rule: string) => ({ parameters: `{environment: {${rule}}}` });
    const one = env('enum: [staging]');
    expect(changing(one, env('enum: [staging, production]'))).toEqual([
      'wider: deploy: the parameter environment newly takes production',
    ]);
    expect(changing(env('enum: [staging, production]'), one)).toEqual([
      'narrower: deploy: the parameter environment no longer takes production',
    ]);
    expect(changing(one, env('enum: [production]'))).toEqual([
      'wider: deploy: the parameter environment newly takes production',
      'narrower: deploy: the parameter environment no longer takes staging',
    ]);
    // Of a pattern it is known whether it takes these values.
    expect(changing(one, env("pattern: '^s'"))).toEqual([
      'wider: deploy: the parameter environment is in the form ^s (was one of staging)',
    ]);
    expect(changing(env("pattern: '^s'"), one)).toEqual([
      'narrower: deploy: the parameter environment is one of staging (was in the form ^s)',
    ]);
    expect(changing(env("pattern: '^p'"), one)).toEqual([
      'wider: deploy: the parameter environment is one of staging (was in the form ^p)',
    ]);
    expect(changing(env("pattern: '^p'"), env('required: false'))).toEqual([
      'wider: deploy: the parameter environment is any text (was in the form ^p)',
    ]);
    expect(changing(env('required: false'), env("pattern: '^p'"))).toEqual([
      'narrower: deploy: the parameter environment is in the form ^p (was any text)',
    ]);
    // NB. which of two patterns takes more is not decided: not shown to be harmless is wider.
    expect(changing(env("pattern: '^p'"), env("pattern: '^pr'"))).toEqual([
      'wider: deploy: the parameter environment is in the form ^pr (was in the form ^p)',
    ]);
  });

  it('tells whether a parameter must be given, may be, or is gone', () => {
    const sha = (more: string) => ({ parameters: `{sha: {required: true}${more}}` });
    const none = sha('');
    const may = sha(", force: {enum: ['yes']}");
    const must = sha(", force: {enum: ['yes'], required: true}");
    const is = (now: string, was: string) => `deploy: the parameter force is ${now} (was ${was})`;
    expect(changing(none, may)).toEqual([`wider: ${is('not required, one of yes', 'not asked for')}`]);
    expect(changing(may, none)).toEqual([`narrower: ${is('not asked for', 'not required, one of yes')}`]);
    expect(changing(none, must)).toEqual([`narrower: ${is('required, one of yes', 'not asked for')}`]);
    expect(changing(must, none)).toEqual([`wider: ${is('not asked for', 'required, one of yes')}`]);
    expect(changing(may, must)).toEqual([`narrower: ${is('required', 'not required')}`]);
    expect(changing(must, may)).toEqual([`wider: ${is('not required', 'required')}`]);
  });

  it('tells the reason and the channel', () => {
    expect(changing({}, { reason: '{required: true, min_length: 10}' })).toEqual([
      'narrower: deploy: the reason is required, at least 10 characters (was not required)',
    ]);
    expect(changing({}, { channel: "'#deploys'" })).toEqual([
      'other: deploy: the channel is #deploys (was none, each approver directly)',
    ]);
  });

  it('tells that another key is a caller’s now, and never which', () => {
    const keys = (...digits: string[]) =>
      world([action()], `[${digits.map((digit) => `'${hash(digit)}'`).join(', ')}]`);
    expect(between(keys('a'), keys('a', 'c'))).toEqual(['wider: another key is now api-key:jenkins']);
    expect(between(keys('a', 'c'), keys('c'))).toEqual([
      'narrower: a key of api-key:jenkins is worth nothing any more',
    ]);
    expect(between(keys('a'), keys('c'))).toEqual([
      'wider: another key is now api-key:jenkins',
      'narrower: a key of api-key:jenkins is worth nothing any more',
    ]);
  });

  it('joins the same change of several actions in one line, and counts what was compared', () => {
    const many = (keys: Keys) => world(['a', 'b', 'c'].map((name) => action({ name, ...keys })));
    const { changes, compared } = diffPolicies(many({}), many({ valid_for: '1h' }), NOW);
    expect(changes.map(({ sentence }) => sentence)).toEqual([
      'a, b and c: an approval may be used for 1h instead of 15m',
    ]);
    expect(changes).toEqual([expect.objectContaining({ accesses: [], actions: ['a', 'b', 'c'], people: [] })]);
    expect(compared).toMatchObject({ accesses: 1, actions: 3 });
  });

  it('points at the rule that made the difference', () => {
    const now = action({ callers: `\n  - ${MAIN}\n  - ${JENKINS}` });
    const [change] = diffPolicies(world([action()]), world([now]), NOW).changes;
    expect(change?.callers).toEqual(['api-key:jenkins']);
    expect(change?.places).toEqual([expect.objectContaining({ file: 'actions.yaml', line: 6 })]);
  });
});

describe('conditions of actions in a diff', () => {
  const openWhen = (when: string) => ({
    flows: `[{name: open, when: '${when}', auto_approve: true}, ${ONE_STEP.slice(1)}`,
  });
  const automatic = (when: string, keys: Keys = {}) => changing(keys, { ...keys, ...openWhen(when) });

  it('tell at what times, and for which parameters', () => {
    expect(automatic('in_schedule("office")')).toEqual([
      `wider: deploy is now approved automatically for ${ON_MAIN} during office; was ${ONE}`,
    ]);
    const parameters = { parameters: '{environment: {enum: [staging, production], required: true}}' };
    expect(automatic('request.parameters.environment == "staging"', parameters)).toEqual([
      `wider: deploy is now approved automatically for ${ON_MAIN} as it is usually asked for and with environment=staging; was ${ONE}`,
    ]);
  });

  it('tell callers apart by what their tokens say, and that it can be anything', () => {
    const [was, now] = [
      world([action()]),
      world([action(openWhen('"actor" in caller.claims && caller.claims["actor"] == "release-bot"'))]),
    ];
    const { changes, notes } = diffPolicies(was, now, NOW);
    const bot = callers('ref=refs/heads/main', 'repository=acme/api', 'actor=release-bot');
    expect(changes.map(({ sentence }) => sentence)).toEqual([
      `deploy is now approved automatically for ${bot}; was ${ONE}`,
    ]);
    expect(notes).toEqual([expect.stringMatching(/^Conditions of deploy ask for what callers’ tokens say/)]);
  });

  it('tell values of a claim apart that rules do not', () => {
    const two = { callers: `[${oidc('repository: [acme/api, acme/web]')}]` };
    expect(automatic('caller.claims["repository"] == "acme/web"', two)).toEqual([
      `wider: deploy is now approved automatically for ${callers('repository=acme/web')}; was ${ONE}`,
    ]);
  });

  it('tell kinds of callers apart, and keys by name', () => {
    const both = { callers: `[${MAIN}, ${JENKINS}, {api_key: builder}]` };
    expect(automatic('caller.kind == "api-key"', both)).toEqual([
      `wider: deploy is now approved automatically for api-key:jenkins and api-key:builder; was ${ONE}`,
    ]);
    expect(automatic('caller.api_key == "builder"', both)).toEqual([
      `wider: deploy is now approved automatically for api-key:builder; was ${ONE}`,
    ]);
  });

  it('tell a list from a text, which lets callers in all the same', () => {
    const one = { callers: `[${oidc('groups: deployers')}]` };
    expect(automatic('!("groups" in caller.claims)', one)).toEqual([
      `wider: deploy is now approved automatically for ${callers('groups=[deployers]')}; was ${ONE}`,
    ]);
  });

  it('tell subjects apart that they mention', () => {
    expect(automatic('caller.subject == "repo:acme/api"')).toEqual([
      `wider: deploy is now approved automatically for ${ON_MAIN} and sub=repo:acme/api; was ${ONE}`,
    ]);
  });
});
