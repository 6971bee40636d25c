import { diffPolicies } from '../../src/policy/diff/index.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { access, DIRECTORY, documents, type Keys, policiesIn, TARGETS } from './support/world.ts';

const NOW = '2026-03-03T12:00:00.000Z';

const world = (accesses: readonly string[], directory = DIRECTORY, targets = TARGETS): PolicySet =>
  policiesIn({ 'directory.yaml': directory, 'targets.yaml': targets, 'access.yaml': documents(...accesses) });

/** What changes when the usual access gets these keys. */
const changing = (was: Keys, now: Keys) => between(world([access(was)]), world([access(now)]));
const between = (was: PolicySet, now: PolicySet) =>
  diffPolicies(was, now, NOW).changes.map(({ direction, sentence }) => `${direction}: ${sentence}`);

const steps = (...each: string[]) => `[{name: normal, steps: [${each.join(', ')}]}]`;
const step = (approvers: string, need = 1) => `{approvers: [${approvers}], need: ${need}}`;
const AUTO = '[{name: open, auto_approve: true}]';
const DBA = "'group:dba'";

// Of backend, fay is disabled and counts nowhere; hal has no account at app-db.
const BACKEND = 'group:backend except hal@example.com (4 people)';
const OTHERS = 'group:backend except eli@example.com and hal@example.com (3 people)';

describe('a difference of decisions', () => {
  it('is none where only the text is another', () => {
    const was = [access(), access({ name: 'other' })];
    const now = [access({ name: 'other' }), access({ title: 'Another title', labels: '{env: production}' })];
    expect(between(world(was), world(now.map((text) => `# a comment\n\n${text}`)))).toEqual([]);
  });

  it('names who can newly ask, as a group', () => {
    expect(changing({ requesters: "['group:dba']" }, { requesters: "['group:dba', 'group:contractors']" })).toEqual([
      'wider: eli@example.com can newly ask for db-read: 1 approval (1 of group:dba)',
    ]);
    const wider = changing({ requesters: '[]', flows: AUTO }, { requesters: "['group:backend']", flows: AUTO });
    expect(wider).toEqual([`wider: ${BACKEND} can newly ask for db-read: automatic`]);
  });

  it('names who can no longer ask, and the rule that says so', () => {
    expect(changing({}, { deny: "['group:contractors']" })).toEqual([
      'narrower: eli@example.com can no longer ask for db-read: refused (denied-by-policy); was 1 approval (1 of group:dba)',
    ]);
  });

  it('knows new and removed accesses', () => {
    const both = world([access(), access({ name: 'new', requesters: "['user:ana@example.com']" })]);
    const one = world([access()]);
    expect(between(one, both)).toEqual(['wider: ana@example.com can newly ask for new: 1 approval (1 of group:dba)']);
    expect(between(both, one)).toEqual([
      'narrower: ana@example.com can no longer ask for new: refused (unknown-access); was 1 approval (1 of group:dba)',
    ]);
  });

  it('tells fewer and more approvals', () => {
    const [two, one] = [steps(step(DBA, 2)), steps(step(DBA))];
    expect(changing({ flows: two }, { flows: one })).toEqual([
      `wider: db-read needs 1 approval (1 of group:dba) instead of 2 approvals (2 of group:dba) for requests of ${BACKEND}`,
    ]);
    expect(changing({ flows: one }, { flows: two })).toEqual([
      `narrower: db-read needs 2 approvals (2 of group:dba) instead of 1 approval (1 of group:dba) for requests of ${BACKEND}`,
    ]);
  });

  it('tells what became automatic, and what no longer is', () => {
    const two = steps(step(DBA, 2));
    expect(changing({ flows: two }, { flows: AUTO })).toEqual([
      `wider: db-read is now approved automatically for ${BACKEND}; was 2 approvals (2 of group:dba)`,
    ]);
    expect(changing({ flows: AUTO }, { flows: two })).toEqual([
      `narrower: db-read is no longer approved automatically for ${BACKEND}: 2 approvals (2 of group:dba)`,
    ]);
  });

  it('tells a longer and a shorter maximum once, and not for every length of time', () => {
    const long = '{default: 1h, max: 8h}';
    expect(changing({}, { duration: long })).toEqual([
      `wider: ${BACKEND} can ask for db-read for at most 8h; was at most 4h`,
    ]);
    expect(changing({ duration: long }, {})).toEqual([
      `narrower: ${BACKEND} can ask for db-read for at most 4h; was at most 8h`,
    ]);
  });

  it('names who newly may approve, and who no longer may', () => {
    const both = steps(step("'group:dba', 'group:contractors'"));
    expect(changing({}, { flows: both })).toEqual([
      `wider: eli@example.com may newly approve db-read for requests of ${OTHERS}`,
    ]);
    expect(changing({ flows: both }, {})).toEqual([
      `narrower: eli@example.com may no longer approve db-read for requests of ${OTHERS}`,
    ]);
  });

  it('calls a thousand managers by their word', () => {
    const manager = steps(step("'group:dba', manager"));
    const flows = steps(step("'group:security', manager"));
    const was = { requesters: '[everyone]', flows: steps(step("'group:security'")) };
    // gus, dee and cy themselves have no manager: nothing changes for them.
    expect(changing(was, { ...was, flows })).toEqual([
      'wider: the requester’s manager may newly approve db-read for requests of group:backend except gus@example.com and hal@example.com (3 people)',
    ]);
    // Whoever manages is a database administrator, too: nobody new.
    expect(changing({}, { flows: manager })).toEqual([]);
  });

  it('sees that the same people in as many seats may be freer than before', () => {
    const apart = steps(step(DBA), step("'group:security'"));
    const together = steps(step("'group:dba', 'group:security'", 2));
    const directory = DIRECTORY.replace('security: [dee@example.com]', 'security: [dee@example.com, eli@example.com]');
    const was = world([access({ flows: apart, requesters: "['user:ana@example.com']" })], directory);
    const now = world([access({ flows: together, requesters: "['user:ana@example.com']" })], directory);
    expect(between(was, now)).toEqual([
      'wider: db-read needs 2 approvals (2 of group:dba or group:security) instead of 2 approvals (1 of group:dba, then 1 of group:security) for requests of ana@example.com',
    ]);
    expect(between(now, was)).toEqual([
      'narrower: db-read needs 2 approvals (1 of group:dba, then 1 of group:security) instead of 2 approvals (2 of group:dba or group:security) for requests of ana@example.com',
    ]);
  });

  it('tells a later escalation to more people', () => {
    const escalating = (to: string) => steps(`{approvers: [${DBA}], escalate: {after: 30m, to: [${to}]}}`);
    expect(changing({}, { flows: escalating("'group:contractors'") })).toEqual([
      `wider: db-read escalates after 30m to group:contractors instead of never for requests of ${OTHERS}`,
    ]);
  });

  it('tells that votes may be handed on', () => {
    expect(changing({}, { flows: steps(`{approvers: [${DBA}], delegation: allowed}`) })).toEqual([
      `wider: votes for db-read may be handed on in step 1 instead of no step for requests of ${BACKEND}`,
    ]);
  });

  it('tells who may take it in an emergency, and how often', () => {
    const glass = (allow: string, times: number) => ({
      break_glass: `{allow: [${allow}], review_within: 24h, quota: {times: ${times}, per: 30d}}`,
    });
    expect(changing({}, glass("'group:security'", 1))).toEqual([
      'wider: dee@example.com can newly take db-read in an emergency, without approval',
    ]);
    expect(changing(glass("'group:security', 'group:contractors'", 2), glass("'group:security'", 1))).toEqual([
      'narrower: eli@example.com can no longer take db-read in an emergency: refused (not-eligible)',
      'narrower: db-read: the quota of emergencies is 1 in 30d (was 2 in 30d)',
    ]);
  });

  it('joins the same change of several accesses in one line', () => {
    const many = (more: Keys) => world(['a', 'b', 'c'].map((name) => access({ name, ...more })));
    expect(between(many({}), many({ requesters: "['group:backend', 'user:dee@example.com']" }))).toEqual([
      'wider: dee@example.com can newly ask for a, b and c: 1 approval (1 of group:dba)',
    ]);
  });

  it('tells what it gives, and rules about the request itself', () => {
    const grants = '[{target: app-db, role: app_reader}, {target: app-db, role: app_writer}]';
    expect(changing({}, { grants })).toEqual(['wider: db-read also gives: role app_writer at app-db']);
    expect(changing({ grants }, {})).toEqual(['narrower: db-read no longer gives: role app_writer at app-db']);
    const strict = { reason: '{required: true, min_length: 10}' };
    expect(changing(strict, {})).toEqual([
      'wider: db-read: the reason is not required (was required, at least 10 characters)',
    ]);
    expect(changing({}, strict)).toHaveLength(1);
    expect(changing({}, { duration: '{default: 2h, max: 4h}', channel: "'#db'" })).toEqual([
      'other: db-read: the channel is #db (was none, each approver directly)',
      'other: db-read: the default duration is 2h (was 1h)',
    ]);
  });

  it('tells of people in other groups, enabled, without an account, and of whom Slack takes them for', () => {
    const usual = world([access()]);
    const with_ = (from: string, to: string) => between(usual, world([access()], DIRECTORY.replace(from, to)));
    expect(with_('contractors: [eli', 'contractors: [ana@example.com, eli')).toEqual([]);
    expect(with_('dba: [cy', 'dba: [eli@example.com, cy')).toEqual([
      `wider: eli@example.com may newly approve db-read for requests of ${OTHERS}`,
    ]);
    expect(with_(', disabled: true', '')[0]).toMatch(/^wider: fay@example.com can newly ask for db-read/);
    expect(with_('slack: U01ANA', 'slack: U01EVE')).toEqual([
      'wider: another Slack user is now ana@example.com: U01EVE (was U01ANA)',
    ]);
    expect(with_('dee_admin', 'root')).toEqual([
      'wider: dee@example.com has another account at app-db: root (was dee_admin)',
    ]);
  });

  it('tells that a target is another system, without its settings', () => {
    const targets = TARGETS.replace(
      "app-db: {provider: postgres-role, url: '${env:POSTGRES_URL}'",
      "app-db: {provider: postgres-role, end_sessions: true, url: '${env:POSTGRES_URL}'",
    );
    const found = between(world([access()]), world([access()], DIRECTORY, targets));
    expect(found).toEqual(['other: the settings of the target app-db are others']);
  });

  it('compares a group that only Slack knows as people in no other group, and says so', () => {
    const directory = DIRECTORY.replace('  nobody: []', '  oncall: {slack_usergroup: S0123ONCALL}\n  nobody: []');
    const one = (keys: Keys) => world([access(keys)], directory);
    const usual = { requesters: "['group:backend', 'group:oncall']" };
    expect(between(one({}), one(usual))).toEqual([
      'wider: group:oncall (not known here) can newly ask for db-read: 1 approval (1 of group:dba)',
    ]);
    // NB. denied to a group that nobody can look into, everything would be refused before and after.
    expect(between(one({ deny: "['group:oncall']" }), one({ deny: "['group:oncall']", flows: AUTO }))).toEqual([
      `wider: db-read is now approved automatically for ${BACKEND}; was 1 approval (1 of group:dba)`,
    ]);
    expect(diffPolicies(one({}), one(usual), NOW).notes).toEqual([
      expect.stringMatching(/^Who is in group:oncall is known to/),
    ]);
  });
});
