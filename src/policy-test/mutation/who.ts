import { type Principal, principalText } from '../../domain/principal.ts';
import { askers, denialOf, principalFor } from '../../policy/eligibility.ts';
import { type AccessPolicy, approvers, type Person, type PolicySet } from '../../policy/index.ts';
import { EVERYONE, isEveryone, type Step, type Weakened, without } from './mutant.ts';

/** Who may ask, and who may not: without each, and with everybody. Where the people stay the same, no test could notice. */
export function* whoMayAsk(policies: PolicySet, access: AccessPolicy): Iterable<Weakened<readonly Principal[]>> {
  yield* list(access.requesters, 'among `requesters`', otherAskers(policies, access));
}

export function* whoMayTakeIt(
  policies: PolicySet,
  access: AccessPolicy,
  allow: readonly Principal[],
): Iterable<Weakened<readonly Principal[]>> {
  yield* list(allow, 'in `break_glass.allow`', otherAskers(policies, access));
}

export function* whoIsDenied(policies: PolicySet, access: AccessPolicy): Iterable<Weakened<readonly Principal[]>> {
  const different = difference(policies, access, () => true);
  for (const one of each(access.deny, 'in `deny`')) if (different(access.deny, one.change(access.deny))) yield one;
}

type Different = (before: readonly Principal[], after: readonly Principal[]) => boolean;

/** Nothing changes for those who are denied it anyway. */
const otherAskers = (policies: PolicySet, access: AccessPolicy): Different =>
  difference(policies, access, ({ email }) => denialOf(policies, access, email) === undefined);

const difference =
  (policies: PolicySet, access: AccessPolicy, matters: (person: Person) => boolean): Different =>
  (before, after) =>
    policies.directory.people.some((person) => {
      const named = (principals: readonly Principal[]) =>
        principalFor(policies, principals, person.email, access) !== undefined;
      return !person.disabled && named(before) !== named(after) && matters(person);
    });

function* list(
  principals: readonly Principal[],
  where: string,
  different: Different,
): Iterable<Weakened<readonly Principal[]>> {
  for (const one of each(principals, where)) if (different(principals, one.change(principals))) yield one;
  if (different(principals, [EVERYONE]))
    yield { what: `with \`everyone\` ${where}`, change: (all) => [...all, EVERYONE] };
}

export function* each(principals: readonly Principal[], where: string): Iterable<Weakened<readonly Principal[]>> {
  for (const [index, one] of principals.entries())
    yield { what: `without ${principalText(one)} ${where}`, change: (all) => without(all, index) };
}

/** To whom a step escalates; nothing where it makes no difference to any requester, so that no test could notice. */
export function* whomItEscalatesTo(
  policies: PolicySet,
  access: AccessPolicy,
  step: Step,
): Iterable<Weakened<readonly Principal[]>> {
  const to = step.escalate?.to ?? [];
  const where = 'in `escalate.to`';
  const different = otherApprovers(policies, access, step);
  for (const one of to.length > 1 ? each(to, where) : []) if (different(to, one.change(to))) yield one;
  if (different(to, [EVERYONE])) yield { what: `with \`everyone\` ${where}`, change: (all) => [...all, EVERYONE] };
}

/** Whether an escalation adds anybody for any requester; else nothing comes of it, whenever it happens. */
export const addsSomebody = (policies: PolicySet, access: AccessPolicy, step: Step): boolean =>
  otherApprovers(policies, access, step)([], step.escalate?.to ?? []);

function otherApprovers(policies: PolicySet, access: AccessPolicy, step: Step): Different {
  const count = (others: readonly Principal[], requester: string): number => {
    const grown = { ...step, approvers: [...step.approvers, ...others] };
    return approvers(policies, grown, { requester, targets: access.targets }).length;
  };
  return (before, after) => inSlack(policies, access).some(({ email }) => count(before, email) !== count(after, email));
}

/** Whether somebody could vote for an approver who is away: anybody in Slack who is no approver of the step themselves. */
export function somebodyCouldStandIn(policies: PolicySet, access: AccessPolicy, step: Step): boolean {
  if (step.approvers.some(isEveryone)) return false;
  const able = policies.directory.people.filter(({ disabled, slack }) => !disabled && slack !== undefined);
  return inSlack(policies, access).some(({ email }) => {
    const those = approvers(policies, step, { requester: email, targets: access.targets });
    // The requester, who is never among the approvers, stands in for nobody.
    return those.length > 0 && able.length - 1 > those.length;
  });
}

/** Who can ask in Slack, where votes are cast. */
const inSlack = (policies: PolicySet, access: AccessPolicy): Person[] =>
  [...askers(policies, access, { disabledToo: false })].filter(({ slack }) => slack !== undefined);
