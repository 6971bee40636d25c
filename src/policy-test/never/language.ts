import type { Flow } from '../../domain/request.ts';
import type { ConditionLanguage } from '../../policy/conditions/condition.ts';
import { durationOf } from '../../policy/conditions/facts.ts';
import { LANGUAGE, VARIABLES } from '../../policy/conditions/language.ts';

type Duration = ReturnType<typeof durationOf>;

/** What a statement knows beside what a condition does: the decision. */
export interface DecisionFacts {
  /** The name of the flow that decides. */
  flow: string;
  /** By the policy itself. NB. an emergency is not: a person takes it, and answers for it. */
  auto_approved: boolean;
  /** How many people have to agree beforehand; none when it is approved automatically, and in an emergency. */
  approvals: bigint;
  /** How many of those approvals may be cast by somebody to whom an approver who is away has handed their votes. */
  delegable: bigint;
  /** How long it waits for its approvers; no time when it asks nobody. */
  timeout: Duration;
  /** It is taken at once, by `break_glass`. */
  emergency: boolean;
  /** It is a later end of what somebody has already. */
  extension: boolean;
}

/** What a decision is about. A statement is about requests, and about the others when it names them. */
export const KINDS = ['request', 'extension', 'emergency'] as const;
export type Kind = (typeof KINDS)[number];

/** What is known of a decision. */
export function factsOf(
  kind: Kind,
  { name, autoApprove, steps, timeoutMs }: Flow,
): DecisionFacts & Record<string, unknown> {
  const asks = kind !== 'emergency' && !autoApprove;
  return {
    flow: name,
    auto_approved: kind !== 'emergency' && autoApprove,
    approvals: seatsIn(asks ? steps : []),
    delegable: seatsIn(asks ? steps.filter(({ delegation }) => delegation === 'allowed') : []),
    timeout: durationOf(asks ? timeoutMs : 0),
    emergency: kind === 'emergency',
    extension: kind === 'extension',
  };
}

const seatsIn = (steps: Flow['steps']): bigint => BigInt(steps.reduce((sum, { need }) => sum + need, 0));

const TYPES: Readonly<Record<keyof DecisionFacts, string>> = {
  flow: 'string',
  auto_approved: 'bool',
  approvals: 'int',
  delegable: 'int',
  timeout: 'google.protobuf.Duration',
  emergency: 'bool',
  extension: 'bool',
};

/** The language of `never`: that of conditions, about a decision. */
export const STATEMENTS: ConditionLanguage = {
  environment: Object.entries(TYPES).reduce(
    (language, [name, type]) => language.registerVariable(name, type),
    LANGUAGE.clone(),
  ),
  variables: [...VARIABLES, ...Object.keys(TYPES)],
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
