import type { News, StoryBeat } from '../domain/effects.ts';
import type { RequestView, StoryLine } from './messages.ts';

/** When what is said of a request and its grant is so. What happened stays so: it may be said late. */
const SO: Readonly<Partial<Record<StoryBeat | News, (view: RequestView) => boolean>>> = {
  cancelled: ({ request }) => request.status === 'cancelled',
  denied: ({ request }) => request.status === 'denied',
  lapsed: ({ request }) => request.status === 'lapsed',
  active: ({ grant }) => grant?.activatedAt !== undefined,
  extended: ({ grant }) => (grant?.extensions ?? 0) > 0,
  failed: ({ grant }) => grant?.endReason === 'failed' || grant?.endReason === 'policy',
  ended: ({ grant }) => grant?.status === 'ended',
  used: ({ request }) => request.action?.usedAt !== undefined,
  unused: ({ request }) => request.action?.unusedAt !== undefined,
  reviewed: ({ request }) => request.emergency?.review !== undefined,
  'review-overdue': ({ request }) => request.emergency?.overdueAt !== undefined,
};

/** Whether the state holds what an effect wants to say (invariant 6). */
export const isSo = (view: RequestView, what: StoryBeat | News): boolean => SO[what]?.(view) ?? true;

/** The line for a beat; undefined when the beat tells of something the state does not hold. */
export function storyLine(
  view: RequestView,
  beat: StoryBeat,
  extra: { voter?: string; failure?: string; step?: number },
): StoryLine | undefined {
  if (beat === 'late') return { beat, failure: extra.failure ?? 'the target does not answer' };
  if (beat === 'reminder' || beat === 'escalated') {
    const { step = 0 } = extra;
    // Filled or decided before it could be said: nobody is waited for any more.
    return view.steps[step]?.open ? { beat, step } : undefined;
  }
  if (beat !== 'vote') return isSo(view, beat) ? { beat } : undefined;
  const vote = view.request.votes.find((cast) => cast.voter === extra.voter);
  return vote && { beat, vote, steps: view.request.flow.steps.length };
}
