import fc from 'fast-check';
import { between, plus } from '../../src/domain/instant.ts';
import { type LiveData, overlay, type Reading } from '../../src/policy/index.ts';
import { NOON } from '../support/samples.ts';
import { policiesOf, slackOf, usual } from '../support/world.ts';
import { holds } from './holds.ts';

const MINUTE = 60_000;
const BOUND = 15 * MINUTE;
const ID = 'S0ONCALL';

const policies = policiesOf({ ...usual, groups: { ...usual.groups, oncall: { slack_usergroup: ID } } });
const people = ['ana', 'ben', 'cy', 'dee', 'stranger'];

/** Readings from long ago to slightly in the future, often right at a bound. */
const age = fc.oneof(
  fc.constantFrom(-1, 0, MINUTE - 1, MINUTE, BOUND - 1, BOUND, BOUND + 1),
  fc.integer({ min: -MINUTE, max: 2 * BOUND }),
);
const reading: fc.Arbitrary<Reading<readonly string[]>> = fc
  .record({
    last: fc.option(fc.record({ age, who: fc.subarray(people) }), { nil: undefined }),
    changed: fc.option(age, { nil: undefined }),
    failure: fc.constantFrom(undefined, { sentence: 'HTTP 500', final: false }, { sentence: 'gone', final: true }),
  })
  .map(({ last, changed, failure }) => ({
    ...(last ? { last: { asOf: plus(NOON, -last.age), value: last.who.map(slackOf) } } : {}),
    ...(changed === undefined ? {} : { changedAt: plus(NOON, -changed) }),
    ...(failure ? { failure } : {}),
  }));

const dataOf = (one: Reading<readonly string[]>): LiveData => ({ usergroups: new Map([[ID, one]]) });

holds<typeof overlay>(
  'a live group has members only of a reading that may be relied on, and else a gap (invariant 3)',
  (lay) =>
    fc.property(reading, (one) => {
      const { policies: laid, until } = lay(policies, dataOf(one), NOON);
      const members = laid.directory.members('oncall').map(({ slack }) => slack);
      const { last, changedAt, failure } = one;
      const lasts = last ? between(last.asOf, NOON) : Number.NaN;
      const fresh = lasts >= 0 && lasts < BOUND;
      const current = changedAt === undefined || between(changedAt, NOON) < MINUTE;
      if (fresh && current && !failure?.final) {
        expect(members).toEqual(last?.value.filter((id) => id !== slackOf('stranger')));
        expect(laid.directory.gapsOf('oncall')).toEqual([]);
        expect(between(NOON, until ?? '')).toBeGreaterThan(0);
      } else {
        expect(members).toEqual([]);
        expect(laid.directory.gapsOf('oncall')).toHaveLength(1);
      }
    }),
  overlay,
  {
    'believing however old it is': (set, data, now) => {
      const usergroups = new Map(
        [...data.usergroups].map(([id, { last, ...rest }]) => [
          id,
          { ...rest, ...(last ? { last: { ...last, asOf: now } } : {}) },
        ]),
      );
      return overlay(set, { ...data, usergroups }, now);
    },
    'believing until it is read again': (set, data, now) => {
      const usergroups = new Map([...data.usergroups].map(([id, { changedAt: __, ...rest }]) => [id, rest]));
      return overlay(set, { ...data, usergroups }, now);
    },
    'believing what is gone': (set, data, now) => {
      const usergroups = new Map([...data.usergroups].map(([id, { failure: __, ...rest }]) => [id, rest]));
      return overlay(set, { ...data, usergroups }, now);
    },
  },
);

holds<typeof overlay>(
  'the same data give the same directory until the moment that is named',
  (lay) =>
    fc.property(reading, fc.integer({ min: 0, max: BOUND }), (one, later) => {
      const first = lay(policies, dataOf(one), NOON);
      const then = plus(NOON, later);
      if (first.until !== undefined && then >= first.until) return;
      // A reading of the future may come to be believed; no clock of ours gives one.
      if (one.last && one.last.asOf > NOON) return;
      const second = overlay(policies, dataOf(one), then).policies;
      const names = (set: typeof second) => set.directory.members('oncall').map(({ email }) => email);
      expect(names(second)).toEqual(names(first.policies));
    }),
  overlay,
  {
    'a moment that is a second late': (set, data, now) => {
      const laid = overlay(set, data, now);
      return laid.until === undefined ? laid : { ...laid, until: plus(laid.until, 1_000) };
    },
  },
);
