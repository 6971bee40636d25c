import type { Principal } from '../domain/principal.ts';
import type { Step } from '../domain/request.ts';
import type { Directory, Person } from './directory.ts';
import { type Gap, groupGaps } from './gaps.ts';
import type { AccessPolicy, PolicySet, TargetPolicy } from './policy-set.ts';

/** The parts of a policy set that say who is who. */
export interface Who {
  readonly directory: Directory;
  readonly targets: ReadonlyMap<string, Pick<TargetPolicy, 'owner'>>;
}

/** What `manager` and `owner` refer to. */
export interface ApprovalContext {
  /** The requester's e-mail. */
  readonly requester: string;
  /** Names of all targets that the access touches. */
  readonly targets: readonly string[];
}

/** Whether a principal names a person. `owner` is whoever owns one of the targets, `manager` the requester's manager. */
export function matches(who: Who, principal: Principal, email: string, context: ApprovalContext): boolean {
  switch (principal.kind) {
    case 'everyone':
      return who.directory.byEmail(email) !== undefined;
    case 'user':
      return principal.email === email;
    case 'group':
      return who.directory.isMember(email, principal.name);
    case 'manager':
      return who.directory.byEmail(context.requester)?.manager === email;
    case 'owner':
      return ownersOf(who, context).some((owner) => matches(who, owner, email, context));
  }
}

/** Everybody whom a principal names. */
function peopleOf(who: Who, principal: Principal, context: ApprovalContext): readonly Person[] {
  const { directory } = who;
  switch (principal.kind) {
    case 'everyone':
      return directory.people;
    case 'user':
      return person(directory.byEmail(principal.email));
    case 'group':
      return directory.members(principal.name);
    case 'manager': {
      const manager = directory.byEmail(context.requester)?.manager;
      return manager === undefined ? [] : person(directory.byEmail(manager));
    }
    case 'owner':
      return ownersOf(who, context).flatMap((owner) => peopleOf(who, owner, context));
  }
}

const person = (found: Person | undefined): readonly Person[] => (found ? [found] : []);

/** Owners are users, groups or everyone: the loader refuses the words that would lead back here. */
function ownersOf(who: Who, context: ApprovalContext): readonly Principal[] {
  return context.targets.flatMap((name) => {
    const owner = who.targets.get(name)?.owner;
    return owner === undefined || owner.kind === 'owner' || owner.kind === 'manager' ? [] : [owner];
  });
}

/**
 * Whether somebody's votes can count at all: enabled, in Slack (a vote comes from there and from nowhere else) and not
 * the requester. NB. invariant 2: no rule, group or role lifts the last one.
 */
const mayVote = (person: Person, requester: string): boolean =>
  !person.disabled && person.slack !== undefined && person.email !== requester;

/** The people who may fill a seat of a step now, each once, in the order in which the step names them. */
export function approvers(who: Who, step: Step, context: ApprovalContext): Person[] {
  return candidates(who, step, context, { most: Number.POSITIVE_INFINITY, disabledToo: false });
}

/**
 * As `approvers`, but no more than `most` of them: to know whether there are enough needs no list of a whole company.
 * @param disabledToo counts disabled people as if they were not; only for judging the policies themselves.
 */
export function candidates(
  who: Who,
  step: Step,
  context: ApprovalContext,
  { most, disabledToo }: { most: number; disabledToo: boolean },
): Person[] {
  const requester = context.requester.toLowerCase();
  const found = new Map<string, Person>();
  for (const principal of step.approvers) {
    for (const each of peopleOf(who, principal, { ...context, requester })) {
      if (found.size >= most) return [...found.values()];
      if (mayVote(disabledToo ? { ...each, disabled: false } : each, requester)) found.set(each.email, each);
    }
  }
  return [...found.values()];
}

/** Whether a person may fill a seat of a step now. The same rule as `approvers`, without making the list. */
export function isApprover(who: Who, step: Step, email: string, context: ApprovalContext): boolean {
  const found = who.directory.byEmail(email);
  const requester = context.requester.toLowerCase();
  if (!found || !mayVote(found, requester)) return false;
  return step.approvers.some((principal) => matches(who, principal, found.email, { ...context, requester }));
}

/** The first of some principals that names the requester. */
export function principalFor(
  who: Who,
  principals: readonly Principal[],
  email: string,
  access: Pick<AccessPolicy, 'targets'>,
): Principal | undefined {
  const context: ApprovalContext = { requester: email, targets: access.targets };
  // Groups are what lists are made of: the person is looked up once, not for each of them.
  const memberships = who.directory.membershipsOf(email);
  for (const principal of principals) {
    if (principal.kind === 'group' ? memberships.has(principal.name) : matches(who, principal, email, context))
      return principal;
  }
  return undefined;
}

/** Who may not ask: the principal of `deny` that says so, and the gap because of which it might. */
export interface Denial {
  readonly principal: Principal;
  readonly gap?: Gap;
}

/**
 * Whether `deny` stands against a person. NB. a denied group whose members are not known denies everybody: else whoever
 * keeps its source from being read could ask for what they are denied.
 */
export function denialOf(who: Who, access: AccessPolicy, email: string): Denial | undefined {
  const named = principalFor(who, access.deny, email, access);
  if (named) return { principal: named };
  for (const principal of access.deny) {
    const [gap] = groupGaps(who, [principal], access.targets);
    if (gap) return { principal, gap };
  }
  return undefined;
}

/** Whether a person may ask for an access at all: somebody enabled whom `requesters` names and `deny` does not. */
export function mayRequest(who: Who, access: AccessPolicy, email: string): boolean {
  const found = who.directory.byEmail(email);
  if (!found || found.disabled) return false;
  return (
    denialOf(who, access, found.email) === undefined &&
    principalFor(who, access.requesters, found.email, access) !== undefined
  );
}

/** Everybody who may ask for an access, each once; `disabledToo`: and who could if they were not disabled. */
export function* askers(
  who: Who,
  access: Pick<AccessPolicy, 'requesters' | 'deny' | 'targets'>,
  { disabledToo }: { disabledToo: boolean },
): Generator<Person, void, void> {
  const seen = new Set<string>();
  // Neither `requesters` nor `deny` can name a manager: the loader refuses it there.
  const context: ApprovalContext = { requester: '', targets: access.targets };
  for (const principal of access.requesters) {
    for (const each of peopleOf(who, principal, context)) {
      if (seen.has(each.email)) continue;
      seen.add(each.email);
      if (each.disabled && !disabledToo) continue;
      if (principalFor(who, access.deny, each.email, access) === undefined) yield each;
    }
  }
}

/** What a person may ask for, by name. */
export function requestable(policies: PolicySet, email: string): AccessPolicy[] {
  return policies.search.filter(({ access }) => mayRequest(policies, access, email)).map(({ access }) => access);
}
