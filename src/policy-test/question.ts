import type { CallerRef } from '../domain/caller.ts';
import { type Instant, instantOf, type Milliseconds } from '../domain/instant.ts';
import type { FieldValues } from '../domain/request.ts';
import {
  type ActionDecision,
  type ActionQuestion,
  type Decision,
  evaluate,
  evaluateAction,
  mayCall,
  type PolicySet,
} from '../policy/index.ts';
import type { Askable } from './askable.ts';
import type { Witness } from './test.ts';

/** A question of a matrix, beside who asks for what. */
export interface Asking {
  durationMs?: Milliseconds | undefined;
  /** Absent: as long as the access wants it. */
  reason?: string | undefined;
  /** Filled in wherever the access has a field of this name. */
  fields: FieldValues;
  now: Instant;
}

/** The time of tests of policies that read none. */
export const NO_TIME: Instant = instantOf(0);

/** Whether a condition of the access or action hangs on the time. */
export const readsTime = ({ accesses, actions }: PolicySet, name: string): boolean =>
  (accesses.get(name) ?? actions.get(name))?.flows.some(({ when }) => when?.reads.has('now')) ?? false;

/** What the policies decide for one person and one access. */
export function decide(policies: PolicySet, email: string, access: string, asking: Asking): Decision {
  const { durationMs, now } = asking;
  const policy = policies.accesses.get(access);
  const reason = asking.reason ?? longEnough(policy);
  const fields = among(policy?.fields ?? [], asking.fields);
  const duration = durationMs === undefined ? {} : { durationMs };
  return evaluate(policies, { email, access, reason, fields, now, ...duration });
}

/** What the policies decide for one caller and one action, told to the witness. */
export function decideAction(policies: PolicySet, question: ActionQuestion, witness: Witness): ActionDecision {
  const decision = evaluateAction(policies, question);
  const action = policies.actions.get(question.action);
  if (action) {
    const admitting = [...action.callers.entries()].flatMap(([index, each]) =>
      mayCall(policies, { callers: [each] }, question.caller) ? [index] : [],
    );
    witness.decidedAction(action, decision, admitting);
  }
  return decision;
}

/** A question of a matrix about a caller and an action. */
export function actionQuestion(
  { actions }: PolicySet,
  caller: CallerRef,
  action: string,
  { reason, parameters, now }: Pick<Asking, 'reason' | 'now'> & { parameters: FieldValues },
): ActionQuestion {
  const policy = actions.get(action);
  return {
    caller,
    action,
    reason: reason ?? longEnough(policy),
    parameters: among(policy?.parameters ?? [], parameters),
    now,
  };
}

/** A reason that is no reason for a refusal. */
const longEnough = (policy: Pick<Askable, 'reason'> | undefined): string =>
  '?'.repeat(Math.max(1, policy?.reason.minLength ?? 0));

function among(fields: readonly { name: string }[], values: FieldValues): FieldValues {
  const names = fields.map(({ name }) => name);
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}
