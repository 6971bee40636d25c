import type { EntitlementRef } from '../domain/entitlement.ts';
import type { Milliseconds } from '../domain/instant.ts';
import { type Principal, principalText } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Person } from './directory.ts';
import { approvers } from './eligibility.ts';
import type { Decision, Question, TraceStep } from './evaluate.ts';
import { isRequired, missingFields } from './field-rule.ts';
import type { PolicySet } from './policy-set.ts';
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

/** A decision told in full: what was looked at, in which order, what it takes now, and how it ends. */
export interface Explanation {
  outcome: 'refused' | 'automatic' | 'needs-approval';
  /** With `refused`. */
  refusal?: Refusal;
  /** Every rule that was looked at; with `refused` the last one is the one that refused. */
  checks: readonly TraceStep[];
  person?: string;
  access?: string;
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
  if (!decision.ok) {
    return { outcome: 'refused', refusal: decision.refusal, checks: decision.trace, steps: [], entitlements: [] };
  }
  const { access, person, durationMs, flow, entitlements, trace } = decision;
  const context = { requester: person.email, targets: access.targets };
  const index = access.flows.findIndex(({ name }) => name === flow.name);
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
      place: access.places.steps[index]?.[at] ?? access.places.flows,
    }),
  );
  return {
    outcome: flow.autoApprove ? 'automatic' : 'needs-approval',
    checks: trace,
    person: person.email,
    access: access.name,
    durationMs,
    flow: flow.name,
    steps: flow.autoApprove ? [] : steps,
    entitlements,
    timeoutMs: flow.timeoutMs,
  };
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
  const assumed: string[] = [];
  let reasonAssumed = false;
  const access = policies.accesses.get(question.access);
  let asked = question;
  let decision = judge(asked);
  if (!decision.ok && decision.trace.at(-1)?.check === 'reason' && (question.reason ?? '').trim() === '') {
    assumed.push(decision.refusal.sentence);
    reasonAssumed = true;
    asked = { ...asked, reason: '?'.repeat(Math.max(1, access?.reason.minLength ?? 0)) };
    decision = judge(asked);
  }
  const missing = access ? missingFields(access, question.fields ?? {}) : [];
  if (!decision.ok && missing.some(({ name }) => !decision.ok && name === decision.field)) {
    assumed.push(...missing.map(isRequired));
    decision = judge({ ...asked, preview: true });
  }
  if (assumed.length === 0) return { decision };
  // NB. nobody gave a reason: the trace must not say that somebody did.
  const told = (step: TraceStep) =>
    reasonAssumed && step.check === 'reason' ? { ...step, detail: 'taken for granted' } : step;
  return { decision: { ...decision, trace: decision.trace.map(told) }, assumed: assumed.join(' ') };
}

const emailsOf = (people: readonly Person[]): string[] => people.map(({ email }) => email);

const textsOf = (principals: readonly Principal[]): string[] => [...new Set(principals.map(principalText))];
