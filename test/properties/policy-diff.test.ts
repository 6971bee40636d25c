import fc from 'fast-check';
import type { Change, ChangeKind, PolicyDiff } from '../../src/policy/diff/index.ts';
import { diffPolicies } from '../../src/policy/diff/index.ts';
import { type Decision, evaluate, isApprover, type PolicySet } from '../../src/policy/index.ts';
import { policiesIn } from '../policy/support/world.ts';
import { cases } from '../support/cases.ts';

/** What `diffPolicies` says in groups and ranges, said again by asking for every person, access and duration. */

const NAMES = ['ana', 'ben', 'cy', 'dee', 'eli', 'fay'] as const;
const GROUPS = ['backend', 'dba', 'security'] as const;
const NOW = '2026-03-03T12:00:00.000Z';
const HOUR = 3_600_000;
const email = (name: string) => `${name}@example.com`;

const principal = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...GROUPS).map((name) => `group:${name}`) },
  { weight: 2, arbitrary: fc.constantFrom(...NAMES).map((name) => `user:${email(name)}`) },
  { weight: 2, arbitrary: fc.constantFrom('everyone', 'owner') },
);
const approver = fc.oneof({ weight: 3, arbitrary: principal }, { weight: 2, arbitrary: fc.constant('manager') });
const some = (each: fc.Arbitrary<string>) => fc.uniqueArray(each, { minLength: 1, maxLength: 3 });
const hours = fc.constantFrom(1, 2, 4, 8);

const person = fc.record({
  slack: fc.boolean(),
  disabled: fc.boolean().chain((once) => (once ? fc.boolean() : fc.constant(false))),
  manager: fc.option(fc.constantFrom(0, 1, 2)),
  account: fc.boolean().chain((once) => (once ? fc.constant(true) : fc.boolean())),
  groups: fc.subarray([...GROUPS]),
});
const flow = fc.oneof(
  { weight: 1, arbitrary: fc.constant([{ name: 'open', auto_approve: true }]) },
  {
    weight: 4,
    arbitrary: fc
      .array(fc.record({ approvers: some(approver), need: fc.constantFrom(1, 1, 2) }), { minLength: 1, maxLength: 2 })
      .map((steps) => [{ name: 'normal', steps }]),
  },
);
const access = fc.record({
  requesters: some(principal),
  deny: fc.oneof(fc.constant([]), some(principal)),
  max: hours,
  flows: flow,
});
const set = fc.record({
  people: fc.tuple(person, person, person, person, person, person),
  accesses: fc.dictionary(fc.constantFrom('read', 'write'), access, { noNullPrototype: true }),
});
type World = typeof set extends fc.Arbitrary<infer T> ? T : never;

/** Undefined when these are no policies: a step that nobody could ever fill. */
function policies({ people, accesses }: World): PolicySet | undefined {
  const documents = [
    {
      kind: 'directory',
      people: people.map(({ slack, disabled, manager, account }, index) => ({
        email: email(NAMES[index] ?? ''),
        ...(slack ? { slack: `U01${NAMES[index]?.toUpperCase()}` } : {}),
        // Managers come later in the list, so that nobody manages themself round a circle.
        ...(manager === null || index >= 3 ? {} : { manager: email(NAMES[3 + manager] ?? '') }),
        ...(account ? {} : { accounts: { db: null } }),
        disabled,
      })),
      groups: Object.fromEntries(
        GROUPS.map((group) => [group, NAMES.filter((_, index) => people[index]?.groups.includes(group)).map(email)]),
      ),
    },
    { kind: 'targets', targets: { db: { provider: 'postgres-role', url: '${env:POSTGRES_URL}', owner: 'group:dba' } } },
    ...Object.entries(accesses).map(([name, { requesters, deny, max, flows }]) => ({
      kind: 'access',
      name,
      grants: [{ target: 'db', role: name }],
      requesters,
      deny,
      duration: { default: '30m', max: `${max}h` },
      flows,
    })),
  ];
  const text = documents.map((document) => JSON.stringify({ version: 1, ...document })).join('\n---\n');
  try {
    return policiesIn({ 'policies.yaml': text });
  } catch {
    return undefined;
  }
}

const pairs = fc
  .tuple(set, set, fc.boolean())
  // Half of the pairs differ in one place only: in people, or in rules.
  .map(([was, now, samePeople]): [World, World] => [was, samePeople ? { ...now, people: was.people } : now])
  .map(([was, now]) => [policies(was), policies(now)] as const)
  .filter((pair): pair is readonly [PolicySet, PolicySet] => pair[0] !== undefined && pair[1] !== undefined);

const KINDS: Readonly<Record<string, readonly ChangeKind[]>> = {
  gained: ['can-ask', 'longer'],
  lost: ['cannot-ask', 'shorter'],
  automatic: ['automatic'],
  'no longer automatic': ['no-longer-automatic'],
  fewer: ['fewer-approvals'],
  more: ['more-approvals'],
};

/** `gained: ana may read`, one line for each person, access and kind; and who may approve whose request. */
function asked(was: PolicySet, now: PolicySet): Set<string> {
  const lines = new Set<string>();
  for (const access of new Set([...was.accesses.keys(), ...now.accesses.keys()])) {
    for (const name of NAMES) {
      for (const durationMs of [1_000, 30 * 60_000, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 8 * HOUR]) {
        const question = { email: email(name), access, durationMs, now: NOW };
        const [before, after] = [evaluate(was, question), evaluate(now, question)];
        const say = (what: string) => lines.add(`${what}: ${email(name)}, ${access}`);
        if (!before.ok && after.ok) say('gained');
        if (before.ok && !after.ok) say('lost');
        if (!before.ok || !after.ok) continue;
        if (!before.flow.autoApprove && after.flow.autoApprove) say('automatic');
        if (before.flow.autoApprove && !after.flow.autoApprove) say('no longer automatic');
        if (before.flow.autoApprove || after.flow.autoApprove) continue;
        const needs = ({ flow }: Decision & { ok: true }): number =>
          flow.steps.reduce((sum, { need }) => sum + need, 0);
        if (needs(after) < needs(before)) say('fewer');
        if (needs(after) > needs(before)) say('more');
        for (const voter of NAMES.map(email)) {
          const may = (policies_: PolicySet, { flow, access: { targets } }: Decision & { ok: true }): boolean =>
            flow.steps.some((step) => isApprover(policies_, step, voter, { requester: email(name), targets }));
          if (may(now, after) && !may(was, before)) say(`${voter} may newly approve`);
          if (!may(now, after) && may(was, before)) say(`${voter} may no longer approve`);
        }
      }
    }
  }
  return lines;
}

function told({ changes }: PolicyDiff, was: PolicySet, now: PolicySet): Set<string> {
  const lines = new Set<string>();
  const each = ({ accesses, people }: Change, what: (person: string) => string | undefined): void => {
    for (const access of accesses) {
      for (const who of people) {
        const said = what(who);
        if (said !== undefined) lines.add(`${said}: ${who}, ${access}`);
      }
    }
  };
  for (const change of changes) {
    for (const [what, kinds] of Object.entries(KINDS)) if (kinds.includes(change.kind)) each(change, () => what);
    const newly = change.kind === 'new-approvers';
    if (!newly && change.kind !== 'fewer-approvers') continue;
    for (const approver of change.approvers ?? []) {
      each(change, (who) => {
        const voter = approver === 'manager' ? (newly ? now : was).directory.byEmail(who)?.manager : approver;
        return voter === who ? undefined : `${voter} may ${newly ? 'newly' : 'no longer'} approve`;
      });
    }
  }
  return lines;
}

const agrees = (was: PolicySet, now: PolicySet, diff: PolicyDiff): void => {
  expect([...told(diff, was, now)].sort()).toEqual([...asked(was, now)].sort());
};

describe('a diff of decisions', () => {
  it('tells exactly what asking for everybody, everything and every duration tells', () => {
    fc.assert(
      fc.property(pairs, ([was, now]) => agrees(was, now, diffPolicies(was, now, NOW))),
      cases(120),
    );
  });

  it('is empty for the same policies, and turns round with its sides', () => {
    fc.assert(
      fc.property(pairs, ([was, now]) => {
        expect(diffPolicies(was, was, NOW).changes).toEqual([]);
        const [there, back] = [diffPolicies(was, now, NOW), diffPolicies(now, was, NOW)];
        const of = (kind: ChangeKind, { changes }: PolicyDiff) =>
          changes
            .filter((change) => change.kind === kind)
            .flatMap(({ people }) => people)
            .sort();
        expect(of('automatic', there)).toEqual(of('no-longer-automatic', back));
        expect(of('can-ask', there).length > 0).toBe(of('cannot-ask', back).length > 0);
      }),
      cases(40),
    );
  });

  // The twins that must be caught.
  it.each<[string, (set: PolicySet) => PolicySet]>([
    ['managers', (set_) => without(set_, ({ manager: _, ...person_ }) => person_)],
    ['who is disabled', (set_) => without(set_, (person_) => ({ ...person_, disabled: false }))],
    ['who has no account', (set_) => without(set_, (person_) => ({ ...person_, accounts: {} }))],
  ])('and one that forgets %s is found out', (_what, forgetful) => {
    const property = fc.property(pairs, ([was, now]) => agrees(was, now, diffPolicies(was, forgetful(now), NOW)));
    expect(fc.check(property, { numRuns: 400, seed: 42, endOnFailure: true }).failed).toBe(true);
  });
});

type Person = PolicySet['directory']['people'][number];

function without(set_: PolicySet, forget: (person: Person) => Person): PolicySet {
  const people = set_.directory.people.map(forget);
  const byEmail = (wanted: string) => people.find((each) => each.email === wanted);
  const members = (group: string) => set_.directory.members(group).map(forget);
  return { ...set_, directory: { ...set_.directory, people, byEmail, members } };
}
