import type { StoryBeat } from '../domain/effects.ts';
import type { RequestView, StoryLine } from './messages.ts';

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
  if (beat !== 'vote') return { beat };
  const vote = view.request.votes.find((cast) => cast.voter === extra.voter);
  return vote && { beat, vote, steps: view.request.flow.steps.length };
}
