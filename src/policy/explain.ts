import { type CallerRef, callerName } from '../domain/caller.ts';
import type { EntitlementRef } from '../domain/entitlement.ts';
import type { Milliseconds } from '../domain/instant.ts';
import { type Principal, principalText } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { FieldValues, Flow } from '../domain/request.ts';
import { missingIn } from './callers.ts';
import type { Person } from './directory.ts';
import { type ApprovalContext, approvers } from './eligibility.ts';
import type { Decision, Question, Refused, TraceStep } from './evaluate.ts';
import { type ActionDecision, type ActionQuestion, evaluateAction } from './evaluate-action.ts';
import { listed } from './evaluation/listed.ts';
import { isRequired, missingFields } from './field-rule.ts';
import type { AccessPlaces, AccessPolicy, ActionPolicy, PolicySet } from './policy-set.ts';
import type { Place } from './positions.ts';

/** A step of the flow that decides: who has to agree, by the words of the policy and by name. */
export interface ExplainedStep {
  /** Counted from 1. */
  step: number;
  need: number;
  /** As the policy writes them, with `owner` by name. */
  approvers: readonly string[];
  /** E-mails of everybody who could fill a seat of it now. */
  people: readonly string[];
  /** When it has been open for so long, these may fill its seats as well. */
  escalates?: { afterMs: Milliseconds; to: readonly string[]; people: readonly string[] };
  place: Place;
}

/** A rule for callers that does not name a caller. */
export interface Lacking {
  /** `ref: refs/heads/main`, `another issuer, https://ci.example.com`. */
  what: string;
  place: Place;
}

/** A decision told in full: what was looked at, in which order, what it takes now, and how it ends. */
export interface Explanation {
  outcome: 'refused' | 'automatic' | 'needs-approval';
  /** With `refused`. */
  refusal?: Refusal;
  /** Where it was the caller that was refused, what each of the action's rules for callers would have asked for. */
  lacking?: readonly Lacking[];
  /** Every rule that was looked at; with `refused` the last one is the one that refused. */
  checks: readonly TraceStep[];
  person?: string;
  access?: string;
  /** Of an action: the name of the caller who asks for it. */
  caller?: string;
  action?: string;
  /** How long it is given for; of an action, how long its approval may be used. */
  durationMs?: Milliseconds;
  flow?: string;
  /** With `needs-approval`, in the order in which they open. */
  steps: readonly ExplainedStep[];
  /** What would be given. */
  entitlements: readonly EntitlementRef[];
  /** How long approvers have to answer. */
  timeoutMs?: Milliseconds;
}

/** Tells what `evaluate` did. NB. it decides nothing itself: an explanation of its own could differ from what happens. */
export function explained(policies: PolicySet, decision: Decision): Explanation {
  if (!decision.ok) return refusedExplanation(decision);
  const { access, person, durationMs, entitlements, trace } = decision;
  return {
    checks: trace,
    person: person.email,
    access: access.name,
    durationMs,
    ...explainedFlow(policies, access, decision.flow, { requester: person.email, targets: access.targets }),
    entitlements,
  };
}

/** As `explained`, of what `evaluateAction` did. */
export function explainedAction(
  policies: PolicySet,
  { caller, action: name }: Pick<ActionQuestion, 'caller' | 'action'>,
  decision: ActionDecision,
): Explanation {
  if (!decision.ok) {
    const asked = decision.trace.at(-1)?.check === 'caller' ? policies.actions.get(name) : undefined;
    const lacking = asked ? lackingIn(asked, caller) : [];
    return { ...refusedExplanation(decision), ...(lacking.length === 0 ? {} : { lacking }) };
  }
  const { action, flow, trace } = decision;
  const asking = callerName(caller);
  return {
    checks: trace,
    caller: asking,
    action: action.name,
    durationMs: action.validForMs,
    ...explainedFlow(policies, action, flow, { requester: asking, targets: [] }),
    entitlements: [],
  };
}

/** For whoever owns the policies: a caller that none of them names is told nothing of them. */
const lackingIn = ({ callers, places }: ActionPolicy, caller: CallerRef): Lacking[] =>
  callers.map((rule, index): Lacking => {
    const place = places.eachCaller[index] ?? places.callers;
    if (rule.kind === 'api-key') return { what: `the API key ${rule.name}`, place };
    if (caller.kind !== 'oidc') return { what: `a token of ${rule.issuer}`, place };
    if (caller.issuer !== rule.issuer) return { what: `another issuer, ${rule.issuer}`, place };
    const missing = missingIn(rule, caller).map(({ name, values }) => `${name}: ${listed(values, 'or')}`);
    return { what: listed(missing, 'and'), place };
  });

const refusedExplanation = ({ refusal, trace }: Refused): Explanation => ({
  outcome: 'refused',
  refusal,
  checks: trace,
  steps: [],
  entitlements: [],
});

/** What the flow that decides takes: of an access, or of an action. */
function explainedFlow(
  policies: PolicySet,
  { flows, places }: Decided,
  flow: Flow,
  context: ApprovalContext,
): Pick<Explanation, 'outcome' | 'flow' | 'steps' | 'timeoutMs'> {
  const index = flows.findIndex(({ name }) => name === flow.name);
  const steps = flow.steps.map(
    (step, at): ExplainedStep => ({
      step: at + 1,
      need: step.need,
      approvers: textsOf(step.approvers),
      people: emailsOf(approvers(policies, step, context)),
      ...(step.escalate
        ? {
            escalates: {
              afterMs: step.escalate.afterMs,
              to: textsOf(step.escalate.to),
              people: emailsOf(approvers(policies, { approvers: step.escalate.to, need: step.need }, context)),
            },
          }
        : {}),
      place: places.steps[index]?.[at] ?? places.flows,
    }),
  );
  return {
    outcome: flow.autoApprove ? 'automatic' : 'needs-approval',
    flow: flow.name,
    steps: flow.autoApprove ? [] : steps,
    timeoutMs: flow.timeoutMs,
  };
}

interface Decided {
  readonly flows: readonly Flow[];
  readonly places: Pick<AccessPlaces, 'steps' | 'flows'>;
}

/**
 * Evaluates a question, and once more with a reason as long as it must be and without the required fields when only missing
 * ones stand in the way: who wants to know who would approve has not written them yet. What was taken for granted comes back
 * as sentences.
 */
export function assumingReason<Q extends Pick<Question, 'access' | 'reason' | 'fields' | 'preview'>>(
  policies: Pick<PolicySet, 'accesses'>,
  question: Q,
  judge: (question: Q) => Decision,
): { decision: Decision; assumed?: string } {
  const access = policies.accesses.get(question.access);
  return assuming(access && { ...access, given: question.fields ?? {} }, question, judge);
}

/** As `assumingReason`, of a caller's question: the required parameters are those of the action. */
export function assumingParameters(
  policies: PolicySet,
  question: ActionQuestion,
): { decision: ActionDecision; assumed?: string } {
  const action = policies.actions.get(question.action);
  const asked = action && { reason: action.reason, fields: action.parameters, given: question.parameters ?? {} };
  return assuming(asked, question, (each) => evaluateAction(policies, each));
}

interface Writes extends Pick<AccessPolicy, 'reason' | 'fields'> {
  readonly given: FieldValues;
}

function assuming<
  Q extends { reason?: string; preview?: boolean },
  D extends { ok: true; trace: TraceStep[] } | Refused,
>(asked: Writes | undefined, question: Q, judge: (question: Q) => D): { decision: D; assumed?: string } {
  const assumed: string[] = [];
  let reasonAssumed = false;
  let written = question;
  let decision = judge(written);
  if (!decision.ok && decision.trace.at(-1)?.check === 'reason' && (question.reason ?? '').trim() === '') {
    assumed.push(decision.refusal.sentence);
    reasonAssumed = true;
    written = { ...written, reason: '?'.repeat(Math.max(1, asked?.reason.minLength ?? 0)) };
    decision = judge(written);
  }
  const missing = asked ? missingFields(asked, asked.given) : [];
  if (!decision.ok && missing.some(({ name }) => !decision.ok && name === decision.field)) {
    assumed.push(...missing.map(isRequired));
    decision = judge({ ...written, preview: true });
  }
  if (assumed.length === 0) return { decision };
  // NB. nobody gave a reason: the trace must not say that somebody did.
  const told = (step: TraceStep) =>
    reasonAssumed && step.check === 'reason' ? { ...step, detail: 'taken for granted' } : step;
  return { decision: { ...decision, trace: decision.trace.map(told) }, assumed: assumed.join(' ') };
}

const emailsOf = (people: readonly Person[]): string[] => people.map(({ email }) => email);

const textsOf = (principals: readonly Principal[]): string[] => [...new Set(principals.map(principalText))];
