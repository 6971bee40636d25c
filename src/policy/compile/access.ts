import { entitlementKey } from '../../domain/entitlement.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Condition } from '../conditions/condition.ts';
import { deepFreeze } from '../frozen.ts';
import type { AccessPlaces, AccessPolicy, BreakGlassPolicy, FlowPolicy, TargetPolicy } from '../policy-set.ts';
import { type Problem, problem } from '../problems.ts';
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

/** What a schema cannot see: a name or a permission twice in one access. */
export function repeatedParts({ positions }: YamlDocument, document: AccessDocument): Problem[] {
  const problems: Problem[] = [];
  const flows = new Set<string>();
  for (const [index, { name }] of document.flows.entries()) {
    if (flows.has(name)) {
      const sentence = `Two flows of this access are called \`${name}\`: the record of an approval names the flow, so rename one.`;
      problems.push(problem(positions.value(['flows', index, 'name']), 'duplicate-flow', sentence));
    }
    flows.add(name);
  }
  const grants = new Set<string>();
  for (const [index, grant] of document.grants.entries()) {
    if (!grant) continue;
    const { target, permission, label } = grant;
    const key = entitlementKey(target, permission, '');
    if (grants.has(key)) {
      const sentence = `${label} at \`${target}\` is already among the grants: remove one.`;
      problems.push(problem(positions.value(['grants', index]), 'duplicate-grant', sentence));
    }
    grants.add(key);
  }
  return problems;
}

/** `owner` where no target of the access has an owner: as an approver it is nobody, and a `deny` would deny nobody. */
export function ownerless(
  { positions }: YamlDocument,
  document: AccessDocument,
  targets: ReadonlyMap<string, TargetPolicy>,
): Problem[] {
  if (judgedGrants(document).some(({ target }) => targets.get(target)?.owner !== undefined)) return [];
  const problems: Problem[] = [];
  const look = (principals: readonly Principal[], path: readonly PropertyKey[]): void => {
    for (const [index, { kind }] of principals.entries()) {
      if (kind !== 'owner') continue;
      const sentence =
        'No target of this access has an `owner`: give its target one, or name a group or a person here.';
      problems.push(problem(positions.value([...path, index]), 'no-owner', sentence));
    }
  };
  look(document.requesters, ['requesters']);
  look(document.deny, ['deny']);
  look(document.break_glass?.allow ?? [], ['break_glass', 'allow']);
  for (const [flow, { steps }] of document.flows.entries()) {
    for (const [step, { approvers, escalate }] of (steps ?? []).entries()) {
      look(approvers, ['flows', flow, 'steps', step, 'approvers']);
      look(escalate?.to ?? [], ['flows', flow, 'steps', step, 'escalate', 'to']);
    }
  }
  return problems;
}
