import { readingOf } from '../conditions/implied.ts';
import type { PolicySet } from '../policy-set.ts';
import { type Warning, warning } from './warnings.ts';

/** An automatic approval is for what is short: with no limit of its own it gives everything up to `max` to whoever asks. */
export function* autoApprovals({ accesses, actions }: PolicySet): Generator<Warning> {
  for (const { flows, places } of accesses.values()) {
    for (const [index, { name, autoApprove, when }] of flows.entries()) {
      if (!autoApprove || (when && readingOf(when).atMost !== undefined)) continue;
      const sentence = `The flow “${name}” approves by itself for as long as \`max\` allows: limit it, such as with \`when: request.duration <= duration("1h")\`.`;
      yield warning(places.eachFlow[index] ?? places.flows, 'unlimited-auto-approval', sentence);
    }
  }
  // An action has no length to limit: what is asked of it is that somebody, or at least a condition, looks each time.
  for (const { flows, places } of actions.values()) {
    for (const [index, { name, autoApprove, when }] of flows.entries()) {
      if (!autoApprove || (when && readingOf(when).parts.size > 0)) continue;
      const sentence = `The flow “${name}” approves by itself whoever asks and whatever for: give it \`steps\`, or a \`when\` over \`request.parameters\` or \`caller\`.`;
      yield warning(places.eachFlow[index] ?? places.flows, 'unconditional-auto-approval', sentence);
    }
  }
}
