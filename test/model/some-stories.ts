import fc from 'fast-check';
import { exactly } from '../support/cases.ts';
import type { Access, Policies, Principal, Step } from './policies.ts';
import { access, PEOPLE, somePolicies } from './some-policies.ts';

// What people do, what the machines do and how the policies change, as commands to the product and to the model at once.
// After each of them both must say the same.

/** Nobody: somebody who may, if there is anybody. `delegate`: whoever got somebody's votes last. */
export type Who = string | undefined;

export type Command =
  | { do: 'ask'; who: Who; access: string; minutes?: number | undefined; reason: string; ticket?: string | undefined }
  | { do: 'take'; who: Who; access: string; minutes?: number | undefined }
  | { do: 'vote'; who: Who; nth: number; approves: boolean; again: boolean }
  | { do: 'extend' | 'end' | 'review'; who: Who; nth: number }
  | { do: 'withdraw'; who: Who; access: string }
  | { do: 'hand over'; who: Who; to: Who; minutes: number }
  | { do: 'come back'; who: string }
  | { do: 'pass'; minutes: number; ticks: boolean }
  | { do: 'set the clock'; minutes: number }
  | { do: 'reload'; version: number }
  | { do: 'target'; target: string; is: 'up' | 'down' | 'refuses' }
  | { do: 'work again'; nth: number }
  | { do: 'be killed'; calls: number }
  | { do: 'tick' | 'work' | 'restart' };

export interface Story {
  readonly policies: Policies;
  /** Later policies; not all of them load. */
  readonly versions: readonly Policies[];
  readonly commands: readonly Command[];
}

export const START = Date.parse('2026-03-03T16:30:00.000Z');

const who = fc.option(fc.constantFrom(...PEOPLE), { freq: 2, nil: undefined });
const anybody = fc.constantFrom(...PEOPLE);
const name = fc.constantFrom('read', 'read', 'write');
const nth = fc.constantFrom(0, 0, 0, 1, 2);
const minutes = fc.constantFrom(undefined, undefined, 10, 30, 31);
const just = <const T>(value: T) => fc.constant(value);

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: just('ask'),
      who,
      access: name,
      minutes,
      reason: fc.constantFrom('slow queries', 'slow queries', 'slow queries', ''),
      ticket: fc.constantFrom(undefined, undefined, 'INC-1'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: just('take'), who, access: name, minutes }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: just('vote'),
      who,
      nth,
      approves: fc.constantFrom(true, true, true, true, true, true, false),
      again: fc.constantFrom(false, false, false, false, true),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('extend', 'extend', 'end', 'review'), who, nth }),
  },
  { weight: 1, arbitrary: fc.record({ do: just('withdraw'), who, access: name }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: just('hand over'), who: anybody, to: anybody, minutes: fc.constantFrom(5, 60) }),
  },
  { weight: 1, arbitrary: fc.record({ do: just('come back'), who: anybody }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: just('pass'),
      minutes: fc.constantFrom(1, 5, 9, 10, 20, 30),
      ticks: fc.constantFrom(true, true, false),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: just('set the clock'), minutes: fc.constantFrom(-60, -15, -5, 10) }) },
  { weight: 4, arbitrary: fc.record({ do: just('reload'), version: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: just('target'),
      target: fc.constantFrom('db', 'ci'),
      is: fc.constantFrom('up', 'down', 'refuses'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('work', 'work', 'work', 'tick', 'restart') }) },
  { weight: 3, arbitrary: fc.record({ do: just('work again'), nth: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: just('be killed'), calls: fc.nat(12) }) },
);

const VOTE: Command & { do: 'vote' } = { do: 'vote', who: undefined, nth: 0, approves: true, again: false };

/** What seldom comes about by chance, in a row: something that runs, and is extended; an emergency, and later another one. */
const row: fc.Arbitrary<Command[]> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        of: name,
        votes: fc.nat(3),
        reload: fc.constantFrom(0, 0, 1, 2),
        extended: fc.constantFrom(0, 0, 1, 2, 3),
      })
      .map(({ of, votes, reload, extended }): Command[] => [
        { do: 'ask', who: undefined, access: of, reason: 'slow queries' },
        ...Array.from({ length: votes }, () => VOTE),
        ...(reload === 0 ? [] : [{ do: 'reload', version: reload } as const]),
        { do: 'work' },
        ...Array.from({ length: extended }, (): Command[] => [{ do: 'extend', who: undefined, nth: 0 }, VOTE]).flat(),
      ]),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ of: name, minutes: fc.constantFrom(5, 30), times: fc.nat(2) })
      .map(({ of, minutes: time, times }) =>
        Array.from({ length: 1 + times }, (): Command[] => [
          { do: 'take', who: undefined, access: of },
          { do: 'pass', minutes: time, ticks: true },
        ]).flat(),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ of: name, minutes: fc.constantFrom(5, 60), passes: fc.constantFrom(1, 5, 10) })
      .map(({ of, minutes: time, passes }): Command[] => [
        { do: 'ask', who: undefined, access: of, reason: 'slow queries' },
        { do: 'hand over', who: undefined, to: undefined, minutes: time },
        { do: 'pass', minutes: passes, ticks: true },
        { ...VOTE, who: 'delegate' },
      ]),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ of: name, passes: fc.constantFrom(19, 20, 60) })
      .map(({ of, passes }): Command[] => [
        { do: 'ask', who: undefined, access: of, reason: 'slow queries' },
        { do: 'pass', minutes: passes, ticks: false },
        VOTE,
      ]),
  },
);

const commands = fc
  .tuple(
    fc.option(row, { nil: [], freq: 3 }),
    fc.array(fc.oneof({ weight: 12, arbitrary: command.map((one) => [one]) }, { weight: 1, arbitrary: row }), {
      minLength: 3,
      maxLength: 15,
      size: 'max',
    }),
  )
  .map(([beginning, rest]): Command[] => [...beginning, ...rest.flat()]);

type Change = (policies: Policies) => Policies;

const inAccess =
  (of: string, change: (one: Access) => Access): Change =>
  (policies) => {
    const one = policies.accesses[of];
    return one ? { ...policies, accesses: { ...policies.accesses, [of]: change(one) } } : policies;
  };
const inSteps = (of: string, change: (step: Step) => Step): Change =>
  inAccess(of, (one) => ({
    ...one,
    flows: one.flows.map((flow) => ({ ...flow, steps: flow.steps.map(change) })),
  }));

/** What somebody might change in a file while requests wait and grants run. */
const change: fc.Arbitrary<Change> = fc.oneof(
  anybody.map(
    (whom): Change =>
      (policies) => ({
        ...policies,
        people: policies.people.map((one) => (one.name === whom ? { ...one, disabled: !one.disabled } : one)),
      }),
  ),
  fc.tuple(anybody, fc.constantFrom('devs', 'dba', 'leads'), fc.boolean()).map(
    ([whom, group, joins]): Change =>
      (policies) => {
        const others = (policies.groups[group] ?? []).filter((one) => one !== whom);
        return { ...policies, groups: { ...policies.groups, [group]: joins ? [...others, whom] : others } };
      },
  ),
  fc.tuple(fc.constantFrom('db', 'ci'), anybody).map(
    ([target, whom]): Change =>
      (policies) => ({ ...policies, targets: { ...policies.targets, [target]: `user:${whom}` } }),
  ),
  fc.tuple(name, fc.constantFrom(1, 2)).map(([of, need]) => inSteps(of, (step) => ({ ...step, need }))),
  fc
    .tuple(
      name,
      fc.constantFrom<Principal[]>('group:dba', 'group:leads', 'everyone').map((one) => [one]),
    )
    .map(([of, approvers]) => inSteps(of, (step) => ({ ...step, approvers }))),
  fc.tuple(name, fc.boolean()).map(([of, longer]) =>
    inSteps(of, (step) => ({
      ...step,
      delegation: false,
      escalate: longer && step.escalate ? { ...step.escalate, after: 15 } : undefined,
    })),
  ),
  fc.tuple(name, anybody).map(([of, whom]) => inAccess(of, (one) => ({ ...one, deny: [`user:${whom}`] }))),
  fc
    .tuple(
      name,
      fc.constantFrom<Partial<Access>>(
        { requesters: [] },
        { requesters: ['everyone'] },
        { default: 10, max: 10, extend: undefined },
        { breakGlass: undefined },
        { flows: [] },
        { grants: [{ target: 'ci', role: 'deployer' }] },
        { reason: { required: true, minLength: 5 } },
      ),
    )
    .map(([of, values]) => inAccess(of, (one) => ({ ...one, ...values }))),
  fc.tuple(name, access).map(([of, other]) => inAccess(of, () => other)),
);

/** How many stories are told under one set of policies: reading policies takes longer than a story. */
export const TOLD = 25;

export const someStories: fc.Arbitrary<Story[]> = fc
  .record({
    policies: somePolicies,
    changes: fc.tuple(change, change, change),
    told: exactly(TOLD, commands),
  })
  .map(({ policies, changes, told }) => {
    const versions = changes.map((one) => one(policies));
    const stories = told.map((own): Story => ({ policies, versions, commands: own }));
    // What happened is told by the error.
    Object.defineProperty(stories, fc.toStringMethod, { value: () => `${told.length} stories`, enumerable: false });
    return stories;
  });
