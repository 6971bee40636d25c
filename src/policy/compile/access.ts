import type { Condition } from '../conditions/condition.ts';
import { deepFreeze } from '../frozen.ts';
import type { AccessPlaces, AccessPolicy, BreakGlassPolicy, FlowPolicy } from '../policy-set.ts';
import type { AccessDocument, GrantDocument } from '../schema/access.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** The grants that could be judged: those at a target without a usable provider have a problem elsewhere. */
export const judgedGrants = ({ grants }: AccessDocument): GrantDocument[] =>
  grants.filter((grant) => grant !== undefined);

/** A checked access document as a policy. */
export function accessPolicy(
  { positions }: YamlDocument,
  document: AccessDocument,
  conditions: readonly (Condition | undefined)[],
): AccessPolicy {
  const rulePlace = (key: string) => (positions.has([key]) ? positions.key([key]) : positions.value(['name']));
  const places: AccessPlaces = {
    access: positions.value(['name']),
    grants: rulePlace('grants'),
    requesters: rulePlace('requesters'),
    deny: rulePlace('deny'),
    duration: rulePlace('duration'),
    reason: rulePlace('reason'),
    fields: rulePlace('fields'),
    flows: rulePlace('flows'),
    conditions: document.flows.map((_flow, flow) => positions.value(['flows', flow, 'when'])),
    eachFlow: document.flows.map((_flow, flow) => positions.value(['flows', flow, 'name'])),
    breakGlass: rulePlace('break_glass'),
    revokeOnIdle: rulePlace('revoke_on_idle'),
    steps: document.flows.map(({ steps }, flow) =>
      (steps ?? []).map((_step, step) => positions.value(['flows', flow, 'steps', step])),
    ),
  };
  const grants = judgedGrants(document);
  const flows = document.flows.map(
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
  return deepFreeze({
    name: document.name,
    title: document.title ?? document.name,
    labels: Object.assign(Object.create(null), document.labels),
    grants,
    targets: [...new Set(grants.map(({ target }) => target))],
    requesters: document.requesters,
    deny: document.deny,
    duration: durationPolicy(document.duration),
    reason: { required: document.reason.required, minLength: document.reason.min_length },
    fields: Object.entries(document.fields ?? {}).map(([name, { label, hint, required, pattern, enum: choices }]) => ({
      name,
      label,
      ...(hint === undefined ? {} : { hint }),
      required,
      ...(pattern === undefined ? {} : { pattern }),
      ...(choices === undefined ? {} : { choices }),
    })),
    flows,
    ...(document.channel === undefined ? {} : { channel: document.channel }),
    ...(document.revoke_on_idle === undefined ? {} : { revokeOnIdleMs: document.revoke_on_idle }),
    ...(document.break_glass ? { breakGlass: breakGlassPolicy(document.break_glass) } : {}),
    places,
  });
}

function breakGlassPolicy(document: NonNullable<AccessDocument['break_glass']>): BreakGlassPolicy {
  const { allow, review_within: reviewWithinMs, quota } = document;
  if (!quota) return { allow, reviewWithinMs };
  return { allow, reviewWithinMs, quota: { times: quota.times, perMs: quota.per } };
}

function durationPolicy({
  default: defaultMs,
  max: maxMs,
  extend,
}: AccessDocument['duration']): AccessPolicy['duration'] {
  if (!extend) return { defaultMs, maxMs };
  const { times, by: byMs, approval } = extend;
  return { defaultMs, maxMs, extend: { times, byMs, approval } };
}
