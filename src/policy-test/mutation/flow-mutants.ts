import { formatDuration, parseDuration } from '../../domain/duration.ts';
import { DEFAULT_TIMEOUT } from '../../policy/schema/flow.ts';
import type { Askable } from '../askable.ts';
import { type Flow, type WeakenedAt, without } from './mutant.ts';
import { mutantsOfStep } from './step-mutants.ts';
import type { Asking } from './who.ts';

/** One flow made weaker, or taken away. */
export function* mutantsOfFlow<Policy extends Askable>(
  asking: Asking,
  { places, flows }: Policy,
  index: number,
): Iterable<WeakenedAt<Policy>> {
  const flow = flows[index];
  if (!flow) return;
  const place = places.eachFlow[index] ?? places.flows;
  const of = `the flow “${flow.name}”`;
  const changing =
    (change: (flow: Flow) => Flow): WeakenedAt<Policy>['change'] =>
    (each) => ({ ...each, flows: each.flows.map((one, at) => (at === index ? change(one) : one)) });
  yield {
    place,
    what: `without ${of}`,
    change: (each) => ({ ...each, flows: without(each.flows, index) }),
  };
  if (flow.when) {
    yield {
      place: places.conditions[index] ?? place,
      what: `without the condition of ${of}`,
      change: changing(({ when: _, ...one }) => one),
    };
  }
  // It neither waits for anybody nor asks anybody.
  if (flow.autoApprove) return;
  yield {
    place,
    what: `with \`auto_approve\` instead of the steps of ${of}`,
    change: changing((one) => ({ ...one, autoApprove: true, steps: [] })),
  };
  for (const timeoutMs of otherTimeouts(flow)) {
    yield {
      place,
      what: `with \`timeout: ${formatDuration(timeoutMs)}\` in ${of}`,
      change: changing((one) => ({ ...one, timeoutMs })),
    };
  }
  for (const step of flow.steps.keys()) {
    for (const { what, change } of mutantsOfStep(asking, flow, step)) {
      yield {
        place: places.steps[index]?.[step] ?? place,
        what: `${what} of ${of}`,
        change: changing(change),
      };
    }
  }
}

/** Twice as long; and as if it were not written, where that is shorter (a longer one is noticed with the first). */
function otherTimeouts({ timeoutMs }: Flow): number[] {
  const unwritten = parseDuration(DEFAULT_TIMEOUT);
  return [timeoutMs * 2, ...(unwritten.ok && unwritten.ms < timeoutMs ? [unwritten.ms] : [])];
}
