import { type Principal, principalText } from '../../domain/principal.ts';
import { askers, denialOf, principalFor } from '../../policy/eligibility.ts';
import { type AccessPolicy, type ApprovalContext, approvers, type Person, type PolicySet } from '../../policy/index.ts';
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

/** Who could ask where votes are cast, and so who may fill a step. */
export interface Asking {
  policies: PolicySet;
  contexts: readonly ApprovalContext[];
}

/** Whoever may ask for an access in Slack. */
export const askingFor = (policies: PolicySet, access: AccessPolicy): Asking => ({
  policies,
  contexts: [...askers(policies, access, { disabledToo: false })].flatMap(({ email, slack }) =>
    slack === undefined ? [] : [{ requester: email, targets: access.targets }],
  ),
});

/** To whom a step escalates; nothing where it makes no difference to any requester, so that no test could notice. */
export function* whomItEscalatesTo(asking: Asking, step: Step): Iterable<Weakened<readonly Principal[]>> {
  const to = step.escalate?.to ?? [];
  const where = 'in `escalate.to`';
  const different = otherApprovers(asking, step);
  for (const one of to.length > 1 ? each(to, where) : []) if (different(to, one.change(to))) yield one;
  if (different(to, [EVERYONE])) yield { what: `with \`everyone\` ${where}`, change: (all) => [...all, EVERYONE] };
}

/** Whether an escalation adds anybody for any requester; else nothing comes of it, whenever it happens. */
export const addsSomebody = (asking: Asking, step: Step): boolean =>
  otherApprovers(asking, step)([], step.escalate?.to ?? []);

function otherApprovers({ policies, contexts }: Asking, step: Step): Different {
  const count = (others: readonly Principal[], context: ApprovalContext): number =>
    approvers(policies, { ...step, approvers: [...step.approvers, ...others] }, context).length;
  return (before, after) => contexts.some((context) => count(before, context) !== count(after, context));
}

/** Whether somebody could vote for an approver who is away: anybody in Slack who is no approver of the step themselves. */
export function somebodyCouldStandIn({ policies, contexts }: Asking, step: Step): boolean {
  if (step.approvers.some(isEveryone)) return false;
  const able = policies.directory.people.filter(({ disabled, slack }) => !disabled && slack !== undefined);
  return contexts.some((context) => {
    const those = approvers(policies, step, context);
    // The requester, who is never among the approvers, stands in for nobody.
    const others = able.filter(({ email }) => email !== context.requester);
    return those.length > 0 && others.length > those.length;
  });
}
