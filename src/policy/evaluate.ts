import type { EntitlementRef } from '../domain/entitlement.ts';
import type { Instant, Milliseconds } from '../domain/instant.ts';
import type { FieldValues, Flow } from '../domain/request.ts';
import { ConditionValues } from './conditions/facts.ts';
import type { Person } from './directory.ts';
import { conditionFacts } from './evaluation/condition-facts.ts';
import { decidingFlow } from './evaluation/deciding-flow.ts';
import { isRequester, notDenied } from './evaluation/may-ask.ts';
import { type Refused, Trace, type TraceStep } from './evaluation/trace.ts';
import { type Asked, whatIsAsked } from './evaluation/what-is-asked.ts';
import { enoughApprovers, whatIsGiven } from './evaluation/what-it-takes.ts';
import { whoAsks } from './evaluation/who-asks.ts';
import { withOwners } from './evaluation/with-owners.ts';
import type { AccessPolicy, PolicySet } from './policy-set.ts';

export type { Check, Refused, TraceStep, Wrong } from './evaluation/trace.ts';

/** Somebody asks for an access. */
export interface Question {
  /** Who asks: by e-mail, by Slack id, or by both, which must then be the same person's. */
  email?: string;
  slack?: string;
  access: string;
  /** Absent: the access's default. */
  durationMs?: Milliseconds;
  reason?: string;
  /** As they were typed; a blank one was not filled in. */
  fields?: FieldValues;
  /** The moment of the decision, for conditions. */
  now: Instant;
  /** Not everything is filled in yet: what is missing is not refused. For showing what would come of it. */
  preview?: boolean;
}

/** What a request that is taken would be. */
export interface Taken extends Asked {
  ok: true;
  access: AccessPolicy;
  person: Person;
  flow: Flow;
  entitlements: EntitlementRef[];
  trace: TraceStep[];
}

export type Decision = Taken | Refused;

/**
 * Decides whether the policies let somebody ask for an access, and which flow then decides about the request. The order
 * is that of the section *Meaning* of the policy language, whose numbers stand here, and the first rule that says no ends
 * it. The same policies and the same question give the same decision: no clock, no chance, nothing outside.
 */
export function evaluate(policies: PolicySet, question: Question): Decision {
  const trace = new Trace();
  // 1.
  const who = whoAsks(policies, question, trace);
  if (!who.ok) return who;
  const { person, access } = who;
  // 2.
  const allowed = notDenied(policies, access, person, trace);
  if (!allowed.ok) return allowed;
  // 3.
  const admitted = isRequester(policies, access, person, trace);
  if (!admitted.ok) return admitted;
  // 4.
  const asked = whatIsAsked(access, question, trace);
  if (!asked.ok) return asked;
  const { durationMs, fields } = asked;
  // 5.
  const facts = conditionFacts(policies, { access, person, durationMs, fields, question });
  const deciding = decidingFlow(policies, access, new ConditionValues(facts), trace);
  if (!deciding.ok) return deciding;
  const { flow, index } = deciding;
  const given = whatIsGiven(policies, access, person, trace);
  if (!given.ok) return given;
  // 7.; what 6. and 8. to 10. say happens to a request that was taken.
  const fillable = enoughApprovers(
    policies,
    access,
    { requester: person.email, targets: access.targets, flow, index },
    trace,
  );
  if (!fillable.ok) return fillable;

  const { entitlements } = given;
  return {
    ok: true,
    access,
    person,
    durationMs,
    fields,
    flow: withOwners(policies, access, flow),
    entitlements,
    trace: trace.steps,
  };
}
