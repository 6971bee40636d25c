import type { Instant } from '../../domain/instant.ts';
import { type Condition, ConditionFailed } from '../../policy/conditions/condition.ts';
import type { CommonValues } from '../../policy/conditions/facts.ts';
import type { TraceStep } from '../../policy/index.ts';
import { factsOf, type Kind } from './language.ts';
import type { Way } from './ways.ts';

/** What is checked, and when. */
export interface Checked {
  condition: Condition;
  /** Absent: at any time. */
  now: Instant | undefined;
}

/** A decision of which a statement is true, or of which it cannot be judged. */
export interface Counterexample {
  /** Who asks for what. */
  what: string;
  got: string;
  trace: readonly TraceStep[];
}

/** The decision as a counterexample, should it be one. */
export function judged(
  condition: Condition,
  { kind, what, way }: { kind: Kind; what: () => string; way: Way },
  values: CommonValues,
): Counterexample | undefined {
  const { flow, trace } = way.decision;
  try {
    if (!condition.holds(values, factsOf(kind, flow))) return undefined;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Closed by default: what cannot be judged is not proven.
    const got = `${wayText(kind, way)}, and the statement has no answer: ${error.message}`;
    return { what: what(), got, trace };
  }
  return { what: what(), got: wayText(kind, way), trace };
}

function wayText(kind: Kind, { decision: { flow }, assuming }: Way): string {
  if (kind === 'emergency') return 'taken at once, and reviewed afterwards';
  const how = flow.autoApprove ? 'approved automatically' : 'decided';
  const conditions = assuming.map(({ flow: name, holds }) => `of “${name}” ${holds ? 'holds' : 'does not hold'}`);
  const when = conditions.length === 0 ? '' : `, when the condition ${conditions.join(' and the one ')}`;
  return `${how} by the flow “${flow.name}”${when}`;
}
