import type { Condition } from '../conditions/condition.ts';
import { deepFreeze } from '../frozen.ts';
import type { AccessPlaces, AccessPolicy, BreakGlassPolicy } from '../policy-set.ts';
import type { AccessDocument, GrantDocument } from '../schema/access.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import { fieldPolicies, flowPlaces, flowPolicies } from './flows.ts';

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
    breakGlass: rulePlace('break_glass'),
    revokeOnIdle: rulePlace('revoke_on_idle'),
    ...flowPlaces(document.flows, positions),
  };
  const grants = judgedGrants(document);
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
    fields: fieldPolicies(document.fields),
    flows: flowPolicies(document.flows, conditions),
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
