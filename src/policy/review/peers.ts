import { principalText } from '../../domain/principal.ts';
import type { Step } from '../../domain/request.ts';
import { type ApprovalContext, askers, matches, type Who } from '../eligibility.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';
import { unknownMembers } from './unknown-members.ts';
import { type Warning, warning } from './warnings.ts';

/**
 * Flows in which everybody who may ask may also approve, in every step. Nobody approves their own request, but two
 * friends approve each other’s.
 */
export function* peers(policies: PolicySet): Generator<Warning> {
  for (const access of policies.accesses.values()) {
    for (const [index, { name, autoApprove, steps }] of access.flows.entries()) {
      if (autoApprove || steps.length === 0) continue;
      const named = [...access.requesters, ...steps.flatMap(({ approvers }) => approvers)];
      if (unknownMembers(policies, access, named)) continue;
      if (!steps.every((step) => everyAskerApproves(policies, access, step))) continue;
      const place = access.places.steps[index]?.[0] ?? access.places.flows;
      const circle = steps.map(({ approvers }) => approvers.map(principalText).join(', ')).join('; then ');
      const sentence = `Everybody who may ask for \`${access.name}\` may also approve it in the flow “${name}” (${circle}): name approvers who cannot ask, at least in one step.`;
      yield warning(place, 'approvers-include-requesters', sentence);
    }
  }
}

/** Whether all who may ask (two at least: one alone can have no peer) are among the approvers of a step. */
function everyAskerApproves(who: Who, access: AccessPolicy, step: Step): boolean {
  let people = 0;
  for (const { email } of askers(who, access, { disabledToo: false })) {
    people += 1;
    const context: ApprovalContext = { requester: '', targets: access.targets };
    if (!step.approvers.some((principal) => matches(who, principal, email, context))) return false;
    if (people > 1 && step.approvers.some(({ kind }) => kind === 'everyone')) return true;
  }
  return people > 1;
}
