import { formatDuration } from '../domain/duration.ts';
import type { Milliseconds } from '../domain/instant.ts';
import type { Flow } from '../domain/request.ts';
import { type Decision, evaluate, type Question } from './evaluate.ts';
import type { ExtensionPolicy, PolicySet } from './policy-set.ts';

/** Somebody asks for a later end of what they have. */
export interface ExtensionQuestion extends Omit<Question, 'durationMs'> {
  /** From the approval of the grant until the end that is asked for. */
  wholeMs: Milliseconds;
}

/**
 * Decides whether the policies let somebody extend what they have, and who approves it.
 *
 * The whole time counts as if it had been asked for at once, up to the longest time there is: a flow for short requests
 * does not decide about what became a long one (invariant 3).
 */
export function evaluateExtension(policies: PolicySet, { wholeMs, ...question }: ExtensionQuestion): Decision {
  const access = policies.accesses.get(question.access);
  const durationMs = access ? Math.min(wholeMs, access.duration.maxMs) : wholeMs;
  const decision = evaluate(policies, { ...question, durationMs });
  if (!decision.ok) return decision;
  const { extend } = decision.access.duration;
  if (!extend) {
    const sentence = `The policy of \`${decision.access.name}\` allows no extension. Ask for it anew before it ends.`;
    const { file, line } = decision.access.places.duration;
    const rule = `${decision.access.name}: duration (${file}:${line})`;
    return { ok: false, refusal: { code: 'not-extendable', sentence, rule }, trace: decision.trace };
  }
  // NB. longer than anybody could have it by these policies: the access was given under others, that allowed more.
  const longest = decision.access.duration.maxMs + extend.times * extend.byMs;
  if (wholeMs > longest) {
    const sentence = `\`${decision.access.name}\` is given for at most ${formatDuration(longest)}, extensions included. Ask for it anew before it ends.`;
    const { file, line } = decision.access.places.duration;
    const rule = `${decision.access.name}: duration (${file}:${line})`;
    return { ok: false, refusal: { code: 'too-long', sentence, rule }, trace: decision.trace };
  }
  return { ...decision, flow: extensionFlow(decision.flow, extend) };
}

/** The part of a flow that approves an extension. */
function extensionFlow(flow: Flow, { approval }: ExtensionPolicy): Flow {
  if (flow.autoApprove || approval === 'all-steps') return flow;
  if (approval === 'none') return { ...flow, autoApprove: true, steps: [] };
  return { ...flow, steps: flow.steps.slice(-1) };
}
