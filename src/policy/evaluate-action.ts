import { type CallerRef, callerName } from '../domain/caller.ts';
import type { Instant } from '../domain/instant.ts';
import type { FieldValues, Flow } from '../domain/request.ts';
import { ActionValues } from './conditions/action-facts.ts';
import { schedulesAt } from './evaluation/condition-facts.ts';
import { decidingFlow } from './evaluation/deciding-flow.ts';
import { type Refused, ruleText, Trace, type TraceStep } from './evaluation/trace.ts';
import { judged } from './evaluation/what-is-asked.ts';
import { enoughApprovers } from './evaluation/what-it-takes.ts';
import { whoCalls } from './evaluation/who-calls.ts';
import { withOwners } from './evaluation/with-owners.ts';
import { filledFields } from './field-rule.ts';
import type { ActionPolicy, PolicySet } from './policy-set.ts';
import { reasonProblem } from './reason-rule.ts';

/** A caller asks for an action. */
export interface ActionQuestion {
  /** As the token or the key that was shown says; nothing of it is looked up. */
  caller: CallerRef;
  action: string;
  /** What it is to be done with, taken as it is. */
  parameters?: FieldValues;
  reason?: string;
  /** The moment of the decision, for conditions. */
  now: Instant;
  /** Not everything is given yet: what is missing is not refused. For showing what would come of it. */
  preview?: boolean;
}

export type ActionDecision =
  | {
      ok: true;
      action: ActionPolicy;
      /** The parameters that were given. */
      fields: FieldValues;
      flow: Flow;
      /** Of the flow. */
      index: number;
      trace: TraceStep[];
    }
  | Refused;

/**
 * Decides whether the policies let a caller ask for an action, and which flow then decides about the request. The first rule
 * that says no ends it: is the caller one of any action, is there the action, does it name the caller; the reason and the
 * parameters; which flow; are there enough people to approve. As `evaluate`, it hangs on nothing but what it is given.
 */
export function evaluateAction(policies: PolicySet, question: ActionQuestion): ActionDecision {
  const trace = new Trace();
  const { caller, now } = question;
  const calling = whoCalls(policies, question, trace);
  if (!calling.ok) return calling;
  const { action } = calling;
  const asked = asExpected(action, question, trace);
  if (!asked.ok) return asked;
  const { fields } = asked;
  const values = new ActionValues({
    action: action.name,
    parameters: fields,
    caller,
    reason: (question.reason ?? '').trim(),
    labels: action.labels,
    now,
    inSchedule: schedulesAt(policies, now),
  });
  const deciding = decidingFlow(policies, action, values, trace);
  if (!deciding.ok) return deciding;
  const { flow, index } = deciding;
  const asking = { requester: callerName(caller), targets: [] };
  const fillable = enoughApprovers(policies, action, { ...asking, flow, index }, trace);
  if (!fillable.ok) return fillable;
  return { ok: true, action, fields, flow: withOwners(policies, asking, flow), index, trace: trace.steps };
}

/** The reason and the parameters, within their rules; everything that is wrong with them at once. */
function asExpected(
  action: ActionPolicy,
  { parameters, reason, preview = false }: ActionQuestion,
  trace: Trace,
): { ok: true; fields: FieldValues } | Refused {
  const subject = { name: action.name, fields: action.parameters };
  const filled = filledFields(subject, parameters ?? {}, { preview, one: 'parameter', exact: true });
  const wrongReason = preview ? undefined : reasonProblem(action.reason, reason ?? '');
  const refused = judged(
    [
      {
        check: 'reason',
        rule: ruleText(action.name, 'reason', action.places.reason),
        passed: () => (action.reason.required ? 'given as required' : 'not required'),
        wrong: wrongReason === undefined ? [] : [{ code: 'invalid-field', sentence: wrongReason }],
      },
      {
        check: 'parameter',
        rule: ruleText(action.name, 'parameters', action.places.parameters),
        passed: () => (filled.ok ? Object.keys(filled.fields).join(', ') : '') || 'none given',
        wrong: filled.ok ? [] : filled.wrong.map((one) => ({ code: 'invalid-field', ...one })),
      },
    ],
    trace,
  );
  return refused ?? { ok: true, fields: filled.ok ? filled.fields : {} };
}
