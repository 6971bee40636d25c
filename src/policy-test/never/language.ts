import type { ConditionLanguage } from '../../policy/conditions/condition.ts';
import { LANGUAGE, VARIABLES } from '../../policy/conditions/language.ts';

/** What a statement knows beside what a condition does: the decision. */
export interface DecisionFacts {
  /** The name of the flow that decides. */
  flow: string;
  auto_approved: boolean;
  /** How many people have to agree; none when it is approved automatically. */
  approvals: bigint;
}

/** The language of `never`: that of conditions, about a decision. */
export const STATEMENTS: ConditionLanguage = {
  environment: LANGUAGE.clone()
    .registerVariable('flow', 'string')
    .registerVariable('auto_approved', 'bool')
    .registerVariable('approvals', 'int'),
  variables: [...VARIABLES, 'flow', 'auto_approved', 'approvals'],
};

/** Words of people for what CEL writes otherwise; of the same length, so that problems stay where they are. */
const PLAIN: Readonly<Record<string, string>> = {
  'auto-approved': 'auto_approved',
  and: '&& ',
  or: '||',
  not: '!  ',
};

/** `auto-approved and labels.risk == "high"` in CEL. What stands in quotes stays as it is. */
export const inCel = (statement: string): string =>
  statement.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\w.]+(?:-[\w]+)*/g, (word) =>
    Object.hasOwn(PLAIN, word) ? (PLAIN[word] ?? word) : word,
  );
