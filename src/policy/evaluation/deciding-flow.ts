import { type Condition, ConditionFailed } from '../conditions/condition.ts';
import { type ConditionFacts, ConditionValues } from '../conditions/facts.ts';
import type { Directory } from '../directory.ts';
import type { AccessPolicy, FlowPolicy, PolicySet } from '../policy-set.ts';
import { listed } from './listed.ts';
import { type Refused, ruleText, type Trace } from './trace.ts';

/** Meaning 5: the first flow whose condition holds, or that has none. */
export function decidingFlow(
  { directory }: PolicySet,
  access: AccessPolicy,
  facts: ConditionFacts,
  trace: Trace,
): { ok: true; flow: FlowPolicy; index: number } | Refused {
  const values = new ConditionValues(facts);
  for (const [index, flow] of access.flows.entries()) {
    const rule = ruleText(access.name, `flow ${flow.name}`, access.places.conditions[index] ?? access.places.flows);
    if (flow.when) {
      const answer = answerOf(flow.when, directory, values);
      if (typeof answer === 'string') {
        // Not skipped: the flow behind it may ask for less than this one would have.
        const sentence = `The condition of the flow “${flow.name}” of \`${access.name}\` has no answer for this request: ${answer}. Ask the people who own the policies.`;
        return trace.refused('when', 'policy-error', sentence, rule);
      }
      trace.looked('when', answer, flow.when.source, rule);
      if (!answer) continue;
    }
    trace.passed('flow', flow.name, rule);
    return { ok: true, flow, index };
  }
  const rule = ruleText(access.name, 'flows', access.places.flows);
  return trace.refused('flow', 'no-flow', noFlow(access), rule);
}

function noFlow({ name: access, flows }: AccessPolicy): string {
  if (flows.length === 0)
    return `The policy of \`${access}\` has no flow that could approve it. Ask the people who own the policies.`;
  const asking = flows.map(({ name, when }) => `“${name}” asks for ${when?.source}`);
  return `No flow of \`${access}\` is meant for this request: ${listed(asking, 'and')}.`;
}

/** Whether a condition holds, or why that cannot be said. */
function answerOf(condition: Condition, directory: Directory, values: ConditionValues): boolean | string {
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
