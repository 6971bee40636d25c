import { type EntitlementRef, entitlementKey } from '../../domain/entitlement.ts';
import type { Flow } from '../../domain/request.ts';
import type { Person } from '../directory.ts';
import type { ApprovalContext } from '../eligibility.ts';
import { gapNote } from '../gaps.ts';
import type { AccessPlaces, AccessPolicy, PolicySet } from '../policy-set.ts';
import { type Unfillable, unfillable } from '../seats.ts';
import { principalsText } from './listed.ts';
import { type Refused, ruleText, type Trace } from './trace.ts';

/** An account at every target: what would be given, each permission once. */
export function whatIsGiven(
  policies: PolicySet,
  access: AccessPolicy,
  person: Person,
  trace: Trace,
): { ok: true; entitlements: EntitlementRef[] } | Refused {
  const rule = ruleText(access.name, 'grants', access.places.grants);
  const entitlements: EntitlementRef[] = [];
  for (const grant of access.grants) {
    const account = accountAt(policies, person, grant.target);
    if (account === undefined) {
      const sentence = `You have no account at \`${grant.target}\`, which \`${access.name}\` needs. Ask the people who own the policies to name one.`;
      return trace.refused('accounts', 'no-account', sentence, rule);
    }
    const entitlement = entitlementOf(policies, grant, account);
    // Two names of one system can name one permission twice. It is given once and taken away once, by the first name.
    if (!entitlements.some(({ key }) => key === entitlement.key)) entitlements.push(entitlement);
  }
  trace.passed('accounts', entitlements.map(({ target, account }) => `${account} at ${target}`).join(', '), rule);
  return { ok: true, entitlements };
}

/** Meaning 7: enough people who may approve, or the request could only lapse. */
export function enoughApprovers(
  policies: PolicySet,
  asked: Pick<AccessPolicy, 'name'> & { readonly places: Pick<AccessPlaces, 'flows' | 'steps'> },
  { flow, index, ...context }: ApprovalContext & { flow: Flow; index: number },
  trace: Trace,
): { ok: true } | Refused {
  const rule = ruleText(asked.name, 'flows', asked.places.flows);
  if (flow.autoApprove) {
    trace.passed('approvers', 'approved by the policy itself', rule);
    return { ok: true };
  }
  const short = unfillable(policies, flow.steps, context);
  if (short) {
    const at = asked.places.steps[index]?.[short.step] ?? asked.places.flows;
    const stepRule = ruleText(asked.name, `flow ${flow.name}, step ${short.step + 1}`, at);
    const note = gapNote(policies, flow.steps[short.step]?.approvers ?? [], context.targets);
    return trace.refused('approvers', 'no-approvers', `${noApprovers(flow, short)}${note}`, stepRule);
  }
  trace.passed('approvers', 'there are enough of them', rule);
  return { ok: true };
}

/** A person's account at a target: what the directory says, else the e-mail or the part before its `@`. */
export function accountAt(policies: Pick<PolicySet, 'targets'>, person: Person, target: string): string | undefined {
  const policy = policies.targets.get(target);
  if (!policy) return undefined;
  const named = Object.hasOwn(person.accounts, target) ? person.accounts[target] : undefined;
  if (named === null) return undefined;
  return named ?? (policy.account === 'email' ? person.email : person.email.slice(0, person.email.indexOf('@')));
}

function entitlementOf(policies: PolicySet, grant: AccessPolicy['grants'][number], account: string): EntitlementRef {
  const { target, permission, label } = grant;
  const { provider = '', system = '' } = policies.targets.get(target) ?? {};
  return { key: entitlementKey(system, permission, account), target, system, provider, permission, account, label };
}

function noApprovers(flow: Flow, short: Unfillable): string {
  const step = flow.steps[short.step];
  if (!step) return 'Nobody could approve this request.';
  const needs = `Step ${short.step + 1} of the flow “${flow.name}” needs ${step.need} of ${principalsText(step.approvers, 'or')}`;
  const are = `${short.eligible === 0 ? 'nobody' : short.eligible}${short.eligible === 0 ? '' : short.eligible === 1 ? ' person' : ' people'}`;
  const why =
    short.eligible < step.need
      ? `, and ${are} other than you can approve there`
      : ', and the people who could are needed in the other steps: one person fills one seat';
  return `${needs}${why}. So this request could never be approved. Ask the people who own the policies.`;
}
