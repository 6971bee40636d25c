import type { Effect, Place } from './effects.ts';
import type { Emergency } from './emergency.ts';
import type { RequestFacts } from './request-facts.ts';

/** Where the approvers of a step are asked for their votes, as it opens. */
export function announcements(
  request: { id: string; channel?: string; emergency?: Emergency },
  facts: RequestFacts,
  step: number,
): Effect[] {
  const requestId = request.id;
  const ask = (place: Place): Effect => ({ kind: 'announce', requestId, place });
  // An emergency is told to everybody at once, wherever they are, and nobody votes on it.
  if (request.emergency) return facts.placesFor(step).map(ask);
  // Who votes for somebody else may not be in the channel, so they are asked directly all the same.
  const delegates = (facts.placesForDelegates?.(step) ?? []).map(ask);
  if (request.channel === undefined) return [...facts.placesFor(step).map(ask), ...delegates];
  return step === 0 ? [ask({ channel: request.channel }), ...delegates] : delegates;
}
