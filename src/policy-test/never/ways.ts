import type { Condition } from '../../policy/conditions/condition.ts';
import type { ActionDecision, Decision, PolicySet } from '../../policy/index.ts';
import type { FlowPolicy } from '../../policy/policy-set.ts';

/** One way in which something could be decided. */
export interface Way {
  decision: (Decision | ActionDecision) & { ok: true };
  /** The conditions that must hold for it, and must not, of which only the request itself can tell. */
  assuming: readonly { flow: string; holds: boolean }[];
}

/** A flow, and the policies with nothing but it: as it is, and without its condition. */
export interface FlowAlone {
  readonly name: string;
  readonly when?: Condition;
  readonly alone: PolicySet;
  readonly bare: PolicySet;
}

/** @param having the policies in which what is asked for has this flow alone */
export const eachAlone = (
  flows: readonly FlowPolicy[],
  having: (flow: FlowPolicy) => PolicySet,
): readonly FlowAlone[] =>
  flows.map((flow) => {
    const { when, ...bare } = flow;
    return { name: flow.name, ...(when ? { when } : {}), alone: having(flow), bare: having(bare) };
  });

/**
 * Every way in which asking for something could be decided: by each flow that could be the first whose condition holds. Never
 * fewer than there are, so that what holds for all of them holds.
 *
 * @param isFree whether nobody can list what a condition reads: it may hold, and may not
 */
export function* waysOf(
  flows: readonly FlowAlone[],
  isFree: (when: Condition) => boolean,
  decide: (policies: PolicySet) => Decision | ActionDecision,
): Iterable<Way> {
  const assuming: { flow: string; holds: boolean }[] = [];
  for (const { name, when, alone, bare } of flows) {
    const free = when !== undefined && isFree(when);
    const decision = decide(free ? bare : alone);
    if (decision.ok) yield { decision, assuming: free ? [...assuming, { flow: name, holds: true }] : assuming };
    // The first one whose condition holds decides, also when it refuses; what comes behind it then is never asked.
    const passedOver = !decision.ok && decision.refusal.code === 'no-flow';
    if (!free && !passedOver) return;
    if (free) assuming.push({ flow: name, holds: false });
  }
}
