import { principalText } from '../domain/principal.ts';
import type { Flow } from '../domain/request.ts';
import { type Decision, evaluate, type Question } from './evaluate.ts';
import { ruleText } from './evaluation/trace.ts';
import { gapNote } from './gaps.ts';
import type { AccessPolicy, BreakGlassPolicy, PolicySet } from './policy-set.ts';

/** Its recorded vote is `policy:<access>/break-glass`. */
const FLOW_NAME = 'break-glass';

/**
 * Decides whether the policies let somebody take an access at once, without waiting. It is the evaluation of any request,
 * with `break_glass.allow` in the place of `requesters`, a reason that is always required, and one automatic flow: whatever
 * else refuses a request (`deny`, `max`, a missing account) refuses an emergency, too.
 */
export function evaluateEmergency(policies: PolicySet, question: Question): Decision {
  const access = policies.accesses.get(question.access);
  if (!access) return evaluate(policies, question);
  const { breakGlass } = access;
  const derived = breakGlass ? atOnce(access, breakGlass) : { ...access, requesters: [] };
  const decision = evaluate({ ...policies, accesses: new Map([[access.name, derived]]) }, question);
  if (decision.ok) return { ...decision, access };
  if (decision.refusal.code !== 'not-eligible') return decision;
  return { ...decision, refusal: { ...decision.refusal, sentence: whyNot(policies, access), rule: ruleOf(access) } };
}

function atOnce(access: AccessPolicy, { allow, reviewWithinMs }: BreakGlassPolicy): AccessPolicy {
  const flow: Flow = { name: FLOW_NAME, autoApprove: true, steps: [], timeoutMs: reviewWithinMs };
  return {
    ...access,
    requesters: allow,
    reason: { required: true, minLength: Math.max(1, access.reason.minLength) },
    fields: access.fields.map((field) => ({ ...field, required: false })),
    flows: [flow],
    places: {
      ...access.places,
      requesters: access.places.breakGlass,
      flows: access.places.breakGlass,
      steps: [[]],
      conditions: [access.places.breakGlass],
      eachFlow: [access.places.breakGlass],
    },
  };
}

/** The rule that was asked: `requesters` was not. */
const ruleOf = ({ name, breakGlass, places }: AccessPolicy): string =>
  breakGlass ? ruleText(name, 'break_glass', places.breakGlass) : ruleText(name, '', places.access);

function whyNot(policies: PolicySet, { name, breakGlass, targets }: AccessPolicy): string {
  const instead = `Ask for it with /access ${name}.`;
  if (!breakGlass)
    return `The policy of \`${name}\` has no \`break_glass\`, so nobody may take it in an emergency. ${instead}`;
  if (breakGlass.allow.length === 0) return `\`break_glass\` of \`${name}\` allows nobody. ${instead}`;
  const allowed = breakGlass.allow.map(principalText).join(', ');
  return `You may not take \`${name}\` in an emergency. Those who may: ${allowed}.${gapNote(policies, breakGlass.allow, targets)} ${instead}`;
}
