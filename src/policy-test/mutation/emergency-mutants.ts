import { formatDuration } from '../../domain/duration.ts';
import type { AccessPolicy, BreakGlassPolicy, PolicySet } from '../../policy/index.ts';
import type { Weakened, WeakenedAt } from './mutant.ts';
import { half } from './step-mutants.ts';
import { whoMayTakeIt } from './who.ts';

/** `break_glass` made weaker, or taken away. */
export function* mutantsOfEmergency(policies: PolicySet, access: AccessPolicy): Iterable<WeakenedAt<AccessPolicy>> {
  const { places, breakGlass } = access;
  if (!breakGlass) return;
  const at = { place: places.breakGlass };
  for (const { what, change } of rules(policies, access, breakGlass)) {
    yield {
      ...at,
      what: what.includes('break_glass') ? what : `${what} of \`break_glass\``,
      change: (each) => (each.breakGlass ? { ...each, breakGlass: change(each.breakGlass) } : each),
    };
  }
  if (breakGlass.allow.length === 0) return;
  yield { ...at, what: 'without `break_glass`', change: ({ breakGlass: _, ...each }) => each };
}

function* rules(
  policies: PolicySet,
  access: AccessPolicy,
  { allow, reviewWithinMs, quota }: BreakGlassPolicy,
): Iterable<Weakened<BreakGlassPolicy>> {
  for (const { what, change } of whoMayTakeIt(policies, access, allow)) {
    // Without the only one it is as without `break_glass`.
    if (change(allow).length > 0) yield { what, change: (rule) => ({ ...rule, allow: change(rule.allow) }) };
  }
  if (allow.length === 0) return;
  yield {
    what: `with \`review_within: ${formatDuration(reviewWithinMs * 2)}\``,
    change: (rule) => ({ ...rule, reviewWithinMs: reviewWithinMs * 2 }),
  };
  if (!quota) return;
  const { times, perMs } = quota;
  yield {
    what: `with a \`quota\` of ${times + 1} times`,
    change: (rule) => ({ ...rule, quota: { perMs, times: times + 1 } }),
  };
  if (perMs <= 1_000) return;
  yield {
    what: `with a \`quota\` per ${formatDuration(half(perMs))}`,
    change: (rule) => ({ ...rule, quota: { times, perMs: half(perMs) } }),
  };
}
