import type { StepOpened } from './events.ts';
import { between, type Instant, plus } from './instant.ts';
import type { Escalation, Flow, RequestState } from './request.ts';

/** Whether any step of the flow has a clock of its own: reminders, or an escalation. */
export const hasNudges = ({ steps }: Pick<Flow, 'steps'>): boolean =>
  steps.some(({ remindEveryMs, escalate }) => remindEveryMs !== undefined || escalate !== undefined);

/** When the open step's next reminder or its escalation is due; undefined: never, as things are. */
export function nextNudge(
  request: Pick<RequestState, 'status' | 'waiting' | 'flow' | 'lapsesAt' | 'escalations'>,
): Instant | undefined {
  const { status, waiting, flow, lapsesAt } = request;
  const step = waiting && flow.steps[waiting.step];
  if (status !== 'pending' || !step) return undefined;
  const due = [
    ...(step.remindEveryMs === undefined ? [] : [plus(waiting.remindedAt ?? waiting.since, step.remindEveryMs)]),
    ...escalationDue(request),
  ].sort();
  return due.find((at) => at < lapsesAt);
}

/** When the open step escalates, if it does and has not yet. NB. once: a step that opens again keeps whom it has. */
function escalationDue(request: Pick<RequestState, 'waiting' | 'flow' | 'escalations'>): Instant[] {
  const { waiting, flow, escalations = [] } = request;
  const escalate = waiting && flow.steps[waiting.step]?.escalate;
  if (!escalate || escalations.some(({ step }) => step === waiting.step)) return [];
  return [plus(waiting.since, escalate.afterMs)];
}

/** Is the open step's escalation due? */
export const escalates = (request: RequestState, now: Instant): boolean =>
  escalationDue(request).some((at) => at <= now);

/** Is the open step's reminder due? However long the product stood still, it is one. */
export function reminds({ waiting, flow }: RequestState, now: Instant): boolean {
  if (!waiting) return false;
  const every = flow.steps[waiting.step]?.remindEveryMs;
  return every !== undefined && plus(waiting.remindedAt ?? waiting.since, every) <= now;
}

/**
 * The request's own flow as it stands: a step that has escalated has those people among its approvers, beside the others.
 * Nothing else about it changes; escalation adds people, never consent (Meaning 8).
 */
export function flowNow({ flow, escalations = [] }: Pick<RequestState, 'flow' | 'escalations'>): Flow {
  if (escalations.length === 0) return flow;
  return {
    ...flow,
    steps: flow.steps.map((step, index) => {
      const joined = escalations.flatMap(({ step: at, to }) => (at === index ? to : []));
      return joined.length === 0 ? step : { ...step, approvers: [...step.approvers, ...joined] };
    }),
  };
}

/**
 * The flow of the current policies with what has escalated. NB. whom the request asked does not count there, only whom the
 * current policies themselves would have in that step by now: a policy that no longer escalates, to others or later, holds
 * for a pending request, too (invariant 3).
 */
export function currentFlowNow(current: Flow, escalations: readonly Escalation[] | undefined, now: Instant): Flow {
  if (!escalations?.length) return current;
  return {
    ...current,
    steps: current.steps.map((step, index) => {
      const escalated = escalations.find((one) => one.step === index);
      if (!escalated || !step.escalate || between(escalated.openedAt, now) < step.escalate.afterMs) return step;
      return { ...step, approvers: [...step.approvers, ...step.escalate.to] };
    }),
  };
}

/** Another step than the one whose clock runs is open now; its clock begins. Only for flows that have such clocks. */
export function stepOpened(
  request: Pick<RequestState, 'id' | 'workspace' | 'access' | 'waiting'>,
  open: number,
  now: Instant,
): StepOpened[] {
  if (!request.waiting || request.waiting.step === open) return [];
  const { id: requestId, workspace, access } = request;
  return [{ type: 'StepOpened', at: now, workspace, actor: 'latchkey', requestId, access, step: open }];
}
