import { directoryOf, type Person } from '../directory.ts';
import { nearest } from '../nearest.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';

/** The groups whose members a live source says. */
export const liveGroupsOf = ({ live }: Pick<PolicySet, 'live'>): string[] =>
  [...live.usergroups.keys(), ...live.scim.flatMap(({ groups }) => [...groups.keys()])].sort();

/**
 * The policies as if their live sources had said who is in some groups. NB. for tools that ask what would be; nothing of it
 * comes near a decision that counts.
 *
 * @param said members' e-mails by the name of the group: all that it has; or else what is wrong with them
 */
export function withMembers(
  policies: PolicySet,
  said: ReadonlyMap<string, readonly string[]>,
): { ok: true; policies: PolicySet } | { ok: false; why: string } {
  if (said.size === 0) return { ok: true, policies };
  const { directory, live } = policies;
  const own = liveGroupsOf(policies);
  const people: Person[] = [...directory.people];
  const groups = new Map(directory.groups.map((name) => [name, directory.members(name).map(({ email }) => email)]));
  for (const [name, emails] of said) {
    if (!own.includes(name)) {
      if (groups.has(name)) return { ok: false, why: `the members of group:${name} stand in the files` };
      return { ok: false, why: `there is no group ${name}${guess(nearest(name, own))}` };
    }
    for (const email of emails) {
      if (people.some((person) => person.email === email)) continue;
      if (live.scim.length === 0) {
        const near = nearest(
          email,
          people.map((person) => person.email),
        );
        return { ok: false, why: `there is no ${email} in the directory of the files${guess(near)}` };
      }
      // Somebody of whom only the SCIM directory knows: in Slack as everybody else.
      people.push({ email, slack: `~${email}`, accounts: {}, disabled: false });
    }
    groups.set(name, [...emails]);
  }
  const gaps = directory.gaps.flatMap((gap) => {
    const left = gap.groups.filter((name) => !said.has(name));
    return left.length === 0 && gap.groups.length > 0 && gap.people === undefined ? [] : [{ ...gap, groups: left }];
  });
  return { ok: true, policies: { ...policies, directory: directoryOf(people, groups, gaps) } };
}

const guess = (near: string | undefined): string => (near === undefined ? '' : ` (did you mean ${near}?)`);

/** The groups that an access or an action asks for and of which a live source has not said who is in them. */
export function unknownGroupsOf(
  { directory }: Pick<PolicySet, 'directory'>,
  {
    requesters = [],
    deny = [],
    flows,
  }: Pick<AccessPolicy, 'flows'> & Partial<Pick<AccessPolicy, 'requesters' | 'deny'>>,
): string[] {
  const steps = flows.flatMap((flow) => flow.steps);
  const named = [
    requesters,
    deny,
    ...steps.flatMap(({ approvers, escalate }) => [approvers, escalate?.to ?? []]),
  ].flat();
  const groups = new Set(named.flatMap((principal) => (principal.kind === 'group' ? [principal.name] : [])));
  const looked = flows.flatMap(({ when }) => (when ? [when.groups] : []));
  // What the owners of targets are, and what a condition looks at otherwise than by name, may be any group.
  const any = looked.includes('all') || named.some(({ kind }) => kind === 'owner');
  for (const names of looked) if (names !== 'all') for (const name of names) groups.add(name);
  const unknown = new Set(directory.gaps.flatMap((gap) => gap.groups));
  return [...unknown].filter((name) => any || groups.has(name)).sort();
}
