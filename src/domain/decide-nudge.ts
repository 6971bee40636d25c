import { about, type Outcome } from './decision.ts';
import type { Effect } from './effects.ts';
import { escalates, flowNow, reminds, stepOpened } from './nudge.ts';
import type { RequestState } from './request.ts';
import type { RequestFacts } from './request-facts.ts';
import { tally } from './tally.ts';

/**
 * What waiting leads to: a reminder, or an escalation, which reminds as well. Nothing happens before its time or when the
 * request is over, so it can be tried freely; after a stop of any length one of them is due, not one for each that was missed.
 */
export function decideNudge(
  request: RequestState,
  facts: Pick<RequestFacts, 'now' | 'eligible' | 'placesFor' | 'placesForDelegates'>,
): Outcome {
  const { now } = facts;
  const { waiting } = request;
  if (request.status !== 'pending' || now >= request.lapsesAt || !waiting) return { events: [], effects: [] };
  const { open } = tally(flowNow(request), request.votes, facts.eligible);
  const base = about(request, now, 'latchkey');
  const requestId = request.id;
  const refresh: Effect = { kind: 'refresh', requestId };

  // Somebody who had filled an earlier step may not any more: it is open again, and its own clock begins.
  const moved = stepOpened(request, open, now);
  if (moved.length > 0) return { events: moved, effects: [refresh] };
  const escalate = request.flow.steps[open]?.escalate;
  if (escalate && escalates(request, now)) {
    const { to } = escalate;
    return {
      events: [{ ...base, type: 'StepEscalated', step: open, to, openedAt: waiting.since }],
      effects: [
        refresh,
        { kind: 'story', requestId, beat: 'escalated', step: open },
        // Asked directly, whether there is a channel or not: they may not be in it.
        ...[...facts.placesFor(open, to), ...(facts.placesForDelegates?.(open, to) ?? [])].map(
          (place): Effect => ({ kind: 'announce', requestId, place }),
        ),
      ],
    };
  }
  if (!reminds(request, now)) return { events: [], effects: [] };
  return {
    events: [{ ...base, type: 'StepReminded', step: open, openedAt: waiting.since }],
    effects: [{ kind: 'story', requestId, beat: 'reminder', step: open }],
  };
}
