import { plus } from '../../../src/domain/instant.ts';
import { evaluate, type LiveData, overlay, type PolicySet } from '../../../src/policy/index.ts';
import { access, DIRECTORY, documents, policiesIn, policiesWithLive, TARGETS } from '../support/world.ts';

const NOW = '2026-03-03T09:00:00.000Z';
const MINUTE = 60_000;
const SETTINGS = 'version: 1\nkind: settings\nmatch_slack_email: true\n';
const ONCALL = 'version: 1\nkind: directory\ngroups: {oncall: {slack_usergroup: S0ONCALL}}\n';

const policiesFor = (...accesses: string[]): PolicySet => policiesWithLive(documents(SETTINGS, ONCALL), ...accesses);

const dataOf = (emails: Record<string, string>, members: string[] = []): LiveData => ({
  usergroups: new Map([['S0ONCALL', { last: { asOf: NOW, value: members } }]]),
  slackEmails: { last: { asOf: NOW, value: new Map(Object.entries(emails)) } },
});

const refusal = (policies: PolicySet, slack: string) => {
  const decision = evaluate(policies, { slack, access: 'db-read', now: NOW });
  return decision.ok ? undefined : decision.refusal;
};

describe('with match_slack_email', () => {
  const policies = policiesFor(access());
  const laid = (emails: Record<string, string>, members?: string[], now = NOW) =>
    overlay(policies, dataOf(emails, members), now).policies;

  it('whoever has no Slack id in the files is found by the e-mail in Slack', () => {
    const live = laid({ U0GUSTAV: 'gus@example.com' });
    expect(live.directory.bySlack('U0GUSTAV')?.email).toBe('gus@example.com');
    expect(refusal(live, 'U0GUSTAV')).toBeUndefined();
    expect(refusal(live, 'U01ANA')).toBeUndefined();
  });

  it('whoever has one is not: neither id nor e-mail can be taken over', () => {
    // Somebody took Ana’s e-mail, and Cy took Gus’s.
    const live = laid({ U0MALLORY: 'ana@example.com', U01CY: 'gus@example.com' });
    expect(live.directory.bySlack('U0MALLORY')).toBeUndefined();
    expect(live.directory.byEmail('ana@example.com')?.slack).toBe('U01ANA');
    expect(live.directory.bySlack('U01CY')?.email).toBe('cy@example.com');
    expect(live.directory.byEmail('gus@example.com')?.slack).toBeUndefined();
  });

  it('of two with one e-mail neither is the person, and the log says so', () => {
    const live = laid({ U0GUS: 'gus@example.com', U0GUS2: 'gus@example.com' });
    expect(live.directory.byEmail('gus@example.com')?.slack).toBeUndefined();
    expect(live.directory.gaps).toEqual([
      expect.objectContaining({ why: expect.stringMatching(/more than one user .* gus@example\.com\.$/) }),
    ]);
    expect(refusal(live, 'U0GUS')?.code).toBe('unknown-person');
  });

  it('an e-mail that only looks the same is another', () => {
    const live = laid({ U0GUS: 'guѕ@example.com', U0GUS2: 'gus@example.com.' });
    expect(live.directory.byEmail('gus@example.com')?.slack).toBeUndefined();
  });

  it('nobody is found before Slack was asked, nor after fifteen minutes, and the refusal says why', () => {
    expect(refusal(policies, 'U0GUS')?.sentence).toMatch(
      /not known in Slack now: Slack’s list of e-mails has not been read/,
    );
    expect(refusal(laid({ U0GUS: 'gus@example.com' }, [], plus(NOW, 15 * MINUTE - 1)), 'U0GUS')).toBeUndefined();
    expect(refusal(laid({ U0GUS: 'gus@example.com' }, [], plus(NOW, 15 * MINUTE)), 'U0GUS')?.code).toBe(
      'unknown-person',
    );
    // Those with an id in the files go on.
    expect(refusal(laid({}, [], plus(NOW, 15 * MINUTE)), 'U01ANA')).toBeUndefined();
  });

  it('a member of a user group is found by e-mail, too', () => {
    const live = laid({ U0GUS: 'gus@example.com' }, ['U0GUS', 'U01DEE']);
    expect(live.directory.members('oncall').map(({ email }) => email)).toEqual(['gus@example.com', 'dee@example.com']);
  });

  // NB. asked by e-mail, as before something is given, a member of the denied group must not pass for a stranger to it.
  it('a denied user group denies everybody while e-mails are not known', () => {
    const denying = policiesFor(access({ deny: "['group:oncall']" }));
    const { slackEmails: _, ...without } = dataOf({}, ['U0GUS']);
    const decision = evaluate(overlay(denying, without, NOW).policies, {
      email: 'gus@example.com',
      access: 'db-read',
      now: NOW,
    });
    expect(decision).toMatchObject({ ok: false, refusal: { code: 'directory-unavailable' } });
  });

  it('a step of people without a Slack id loads, as Slack may know them', () => {
    const flows = "[{name: normal, steps: [{approvers: ['user:gus@example.com']}]}]";
    expect(() => policiesFor(access({ flows }))).not.toThrow();
    const files = { 'directory.yaml': DIRECTORY, 'targets.yaml': TARGETS, 'access.yaml': access({ flows }) };
    expect(() => policiesIn(files)).toThrow(/empty-group/);
    expect(() => policiesFor(access({ flows: flows.replace(']}]}]', '], need: 2}]}]') }))).toThrow(/too-few-approvers/);
  });
});

describe('without match_slack_email', () => {
  it('no e-mail of Slack is looked at', () => {
    const policies = policiesIn({ 'directory.yaml': DIRECTORY, 'targets.yaml': TARGETS, 'access.yaml': access() });
    const live = overlay(policies, dataOf({ U0GUS: 'gus@example.com' }), NOW).policies;
    expect(live.directory.bySlack('U0GUS')).toBeUndefined();
    expect(live.directory.gaps).toEqual([]);
  });
});
