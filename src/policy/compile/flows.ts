import type { Condition } from '../conditions/condition.ts';
import type { AccessPlaces, FieldPolicy, FlowPolicy } from '../policy-set.ts';
import type { Positions } from '../positions.ts';
import type { ParametersDocument } from '../schema/fields.ts';
import type { FlowDocument } from '../schema/flow.ts';

/** Checked flows as a policy. */
export const flowPolicies = (
  flows: readonly FlowDocument[],
  conditions: readonly (Condition | undefined)[],
): FlowPolicy[] =>
  flows.map(
    ({ name, auto_approve, steps, timeout }, index): FlowPolicy => ({
      name,
      autoApprove: auto_approve ?? false,
      steps: (steps ?? []).map(({ approvers, need, remind_every, delegation, escalate }) => ({
        approvers,
        need,
        ...(remind_every === undefined ? {} : { remindEveryMs: remind_every }),
        ...(delegation === 'allowed' ? { delegation } : {}),
        ...(escalate === undefined ? {} : { escalate: { afterMs: escalate.after, to: escalate.to } }),
      })),
      timeoutMs: timeout,
      ...(conditions[index] === undefined ? {} : { when: conditions[index] }),
    }),
  );

/** Where each of them stands. */
export const flowPlaces = (
  flows: readonly FlowDocument[],
  positions: Positions,
): Pick<AccessPlaces, 'conditions' | 'eachFlow' | 'steps'> => ({
  conditions: flows.map((_flow, flow) => positions.value(['flows', flow, 'when'])),
  eachFlow: flows.map((_flow, flow) => positions.value(['flows', flow, 'name'])),
  steps: flows.map(({ steps }, flow) =>
    (steps ?? []).map((_step, step) => positions.value(['flows', flow, 'steps', step])),
  ),
});

/** Checked inputs as a policy, in the order in which they are written. */
export const fieldPolicies = (fields: ParametersDocument | undefined): FieldPolicy[] =>
  Object.entries(fields ?? {}).map(([name, { label, hint, required, pattern, enum: choices }]) => ({
    name,
    label: label ?? name,
    ...(hint === undefined ? {} : { hint }),
    required,
    ...(pattern === undefined ? {} : { pattern }),
    ...(choices === undefined ? {} : { choices }),
  }));
