import { directoryOf, type Person } from '../directory.ts';
import { liveGroupsOf } from '../live/with-members.ts';
import type { PolicySet } from '../policy-set.ts';

const DOMAIN = '@members.invalid';

/** Somebody of whom only Slack or a SCIM directory knows who they are. */
export const isStandIn = (email: string): boolean => email.endsWith(DOMAIN);

/**
 * The policies with a few stand-ins in each group whose members only Slack or a SCIM directory knows. NB. without them such
 * a group would be unknown on both sides, everything that it denies or approves refused on both, and no change of it seen.
 *
 * @param names of the groups that are live in either set: both get the same people
 */
function withStandIns(policies: PolicySet, names: readonly string[], each: number): PolicySet {
  const { directory, live } = policies;
  const own = new Set(liveGroupsOf(policies));
  if (names.length === 0 && !live.matchSlackEmail) return policies;
  const standIns = new Map(
    names.map((name) => [
      name,
      Array.from({ length: each }, (_, index) => `${index + 1}.${name.toLowerCase()}${DOMAIN}`),
    ]),
  );
  const people: Person[] = [
    // Found in Slack by their e-mail as soon as they are needed.
    ...directory.people.map((person) =>
      live.matchSlackEmail && person.slack === undefined ? { ...person, slack: `~${person.email}` } : person,
    ),
    ...[...standIns.values()]
      .flat()
      .map((email): Person => ({ email, slack: `~${email}`, accounts: {}, disabled: false })),
  ];
  const groups = new Map(
    directory.groups.map((name): [string, string[]] => [
      name,
      [...directory.members(name).map(({ email }) => email), ...(own.has(name) ? (standIns.get(name) ?? []) : [])],
    ]),
  );
  for (const name of own) if (!groups.has(name)) groups.set(name, standIns.get(name) ?? []);
  return { ...policies, directory: directoryOf(people, groups) };
}

/** One more than all seats of any flow, so that a live group alone can fill each, and whoever asks is not needed for it. */
function standInsNeeded(...sets: readonly PolicySet[]): number {
  const flows = sets.flatMap(({ accesses, actions }) =>
    [...accesses.values(), ...actions.values()].flatMap((each) => each.flows),
  );
  return 1 + Math.max(1, ...flows.map(({ steps }) => steps.reduce((sum, { need }) => sum + need, 0)));
}

/** Two sets so that they can be compared: the same stand-ins in the groups that are live in either. */
export function comparable(
  was: PolicySet,
  now: PolicySet,
): { was: PolicySet; now: PolicySet; live: readonly string[] } {
  const live = [...new Set([...liveGroupsOf(was), ...liveGroupsOf(now)])].sort();
  const each = standInsNeeded(was, now);
  return { was: withStandIns(was, live, each), now: withStandIns(now, live, each), live };
}
