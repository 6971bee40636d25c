import { type Problem, problem } from '../problems.ts';
import type { ReadableAccess } from '../schema/access.ts';
import { isRead } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import type { AtBest, ReadablePrincipals, TargetNames } from './at-best.ts';

/** `owner` where no target of the access has an owner: as an approver it is nobody, and a `deny` would deny nobody. */
export function ownerless(
  { positions }: YamlDocument,
  access: ReadableAccess,
  { best, targets }: { best: AtBest; targets: TargetNames },
): Problem[] {
  const owners = best.ownersOf(targets);
  if (!isRead(owners) || owners.length > 0 || !isRead(targets) || targets.length === 0) return [];
  const problems: Problem[] = [];
  const look = (principals: ReadablePrincipals | undefined, path: readonly PropertyKey[]): void => {
    for (const [index, principal] of (principals && isRead(principals) ? principals : []).entries()) {
      if (!isRead(principal) || principal.kind !== 'owner') continue;
      const sentence =
        'No target of this access has an `owner`: give its target one, or name a group or a person here.';
      problems.push(problem(positions.value([...path, index]), 'no-owner', sentence));
    }
  };
  look(access.requesters, ['requesters']);
  look(access.deny, ['deny']);
  const { break_glass: emergency } = access;
  if (emergency && isRead(emergency)) look(emergency.allow, ['break_glass', 'allow']);
  for (const [flow, read] of (isRead(access.flows) ? access.flows : []).entries()) {
    const { steps } = isRead(read) ? read : {};
    for (const [index, step] of (steps && isRead(steps) ? steps : []).entries()) {
      if (!isRead(step)) continue;
      const path = ['flows', flow, 'steps', index];
      look(step.approvers, [...path, 'approvers']);
      if (step.escalate && isRead(step.escalate)) look(step.escalate.to, [...path, 'escalate', 'to']);
    }
  }
  return problems;
}
