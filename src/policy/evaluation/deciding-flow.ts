import { type Condition, ConditionFailed } from '../conditions/condition.ts';
import type { CommonValues } from '../conditions/facts.ts';
import type { Directory } from '../directory.ts';
import type { AccessPlaces, AccessPolicy, FlowPolicy, PolicySet } from '../policy-set.ts';
import { listed } from './listed.ts';
import { type Refused, ruleText, type Trace } from './trace.ts';

/** What is asked for: an access or an action. */
export type WithFlows = Pick<AccessPolicy, 'name' | 'flows'> & {
  readonly places: Pick<AccessPlaces, 'flows' | 'conditions'>;
};

/** Meaning 5: the first flow whose condition holds, or that has none. */
export function decidingFlow(
  { directory }: PolicySet,
  asked: WithFlows,
  values: CommonValues,
  trace: Trace,
): { ok: true; flow: FlowPolicy; index: number } | Refused {
  for (const [index, flow] of asked.flows.entries()) {
    const rule = ruleText(asked.name, `flow ${flow.name}`, asked.places.conditions[index] ?? asked.places.flows);
    if (flow.when) {
      const answer = answerOf(flow.when, directory, values);
      if (typeof answer === 'string') {
        // Not skipped: the flow behind it may ask for less than this one would have.
        const sentence = `The condition of the flow “${flow.name}” of \`${asked.name}\` has no answer for this request: ${answer}. Ask the people who own the policies.`;
        return trace.refused('when', 'policy-error', sentence, rule);
      }
      trace.looked('when', answer, flow.when.source, rule);
      if (!answer) continue;
    }
    trace.passed('flow', flow.name, rule);
    return { ok: true, flow, index };
  }
  const rule = ruleText(asked.name, 'flows', asked.places.flows);
  return trace.refused('flow', 'no-flow', noFlow(asked), rule);
}

function noFlow({ name, flows }: WithFlows): string {
  if (flows.length === 0)
    return `The policy of \`${name}\` has no flow that could approve it. Ask the people who own the policies.`;
  const asking = flows.map((flow) => `“${flow.name}” asks for ${flow.when?.source}`);
  return `No flow of \`${name}\` is meant for this request: ${listed(asking, 'and')}.`;
}

/** Whether a condition holds, or why that cannot be said. */
function answerOf(condition: Condition, directory: Directory, values: CommonValues): boolean | string {
  // NB. a group that is not known now reads as empty, and `!("contractors" in requester.groups)` would hold.
  const unknown = groupsUnknown(directory, condition.groups);
  if (unknown !== '') return unknown;
  try {
    return condition.holds(values);
  } catch (error) {
    if (error instanceof ConditionFailed) return error.message;
    throw error;
  }
}

/** Why the groups that a condition looks at may not be complete now; empty when they are. */
function groupsUnknown(directory: Directory, groups: Condition['groups']): string {
  if (directory.gaps.length === 0) return '';
  const gaps =
    groups === 'all'
      ? directory.gaps.filter((gap) => gap.groups.length > 0)
      : [...groups].flatMap((group) => directory.gapsOf(group));
  return [...new Set(gaps.map(({ why }) => why))].join(' ').replace(/\.$/, '');
}
