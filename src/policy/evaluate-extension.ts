import { formatDuration } from '../domain/duration.ts';
import type { Milliseconds } from '../domain/instant.ts';
import type { RefusalCode } from '../domain/refusal.ts';
import type { Flow } from '../domain/request.ts';
import { type Decision, evaluate, type Question } from './evaluate.ts';
import { ruleText } from './evaluation/trace.ts';
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
  const { name, duration, places } = decision.access;
  const { extend } = duration;
  const refused = (code: RefusalCode, sentence: string): Decision => {
    const rule = ruleText(name, 'duration', places.duration);
    return {
      ok: false,
      refusal: { code, sentence: `${sentence} Ask for it anew before it ends.`, rule },
      trace: decision.trace,
    };
  };
  if (!extend) return refused('not-extendable', `The policy of \`${name}\` allows no extension.`);
  // NB. longer than anybody could have it by these policies: the access was given under others, that allowed more.
  const longest = duration.maxMs + extend.times * extend.byMs;
  if (wholeMs > longest)
    return refused('too-long', `\`${name}\` is given for at most ${formatDuration(longest)}, extensions included.`);
  return { ...decision, flow: extensionFlow(decision.flow, extend) };
}

/** The part of a flow that approves an extension. */
function extensionFlow(flow: Flow, { approval }: ExtensionPolicy): Flow {
  if (flow.autoApprove || approval === 'all-steps') return flow;
  if (approval === 'none') return { ...flow, autoApprove: true, steps: [] };
  return { ...flow, steps: flow.steps.slice(-1) };
}
