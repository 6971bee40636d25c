import fc from 'fast-check';
import { HOUR, MINUTE, SECOND } from '../support/clock.ts';
import type { Trouble } from '../support/fake-target.ts';
import { access, changed, step, usual, type World } from '../support/world.ts';

export const REMIND = 5 * MINUTE;
export const ESCALATE = 20 * MINUTE;
const patient = {
  ...step('dba'),
  remind_every: '5m',
  escalate: { after: '20m', to: ['group:leads'] },
  delegation: 'allowed',
};

export const small: World = {
  ...usual,
  accesses: {
    read: access({ duration: { default: '10m', max: '1h' } }),
    write: access({
      grants: [{ target: 'db', role: 'writer' }],
      duration: { default: '10m', max: '1h' },
      flows: [{ name: 'two', steps: [patient, step('security')], timeout: '2h' }],
    }),
    both: access({
      grants: [
        { target: 'db', role: 'reader' },
        { target: 'ci', role: 'deployer' },
      ],
      duration: { default: '10m', max: '1h' },
      flows: [{ name: 'self', auto_approve: true }],
    }),
  },
  groups: { ...usual.groups, backend: ['ana', 'ben', 'cy'], leads: ['gus', 'ben'] },
};

export const worlds: World[] = [
  small,
  changed(small, { read: { flows: [{ name: 'n', steps: [step('dba', 2)] }] } }),
  changed(small, { write: { duration: { default: '5m', max: '5m' } }, both: { requesters: ['user:ben@example.com'] } }),
  { ...small, groups: { ...small.groups, dba: ['dee', 'eli', 'gus'] } },
  changed(small, { write: { flows: [{ name: 'two', steps: [step('dba'), step('security')], timeout: '2h' }] } }),
  { ...small, people: { ...small.people, eli: { slack: 'U0ELI', disabled: true } } },
  changed(small, { both: { flows: [{ name: 'asked', steps: [step('dba')] }] } }),
  changed(small, { read: { grants: [{ target: 'db', role: 'writer' }] } }),
];

/** The name of one target is pointed at another system, where some have the same permissions already. */
export const moved: World = { ...small, targets: { ...small.targets, db: { provider: 'fake', system: 'new-db' } } };
export const MOVED = worlds.push(moved) - 1;

const PEOPLE = ['ana', 'ben', 'cy', 'dee', 'eli', 'fay', 'gus'] as const;
const ACCESSES = ['read', 'write', 'both'] as const;
const TARGETS = ['db', 'ci'] as const;

export type Action =
  | { do: 'ask'; who: string; access: string; duration?: string }
  /** Asked and approved by whom it takes, and so much of the work done. */
  | { do: 'approved'; who: string; access: string; duration: string; steps: number }
  /** Two grants wait for their turn, of one permission mostly; the policies change, one is given, they change again. */
  | { do: 'overlap'; who: string; accesses: readonly string[]; worlds: readonly number[]; steps: readonly number[] }
  | { do: 'vote'; who: string; nth: number; verdict: 'approve' | 'deny' }
  | { do: 'end'; nth: number }
  | { do: 'away'; who: string; to: string; for: string }
  /** Handed over, something is asked for, and after a while the delegate votes: in time, or too late. */
  | { do: 'stand in'; who: string; to: string; ms: number }
  | { do: 'return'; who: string }
  | { do: 'withdraw'; who: string; access: string }
  | { do: 'pass'; ms: number }
  | { do: 'back'; ms: number }
  | { do: 'work'; steps: number }
  | { do: 'crash'; calls: number }
  | { do: 'reload'; world: number }
  /** While the target is read the next time, the policies change, and so much time passes. */
  | { do: 'meanwhile'; target: string; world: number; ms: number }
  | { do: 'trouble'; target: string; on: 'provision' | 'revoke' | 'inspect'; trouble: Trouble }
  | { do: 'down' | 'up'; target: string }
  | { do: 'slack'; on: 'post' | 'update'; kind: 'retry' | 'wait' | 'give-up'; done: boolean };

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.constantFrom<Trouble>(
    { kind: 'retry' },
    { kind: 'lost' },
    { kind: 'hang' },
    { kind: 'unseen' },
    { kind: 'give-up' },
  ),
  fc.record({ kind: fc.constant('late' as const), afterMs: fc.integer({ min: 0, max: 25_000 }) }),
  fc.record({ kind: fc.constant('wait' as const), retryAfterMs: fc.integer({ min: 0, max: 20_000 }) }),
);
const who = fc.constantFrom(...PEOPLE);
const world = fc.nat(worlds.length - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      who: fc.constantFrom('ana', 'ben', 'cy'),
      access: fc.constantFrom(...ACCESSES),
      duration: fc.constantFrom('1m', '5m', '20m'),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('approved' as const),
      who: fc.constantFrom('ana', 'ana', 'ben'),
      access: fc.constantFrom(...ACCESSES),
      duration: fc.constantFrom('1m', '5m', '20m'),
      steps: fc.constantFrom(0, 1, 3, 100),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('overlap' as const),
      who: fc.constantFrom('ana', 'ana', 'ben'),
      accesses: fc.array(fc.constantFrom(...ACCESSES), { minLength: 2, maxLength: 3 }),
      worlds: fc.array(world, { minLength: 2, maxLength: 3 }),
      steps: fc.array(fc.constantFrom(1, 2, 3), { minLength: 3, maxLength: 3 }),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('vote' as const),
      who,
      nth: fc.nat(3),
      verdict: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'deny' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), nth: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('away' as const),
      who: fc.constantFrom('cy', 'dee', 'eli'),
      to: fc.constantFrom('ana', 'ben', 'fay', 'gus', 'dee'),
      for: fc.constantFrom('10m', '1h', '1d'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('stand in' as const),
      who: fc.constantFrom('cy', 'dee', 'eli'),
      to: fc.constantFrom('ben', 'fay', 'gus'),
      ms: fc.constantFrom(SECOND, 5 * MINUTE, 11 * MINUTE),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('return' as const), who: fc.constantFrom('cy', 'dee', 'eli') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('withdraw' as const), who, access: fc.constantFrom(...ACCESSES) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(SECOND, 10 * SECOND, 5 * MINUTE, HOUR),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('back' as const), ms: fc.constantFrom(SECOND, 10 * MINUTE) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('work' as const), steps: fc.constantFrom(1, 2, 5, 100) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), calls: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reload' as const), world }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('meanwhile' as const),
      target: fc.constantFrom(...TARGETS),
      world,
      ms: fc.constantFrom(0, SECOND, 8 * SECOND),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('trouble' as const),
      target: fc.constantFrom(...TARGETS),
      on: fc.constantFrom('provision' as const, 'revoke' as const, 'inspect' as const),
      trouble,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('down' as const, 'up' as const), target: fc.constantFrom(...TARGETS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('slack' as const),
      on: fc.constantFrom('post' as const, 'update' as const),
      kind: fc.constantFrom('retry' as const, 'wait' as const, 'give-up' as const),
      done: fc.boolean(),
    }),
  },
);

export const story = fc.record({
  standing: fc.subarray(['ana reader', 'ben writer', 'ben reader'], { maxLength: 2 }),
  actions: fc.array(action, { minLength: 5, maxLength: 40, size: 'max' }),
});
export type Story = { standing: readonly string[]; actions: readonly Action[] };
