import type { StoryBeat } from '../domain/effects.ts';
import type { RequestView, StoryLine } from './messages.ts';

/** The line for a beat; undefined when the beat tells of something the state does not hold. */
export function storyLine(
  view: RequestView,
  beat: StoryBeat,
  extra: { voter?: string; failure?: string },
): StoryLine | undefined {
  if (beat === 'late') return { beat, failure: extra.failure ?? 'the target does not answer' };
  if (beat !== 'vote') return { beat };
  const vote = view.request.votes.find((cast) => cast.voter === extra.voter);
  return vote && { beat, vote, steps: view.request.flow.steps.length };
}
