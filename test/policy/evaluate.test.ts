import type { PolicySet } from '../../src/policy/index.ts';
import { type Asked, access, ask, DIRECTORY, policiesIn, policiesWith, TARGETS } from './support/world.ts';

const HOUR = 3_600_000;
const ana = { email: 'ana@example.com' };

const refusalOf = (policies: PolicySet, question: Asked) => {
  const decision = ask(policies, question);
  return decision.ok ? undefined : decision.refusal;
};

describe('a request that the rules allow', () => {
  const policies = policiesWith(
    access({
      title: 'Database, read',
      grants: '[{target: app-db, role: app_reader}, {target: directory, group: readers}]',
      flows:
        "[{name: normal, steps: [{approvers: ['group:dba']}, {approvers: [manager, 'group:security']}], timeout: 2h}, {name: never, auto_approve: true}]",
      channel: "'#db'",
    }),
  );

  it('gets the flow, the duration and the entitlements it would have', () => {
    const decision = ask(policies, { slack: 'U01ANA', access: 'db-read', durationMs: 2 * HOUR });
    expect(decision).toMatchObject({
      ok: true,
      access: { name: 'db-read', title: 'Database, read', channel: '#db' },
      person: { email: 'ana@example.com', slack: 'U01ANA' },
      durationMs: 2 * HOUR,
      flow: {
        name: 'normal',
        autoApprove: false,
        steps: [
          { approvers: [{ kind: 'group', name: 'dba' }], need: 1 },
          { approvers: [{ kind: 'manager' }, { kind: 'group', name: 'security' }], need: 1 },
        ],
        timeoutMs: 2 * HOUR,
      },
      entitlements: [
        {
          key: '["db.example.com",[["role","app_reader"]],"ana"]',
          target: 'app-db',
          system: 'db.example.com',
          provider: 'postgres-role',
          permission: { role: 'app_reader' },
          account: 'ana',
          label: 'role app_reader',
        },
        { target: 'directory', provider: 'scim-group', account: 'ana@example.com', label: 'group readers' },
      ],
    });
  });

  it('names the owners of its targets, so that a later owner cannot approve what was asked before', () => {
    const owned = policiesWith(
      access({
        grants: '[{target: app-db, role: app_reader}]',
        flows: '[{name: normal, steps: [{approvers: [owner, manager]}]}]',
      }),
    );
    const approvers = [{ kind: 'group', name: 'dba' }, { kind: 'manager' }];
    expect(ask(owned, { ...ana, access: 'db-read' })).toMatchObject({
      ok: true,
      flow: { steps: [{ approvers }] },
    });
  });

  it('lasts as long as the default when nothing is said', () => {
    expect(ask(policies, { ...ana, access: 'db-read' })).toMatchObject({ ok: true, durationMs: HOUR });
  });

  it('may be as long as the longest, and not a second longer', () => {
    expect(ask(policies, { ...ana, access: 'db-read', durationMs: 4 * HOUR }).ok).toBe(true);
    expect(refusalOf(policies, { ...ana, access: 'db-read', durationMs: 4 * HOUR + 1000 })?.code).toBe('too-long');
  });

  it('waits eight hours when the flow does not say', () => {
    expect(ask(policiesWith(access()), { ...ana, access: 'db-read' })).toMatchObject({
      flow: { timeoutMs: 8 * HOUR },
    });
  });

  it('uses the account that the directory names', () => {
    const open = policiesWith(access({ requesters: '[everyone]' }));
    const accountOf = (email: string) => {
      const decision = ask(open, { email, access: 'db-read' });
      return decision.ok ? decision.entitlements[0]?.account : decision.refusal.code;
    };
    expect(accountOf('dee@example.com')).toBe('dee_admin');
    expect(accountOf('ana@example.com')).toBe('ana');
  });

  it('tells every rule that was looked at, in the order of the language', () => {
    const { trace } = ask(policies, { ...ana, access: 'db-read' });
    expect(trace.map(({ check, passed }) => [check, passed])).toEqual(
      ['person', 'access', 'deny', 'requesters', 'duration', 'reason', 'flow', 'accounts', 'approvers'].map((check) => [
        check,
        true,
      ]),
    );
    expect(trace[3]).toEqual({
      check: 'requesters',
      passed: true,
      detail: 'group:backend',
      rule: 'db-read: requesters (access.yaml:5)',
    });
  });
});

describe('a request is refused', () => {
  const policies = policiesWith(access({ deny: "['group:contractors']", reason: '{required: true, min_length: 10}' }));
  const asks = (question: Partial<Asked>) =>
    refusalOf(policies, { ...ana, access: 'db-read', reason: 'slow queries in orders', ...question });

  it('unknown-person: from outside the directory', () => {
    expect(asks({ email: 'zoe@example.com' })).toEqual({
      code: 'unknown-person',
      sentence: expect.stringContaining('not in the directory'),
    });
    expect(refusalOf(policies, { slack: 'U09ZOE', access: 'db-read' })?.code).toBe('unknown-person');
    expect(refusalOf(policies, { access: 'db-read' })?.code).toBe('unknown-person');
  });

  it('unknown-person: from somebody disabled', () => {
    expect(asks({ email: 'fay@example.com' })).toEqual({
      code: 'unknown-person',
      sentence: expect.stringContaining('disabled'),
    });
  });

  it('unknown-person: when Slack id and e-mail are two people’s', () => {
    expect(asks({ email: 'ana@example.com', slack: 'U01ANA' })).toBeUndefined();
    expect(asks({ email: 'ana@example.com', slack: 'U01BEN' })?.code).toBe('unknown-person');
    expect(asks({ email: 'zoe@example.com', slack: 'U09ZOE' })?.code).toBe('unknown-person');
  });

  it('unknown-access: with the nearest name that this person may ask for', () => {
    const two = policiesWith(access(), access({ name: 'db-reed', requesters: "['group:security']" }));
    expect(refusalOf(two, { ...ana, access: 'db-raed' })).toEqual({
      code: 'unknown-access',
      sentence: 'There is no access `db-raed`. Did you mean `db-read`?',
    });
    expect(refusalOf(two, { ...ana, access: 'kubernetes' })?.sentence).toBe(
      'There is no access `kubernetes`. You may ask for `db-read`.',
    );
    expect(refusalOf(two, { email: 'cy@example.com', access: 'db-raed' })?.sentence).toBe(
      'There is no access `db-raed`. There is none that you may ask for.',
    );
    expect(refusalOf(two, { ...ana, access: 'x'.repeat(5000) })?.sentence).not.toContain('xxx');
    expect(refusalOf(two, { ...ana, access: 'constructor' })?.code).toBe('unknown-access');
  });

  it('denied-by-policy: with the principal that is denied', () => {
    expect(asks({ email: 'eli@example.com' })).toEqual({
      code: 'denied-by-policy',
      sentence: 'You may not ask for `db-read`: its policy denies it to group:contractors.',
      rule: 'db-read: deny (access.yaml:8)',
    });
  });

  it('not-eligible: with those who may ask', () => {
    expect(asks({ email: 'cy@example.com' })).toEqual({
      code: 'not-eligible',
      sentence: 'You may not ask for `db-read`. Those who may: group:backend.',
      rule: 'db-read: requesters (access.yaml:5)',
    });
    const closed = policiesWith(access({ requesters: null }));
    expect(refusalOf(closed, { ...ana, access: 'db-read' })).toEqual({
      code: 'not-eligible',
      sentence: 'Nobody may ask for `db-read`: its policy names no requesters.',
      rule: 'db-read: requesters (access.yaml:3)',
    });
  });

  it('too-long: with what would be right, never shortened', () => {
    expect(asks({ durationMs: 24 * HOUR })).toEqual({
      code: 'too-long',
      sentence:
        '`db-read` is given for at most 4h, and you asked for 1d. Choose up to 4h, for example 5m, 15m, 30m, 1h, 2h or 4h.',
      rule: 'db-read: duration (access.yaml:6)',
    });
  });

  it.each([0, -HOUR, 1.5, 999, Number.NaN, Number.POSITIVE_INFINITY, 1e300])(
    'invalid-duration: %p ms',
    (durationMs) => {
      expect(asks({ durationMs })?.code).toBe('invalid-duration');
    },
  );

  it('invalid-field: for a reason that is missing, short, long or hostile', () => {
    expect(asks({ reason: '' })?.sentence).toBe('A reason of at least 10 characters is required.');
    expect(refusalOf(policies, { ...ana, access: 'db-read' })?.code).toBe('invalid-field');
    expect(asks({ reason: '   short    ' })).toEqual({
      code: 'invalid-field',
      sentence: 'The reason has 5 characters, and at least 10 are required: say why it is needed.',
      rule: 'db-read: reason (access.yaml:9)',
    });
    expect(asks({ reason: 'x'.repeat(10_000) })?.sentence).toContain('10000 characters, and at most 2000');
    for (const hostile of ['\u0000', '\u001b[2J', '\r', '\u0085', '\ud800', '\u007f']) {
      expect(asks({ reason: `fix the orders ${hostile} table` })?.code).toBe('invalid-field');
    }
  });

  it('but not for a reason of ten characters, several lines or two thousand emoji', () => {
    expect(asks({ reason: '😀'.repeat(9) })?.code).toBe('invalid-field');
    expect(asks({ reason: '😀'.repeat(10) })).toBeUndefined();
    expect(asks({ reason: '😀'.repeat(2000) })).toBeUndefined();
    expect(asks({ reason: 'first line\n\tsecond line' })).toBeUndefined();
  });

  it('not for want of a reason that is not required; a given one must keep the rule', () => {
    const free = policiesWith(access({ reason: '{min_length: 5}' }));
    expect(refusalOf(free, { ...ana, access: 'db-read', reason: ' ' })).toBeUndefined();
    expect(refusalOf(free, { ...ana, access: 'db-read', reason: 'abc' })?.code).toBe('invalid-field');
    const required = policiesWith(access({ reason: '{required: true}' }));
    expect(refusalOf(required, { ...ana, access: 'db-read', reason: ' ' })?.sentence).toBe('A reason is required.');
  });

  it('no-flow: when the policy has none', () => {
    const none = policiesWith(access({ flows: null }));
    expect(refusalOf(none, { ...ana, access: 'db-read' })).toMatchObject({
      code: 'no-flow',
      rule: 'db-read: flows (access.yaml:3)',
    });
  });

  it('no-account: when the directory says that there is none', () => {
    expect(asks({ email: 'hal@example.com' })).toEqual({
      code: 'no-account',
      sentence: expect.stringContaining('no account at `app-db`'),
      rule: 'db-read: grants (access.yaml:4)',
    });
  });

  it('no-approvers: when a step could never be filled, with the step', () => {
    const pair = policiesWith(
      access({ requesters: '[everyone]', flows: "[{name: pair, steps: [{approvers: ['group:dba'], need: 2}]}]" }),
    );
    expect(refusalOf(pair, { ...ana, access: 'db-read' })).toBeUndefined();
    expect(refusalOf(pair, { email: 'cy@example.com', access: 'db-read' })).toEqual({
      code: 'no-approvers',
      sentence: expect.stringMatching(
        /^Step 1 of the flow “pair” needs 2 of group:dba, and 1 person other than you can approve there/,
      ),
      rule: 'db-read: flow pair, step 1 (access.yaml:7)',
    });
  });

  it('no-approvers: when one person would have to fill two steps', () => {
    // dee is the only one in security, so with cy asking nobody is left for the step of the administrators.
    const chain = policiesWith(
      access({
        requesters: '[everyone]',
        flows: "[{name: x, steps: [{approvers: ['group:dba']}, {approvers: ['group:security']}]}]",
      }),
    );
    expect(refusalOf(chain, { ...ana, access: 'db-read' })).toBeUndefined();
    expect(refusalOf(chain, { email: 'cy@example.com', access: 'db-read' })).toMatchObject({
      code: 'no-approvers',
      sentence: expect.stringContaining('one person fills one seat'),
    });
  });

  it('no-approvers: when disabling the other requesters has left too few', () => {
    const keys = {
      requesters: "['user:ana@example.com', 'user:dee@example.com']",
      flows: "[{name: x, steps: [{approvers: ['group:security']}]}]",
    };
    const directory = DIRECTORY.replace('{email: ana@example.com,', '{email: ana@example.com, disabled: true,');
    const policies = policiesIn({ 'd.yaml': directory, 't.yaml': TARGETS, 'a.yaml': access(keys) });
    expect(refusalOf(policies, { email: 'dee@example.com', access: 'db-read' })?.code).toBe('no-approvers');
  });

  it('no-approvers: when disabling people has left too few', () => {
    // Such a folder loads: refusing to load it would keep the disabled person in force.
    const directory = DIRECTORY.replace('{email: dee@example.com,', '{email: dee@example.com, disabled: true,');
    const files = {
      'd.yaml': directory,
      't.yaml': TARGETS,
      'a.yaml': access({ flows: "[{name: x, steps: [{approvers: ['group:security']}]}]" }),
    };
    expect(refusalOf(policiesIn(files), { ...ana, access: 'db-read' })?.code).toBe('no-approvers');
  });
});

describe('the order of the rules', () => {
  // Everything is wrong with this request; each rule is repaired in turn and the next one speaks.
  const wrong = {
    directory: DIRECTORY.replace('slack: U01ELI,', 'slack: U01ELI, disabled: true, accounts: {app-db: },'),
    keys: {
      deny: "['user:eli@example.com']",
      requesters: '[]',
      reason: '{required: true}',
      flows: null,
    } as Record<string, string | null>,
    question: { slack: 'U01ELI', access: 'db-raed', durationMs: 99 * HOUR, reason: '' },
  };
  const codeOf = () => {
    const files = { 'd.yaml': wrong.directory, 't.yaml': TARGETS, 'a.yaml': access(wrong.keys) };
    return refusalOf(policiesIn(files), wrong.question)?.code;
  };
  const repairs: [string, () => void][] = [
    [
      'unknown-person',
      () => {
        wrong.directory = wrong.directory.replace('slack: U01ELI, disabled: true,', 'slack: U01ELI,');
      },
    ],
    [
      'unknown-access',
      () => {
        wrong.question.access = 'db-read';
      },
    ],
    [
      'denied-by-policy',
      () => {
        wrong.keys.deny = '[]';
      },
    ],
    [
      'not-eligible',
      () => {
        wrong.keys.requesters = '[everyone]';
      },
    ],
    [
      'too-long',
      () => {
        wrong.question.durationMs = HOUR;
      },
    ],
    [
      'invalid-field',
      () => {
        wrong.question.reason = 'on call';
      },
    ],
    [
      'no-flow',
      () => {
        wrong.keys.flows =
          "[{name: x, steps: [{approvers: ['group:contractors', 'user:ana@example.com'], need: 1}, {approvers: ['user:ana@example.com']}]}]";
      },
    ],
    [
      'no-account',
      () => {
        wrong.directory = wrong.directory.replace('accounts: {app-db: },', '');
      },
    ],
    [
      'no-approvers',
      () => {
        wrong.keys.flows = '[{name: x, auto_approve: true}]';
      },
    ],
  ];

  it('is that of the language', () => {
    const spoke: (string | undefined)[] = [];
    for (const [, repair] of repairs) {
      spoke.push(codeOf());
      repair();
    }
    expect(spoke).toEqual(repairs.map(([code]) => code));
    expect(codeOf()).toBeUndefined();
  });

  it('gives deny the last word over requesters', () => {
    const both = policiesWith(access({ requesters: "['user:ana@example.com']", deny: '[everyone]' }));
    expect(refusalOf(both, { ...ana, access: 'db-read' })?.code).toBe('denied-by-policy');
  });
});

describe('evaluate', () => {
  it('gives the same answer to the same question, and changes nothing', () => {
    const policies = policiesWith(access());
    const question = Object.freeze({ ...ana, access: 'db-read' });
    const first = ask(policies, question);
    expect(ask(policies, question)).toEqual(first);
    // What a caller does to a decision stays with that decision.
    if (!first.ok) throw new Error('this is allowed');
    first.entitlements.length = 0;
    first.trace.length = 0;
    expect(ask(policies, question)).toMatchObject({ ok: true, entitlements: [{ target: 'app-db' }] });
    expect(() => Object.assign(first.flow, { autoApprove: true })).toThrow(TypeError);
  });
});
