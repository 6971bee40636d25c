import type { RequestView } from '../../app/messages.ts';
import { actionStanding } from '../../domain/decide-action.ts';
import type { Instant } from '../../domain/instant.ts';

/** A request of an action, as its caller is told of it. */
export function shown({ request, steps }: RequestView, now: Instant): object {
  const { action, decidedBy, decisionReason } = request;
  return {
    id: request.id,
    action: request.access,
    status: actionStanding(request, now),
    parameters: request.fields,
    asked_at: request.openedAt,
    lapses_at: request.lapsesAt,
    ...(action?.usableUntil === undefined ? {} : { usable_until: action.usableUntil }),
    ...(action?.usedAt === undefined ? {} : { used_at: action.usedAt }),
    steps: steps.map(({ need, approvers, escalated, seats }) => ({
      need,
      approvers: [...approvers, ...(escalated?.to ?? [])],
      approved_by: seats.map(({ email, onBehalfOf }) =>
        onBehalfOf === undefined ? email : `${email} for ${onBehalfOf.email}`,
      ),
    })),
    ...(decidedBy === undefined ? {} : { decided_by: decidedBy }),
    ...(decisionReason === undefined ? {} : { decision_reason: decisionReason }),
    policy: request.policy,
  };
}
