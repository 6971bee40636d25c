import { plus } from '../../../src/domain/instant.ts';
import {
  approvers,
  isApprover,
  type LiveData,
  overlay,
  type PolicySet,
  type Reading,
  requestable,
} from '../../../src/policy/index.ts';
import { access, ask, DIRECTORY, policiesIn, policiesWithLive, TARGETS } from '../support/world.ts';

const NOW = '2026-03-03T09:00:00.000Z';
const MINUTE = 60_000;

const LIVE = `version: 1
kind: directory
groups:
  oncall: {slack_usergroup: S0ONCALL}
  temps: {slack_usergroup: S0TEMPS}
`;

const policiesFor = (...accesses: string[]): PolicySet => policiesWithLive(LIVE, ...accesses);

const read = (...users: string[]): Reading<readonly string[]> => ({ last: { asOf: NOW, value: users } });

const data = (usergroups: Record<string, Reading<readonly string[]>>): LiveData => ({
  usergroups: new Map(Object.entries(usergroups)),
});

const BOTH = data({ S0ONCALL: read('U01DEE', 'U01CY'), S0TEMPS: read('U01ELI') });

const refusal = (policies: PolicySet, email = 'ana@example.com') => {
  const decision = ask(policies, { email, access: 'db-read' });
  return decision.ok ? undefined : decision.refusal;
};

const approvedBy = (group: string, more = {}) =>
  access({ flows: `[{name: normal, steps: [{approvers: ['group:${group}']}]}]`, ...more });

describe('a group whose members come from Slack', () => {
  const policies = policiesFor(approvedBy('oncall'));
  const [, step] = [0, { approvers: [{ kind: 'group', name: 'oncall' } as const], need: 1 }];
  const context = { requester: 'ana@example.com', targets: ['app-db'] };

  it('has the people of the directory whom Slack lists, in Slack’s order', () => {
    const { directory } = overlay(policies, BOTH, NOW).policies;
    expect(directory.members('oncall').map(({ email }) => email)).toEqual(['dee@example.com', 'cy@example.com']);
    expect(directory.groupsOf('dee@example.com')).toEqual(['dba', 'oncall', 'security']);
    expect(directory.gaps).toEqual([]);
  });

  it('has nobody whom the directory does not know, and nobody twice', () => {
    const strange = data({ ...entries(BOTH), S0ONCALL: read('U0STRANGER', 'U01DEE', 'u01cy', 'U01DEE') });
    const { directory } = overlay(policies, strange, NOW).policies;
    expect(directory.members('oncall').map(({ email }) => email)).toEqual(['dee@example.com']);
  });

  it('lets its members ask and approve, who stay disabled when they are', () => {
    const live = overlay(
      policies,
      data({ ...entries(BOTH), S0ONCALL: read('U01DEE', 'U01FAY', 'U01ANA') }),
      NOW,
    ).policies;
    expect(refusal(live)).toBeUndefined();
    // The requester is a member, and does not count.
    expect(approvers(live, step, context).map(({ email }) => email)).toEqual(['dee@example.com']);
  });

  it('has nobody before it was read, although the policies load', () => {
    expect(policies.directory.members('oncall')).toEqual([]);
    expect(refusal(policies)).toEqual({
      code: 'no-approvers',
      sentence: expect.stringMatching(
        /Who is in group:oncall is not known now: Slack user group S0ONCALL has not been read/,
      ),
      rule: expect.any(String),
    });
    expect(isApprover(policies, step, 'dee@example.com', context)).toBe(false);
  });

  it('is relied on for fifteen minutes and no millisecond longer', () => {
    const { until } = overlay(policies, BOTH, NOW);
    expect(until).toBe(plus(NOW, 15 * MINUTE));
    expect(refusal(overlay(policies, BOTH, plus(NOW, 15 * MINUTE - 1)).policies)).toBeUndefined();
    const stale = overlay(policies, BOTH, plus(NOW, 15 * MINUTE));
    expect(refusal(stale.policies)?.sentence).toMatch(
      /was last read at 2026-03-03T09:00:00\.000Z, and is relied on .* 15m/,
    );
    expect(stale.policies.directory.members('oncall')).toEqual([]);
    expect(stale.until).toBeUndefined();
  });

  it('is relied on for one minute after Slack said that it changed', () => {
    const changed = data({ ...entries(BOTH), S0ONCALL: { ...read('U01DEE'), changedAt: NOW } });
    expect(overlay(policies, changed, NOW).until).toBe(plus(NOW, MINUTE));
    expect(refusal(overlay(policies, changed, plus(NOW, MINUTE - 1)).policies)).toBeUndefined();
    expect(refusal(overlay(policies, changed, plus(NOW, MINUTE)).policies)?.sentence).toMatch(
      /changed at .* could not be read/,
    );
  });

  it('has nobody when Slack says that there is no such user group', () => {
    const gone = { ...read('U01DEE'), failure: { sentence: 'no_such_subteam', final: true } };
    const live = overlay(policies, data({ ...entries(BOTH), S0ONCALL: gone }), NOW).policies;
    expect(refusal(live)?.code).toBe('no-approvers');
    expect(live.directory.gaps).toEqual([
      {
        source: 'Slack user group S0ONCALL',
        groups: ['oncall'],
        why: 'Who is in group:oncall is not known now: Slack user group S0ONCALL cannot be read.',
        detail: 'no_such_subteam',
      },
    ]);
  });

  it('goes on with what it knows while a failure may pass', () => {
    const failing = { ...read('U01DEE'), failure: { sentence: 'HTTP 500', final: false } };
    expect(refusal(overlay(policies, data({ ...entries(BOTH), S0ONCALL: failing }), NOW).policies)).toBeUndefined();
  });

  it('a reading from the future is none', () => {
    const future = data({ ...entries(BOTH), S0ONCALL: { last: { asOf: plus(NOW, 1), value: ['U01DEE'] } } });
    expect(refusal(overlay(policies, future, NOW).policies)?.code).toBe('no-approvers');
  });
});

describe('a step of a live group at load', () => {
  it('counts as one that can be filled, however many it needs', () => {
    const flows = "[{name: normal, steps: [{approvers: ['group:oncall'], need: 3}, {approvers: ['group:security']}]}]";
    expect(() => policiesFor(access({ flows }))).not.toThrow();
  });

  it('can be escalated to', () => {
    const flows =
      "[{name: normal, steps: [{approvers: ['group:dba'], escalate: {after: 5m, to: ['group:oncall']}}], timeout: 1h}]";
    expect(() => policiesFor(access({ flows }))).not.toThrow();
  });

  it('does not lend its people to the other steps', () => {
    const flows = "[{name: normal, steps: [{approvers: ['group:oncall']}, {approvers: ['group:security'], need: 2}]}]";
    expect(() => policiesFor(access({ flows }))).toThrow(/too-few-approvers/);
  });
});

describe('a live group that may ask', () => {
  const policies = policiesFor(access({ requesters: "['group:oncall', 'group:backend']" }));

  it('lets nobody in while it is not known, and the others all the same', () => {
    expect(refusal(policies, 'dee@example.com')).toMatchObject({
      code: 'not-eligible',
      sentence: expect.stringMatching(/group:oncall is not known now/),
    });
    expect(refusal(policies)).toBeUndefined();
    expect(refusal(overlay(policies, BOTH, NOW).policies, 'dee@example.com')).toBeUndefined();
  });
});

// NB. a denied group that cannot be read must not deny nobody.
describe('a live group that is denied', () => {
  const policies = policiesFor(access({ deny: "['group:temps']" }));

  it('denies its members', () => {
    const live = overlay(policies, BOTH, NOW).policies;
    expect(refusal(live, 'eli@example.com')?.code).toBe('denied-by-policy');
    expect(refusal(live)).toBeUndefined();
  });

  it.each([
    ['has not been read', data({})],
    ['was read too long ago', data({ S0TEMPS: { last: { asOf: plus(NOW, -15 * MINUTE), value: ['U01ELI'] } } })],
    ['is gone', data({ S0TEMPS: { ...read('U01ELI'), failure: { sentence: 'gone', final: true } } })],
  ])('denies everybody when it %s', (_, known) => {
    const live = overlay(policies, known, NOW).policies;
    for (const email of ['eli@example.com', 'ana@example.com', 'ben@example.com']) {
      expect(refusal(live, email)).toMatchObject({
        code: 'directory-unavailable',
        sentence: expect.stringMatching(/denies it to group:temps.*S0TEMPS.*Try again/),
        rule: expect.stringMatching(/^db-read: deny/),
      });
      expect(requestable(live, email)).toEqual([]);
    }
  });

  it('denies everybody through the owner of a target, too', () => {
    const owned = policiesIn({
      'directory.yaml': DIRECTORY,
      'live.yaml': LIVE,
      'targets.yaml': TARGETS.replace('owner: group:dba', 'owner: group:temps'),
      'access.yaml': access({ deny: '[owner]' }),
    });
    expect(refusal(owned)?.code).toBe('directory-unavailable');
    expect(refusal(overlay(owned, BOTH, NOW).policies)).toBeUndefined();
  });
});

// NB. a group that cannot be read must not make `!(… in requester.groups)` hold.
describe('a live group in a condition', () => {
  it.each([
    ['!("temps" in requester.groups)', true],
    ['requester.groups.all(g, g != "temps")', true],
    ['"backend" in requester.groups', false],
  ])('%s: has no answer while the group is not known: %s', (when, unanswered) => {
    const policies = policiesFor(access({ flows: `[{name: free, when: '${when}', auto_approve: true}]` }));
    expect(refusal(overlay(policies, BOTH, NOW).policies)).toBeUndefined();
    const unread = refusal(overlay(policies, data({ S0ONCALL: read() }), NOW).policies);
    if (unanswered)
      expect(unread).toMatchObject({ code: 'policy-error', sentence: expect.stringContaining('S0TEMPS') });
    else expect(unread).toBeUndefined();
  });
});

describe('laying over', () => {
  it('changes nothing of the policies it is given, and can be done again', () => {
    const policies = policiesFor(approvedBy('oncall'));
    const first = overlay(policies, BOTH, NOW).policies;
    expect(policies.directory.members('oncall')).toEqual([]);
    expect(first.revision).toBe(policies.revision);
    expect(Object.isFrozen(first)).toBe(true);
    const second = overlay(first, data({ ...entries(BOTH), S0ONCALL: read() }), NOW).policies;
    expect(second.directory.members('oncall')).toEqual([]);
  });

  it('gives policies without live groups back as they were', () => {
    const policies = policiesIn({ 'directory.yaml': DIRECTORY, 'targets.yaml': TARGETS, 'access.yaml': access() });
    const { policies: same, until } = overlay(policies, BOTH, NOW);
    expect(until).toBeUndefined();
    expect(same.directory.people).toEqual(policies.directory.people);
    expect(same.directory.groups).toEqual(policies.directory.groups);
  });
});

function entries({ usergroups }: LiveData): Record<string, Reading<readonly string[]>> {
  return Object.fromEntries(usergroups);
}
