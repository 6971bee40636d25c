import type { Principal } from '../../domain/principal.ts';
import type { Step } from '../../domain/request.ts';
import type { Directory, Person } from '../directory.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';
import { conditionsOf } from './conditions.ts';
import type { Side } from './side.ts';

/** One version of an access with the policies that it stands in. */
export interface Version {
  side: Side;
  access?: AccessPolicy;
}

/** What some rules can tell two people apart by. */
interface Distinctions {
  groups: Set<string>;
  users: Set<string>;
  manager: boolean;
  /** Their whole name, or all of their groups: nobody is like anybody else. */
  everybody: boolean;
}

/**
 * What has to be the same for people of one class: whether they may ask at all; how their requests end, by which flow or
 * with which refusal; whether they may take the access in an emergency.
 */
export type Scope = 'asking' | 'decided' | 'emergency';

/**
 * Gathers people whom neither version of an access can tell apart: what is decided for one of them is decided for each.
 * They are alike when both versions see them in the same of the groups that matter, name neither of them, and, where a rule
 * that matters says `manager`, know the same manager.
 *
 * @param people e-mails, with what tells them apart whatever the access: see `basicsOf`
 */
export function classesOf(
  was: Version,
  now: Version,
  scope: Scope,
  people: readonly (readonly [email: string, basic: string])[],
): (readonly (readonly [email: string, basic: string])[])[] {
  const before = distinctionsOf(was, scope);
  const after = distinctionsOf(now, scope);
  if (before.everybody || after.everybody) return people.map((person) => [person]);
  const sets = [
    ...[...before.groups].map((group) => was.side.members(group)),
    ...[...after.groups].map((group) => now.side.members(group)),
  ];
  const directories = [
    ...(before.manager ? [was.side.policies.directory] : []),
    ...(after.manager ? [now.side.policies.directory] : []),
  ];
  const classes = new Map<string, (readonly [string, string])[]>();
  for (const person of people) {
    const [email, basic] = person;
    let key = basic;
    if (before.users.has(email) || after.users.has(email)) key = `=${email}`;
    else {
      for (const members of sets) key += members.has(email) ? '+' : '-';
      for (const directory of directories) key += `|${directory.byEmail(email)?.manager ?? ''}`;
    }
    const alike = classes.get(key);
    if (alike) alike.push(person);
    else classes.set(key, [person]);
  }
  return [...classes.values()];
}

/**
 * What tells people apart whatever the access: whether they are there, enabled and in Slack, and where they have no
 * account. Numbered, so that the keys of classes stay short.
 */
export function basicsOf(was: Directory, now: Directory): Map<string, string> {
  const numbers = new Map<string, number>();
  const basics = new Map<string, string>();
  const look = (person: Person | undefined): string => {
    if (!person) return '';
    const without = Object.entries(person.accounts).flatMap(([target, account]) => (account === null ? [target] : []));
    return `${person.disabled}${person.slack !== undefined}${without.sort().join(' ')}`;
  };
  for (const { email } of [...was.people, ...now.people]) {
    if (basics.has(email)) continue;
    const text = `${look(was.byEmail(email))}|${look(now.byEmail(email))}`;
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    basics.set(email, `${number}:`);
  }
  return basics;
}

function distinctionsOf({ side, access }: Version, scope: Scope): Distinctions {
  const { policies } = side;
  const found: Distinctions = { groups: new Set(), users: new Set(), manager: false, everybody: false };
  if (!access) return found;
  const look = (principals: readonly Principal[]): void => {
    for (const principal of principals) {
      if (principal.kind === 'group') found.groups.add(principal.name);
      else if (principal.kind === 'user') found.users.add(principal.email);
      else if (principal.kind === 'manager') found.manager = true;
      else if (principal.kind === 'owner') look(access.targets.flatMap((name) => ownerOf(policies, name)));
    }
  };
  look(access.requesters);
  look(access.deny);
  if (scope === 'emergency') look(access.breakGlass?.allow ?? []);
  if (scope !== 'decided') return found;
  // Who could approve decides only over whether a flow can be filled at all.
  for (const { steps } of access.flows)
    if (!ample(side, access, steps)) for (const { approvers } of steps) look(approvers);
  for (const condition of conditionsOf(access.flows)) {
    const { groups, reads } = condition;
    if (groups === 'all' || reads.has('requester.email') || reads.has('requester')) found.everybody = true;
    else for (const group of groups) found.groups.add(group);
    if (reads.has('requester.manager')) found.manager = true;
  }
  return found;
}

/** Whether a flow can be filled whoever asks: in each step there are more people than there are seats in all of it. */
function ample(side: Side, { targets }: AccessPolicy, steps: readonly Step[]): boolean {
  const seats = steps.reduce((sum, { need }) => sum + need, 0);
  return steps.every(({ approvers }) => side.mayApprove(approvers, undefined, targets).people.size > seats);
}

function ownerOf({ targets }: PolicySet, name: string): Principal[] {
  const owner = targets.get(name)?.owner;
  // The loader refuses `owner` as an owner; nothing here may loop should it not.
  return owner === undefined || owner.kind === 'owner' ? [] : [owner];
}
