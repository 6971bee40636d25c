import type { Milliseconds } from '../../domain/instant.ts';
import { impliedBy, readingOf } from '../conditions/implied.ts';
import { askers } from '../eligibility.ts';
import type { AccessPlaces, AccessPolicy, FlowPolicy, PolicySet } from '../policy-set.ts';
import { unknownMembers } from './unknown-members.ts';
import { type Warning, warning } from './warnings.ts';

/** Rules that nothing can ever lead to: flows behind one that decides first, accesses and actions without a way in or through. */
export function* unreachable(policies: PolicySet): Generator<Warning> {
  for (const access of policies.accesses.values()) {
    const { name, places } = access;
    yield* flowsOf(access, 'access', access.duration.maxMs);
    // An access for emergencies only needs no requesters.
    if (access.breakGlass && access.breakGlass.allow.length > 0) continue;
    if (unknownMembers(policies, access, access.requesters)) continue;
    if (!askers(policies, access, { disabledToo: false }).next().done) continue;
    const why =
      access.requesters.length === 0
        ? 'it names no `requesters`'
        : 'everybody in `requesters` is disabled or denied, or there is nobody in them';
    const sentence = `Nobody may ask for \`${name}\`: ${why}. Name who may, or remove the access.`;
    yield warning(places.requesters, 'nobody-may-request', sentence);
  }
  for (const action of policies.actions.values()) {
    yield* flowsOf(action, 'action', Number.POSITIVE_INFINITY);
    if (action.callers.length > 0) continue;
    const sentence = `Nobody may ask for \`${action.name}\`: it names no \`callers\`. Name who may, or remove the action.`;
    yield warning(action.places.callers, 'nobody-may-request', sentence);
  }
}

type WithFlows = Pick<AccessPolicy, 'name' | 'flows'> & { places: Pick<AccessPlaces, 'flows' | 'eachFlow'> };

function* flowsOf({ name, flows, places }: WithFlows, what: string, longestMs: Milliseconds): Generator<Warning> {
  if (flows.length === 0) {
    const sentence = `\`${name}\` has no flow, so every request for it is refused: add one to \`flows\`, or remove the ${what}.`;
    yield warning(places.flows, 'no-flows', sentence);
  }
  for (const [index, flow] of flows.entries()) {
    const why = whyUnreachable(longestMs, flow, flows.slice(0, index));
    if (why === undefined) continue;
    const sentence = `No request reaches the flow “${flow.name}”: ${why}`;
    yield warning(places.eachFlow[index] ?? places.flows, 'unreachable-flow', sentence);
  }
}

function whyUnreachable(longestMs: Milliseconds, flow: FlowPolicy, earlier: readonly FlowPolicy[]): string | undefined {
  for (const { name, when } of earlier) {
    if (!when) return `“${name}” before it decides every one. Remove one of them, or give the earlier one a \`when\`.`;
    if (flow.when && impliedBy(when, flow.when))
      return `“${name}” before it decides every request for which its \`when\` holds. Put it first, or remove it.`;
    if (readingOf(when).parts.size === 0)
      return `“${name}” before it decides every one, as its \`when\` always holds. Remove one of them.`;
  }
  if (!flow.when) return undefined;
  const { never, atMost, atLeast } = readingOf(flow.when);
  if (never) return 'its `when` never holds. Remove it.';
  const longest = Math.min(atMost ?? Number.POSITIVE_INFINITY, longestMs);
  if (!atLeast || atLeast.ms < longest || (atLeast.ms === longest && !atLeast.strictly)) return undefined;
  return 'its `when` holds only for longer requests than may be made. Look at its durations, and at `max`.';
}
