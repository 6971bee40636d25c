import type { Flow } from '../../domain/request.ts';
import { ACTION_CONDITIONS, ACTION_REQUEST, CALLER, OF_ACTIONS } from '../../policy/conditions/action-language.ts';
import type { ConditionLanguage } from '../../policy/conditions/condition.ts';
import { durationOf } from '../../policy/conditions/facts.ts';
import {
  commonLanguage,
  LANGUAGE,
  OF_ACCESSES,
  type OwnNames,
  REQUEST,
  REQUESTER,
  VARIABLES,
} from '../../policy/conditions/language.ts';

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

/** What a decision about an access is about. A statement is about requests, and about the others when it names them. */
export const KINDS = ['request', 'extension', 'emergency'] as const;
export type AccessKind = (typeof KINDS)[number];
/** An action is taken in no emergency, and never extended. */
export type Kind = AccessKind | 'action';

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

/** A language with the decision beside all else. */
const deciding = (environment: typeof LANGUAGE, variables: readonly string[], own: OwnNames): ConditionLanguage => ({
  environment: Object.entries(TYPES).reduce(
    (language, [name, type]) => language.registerVariable(name, type),
    environment.clone(),
  ),
  variables: [...variables, ...Object.keys(TYPES)],
  own,
});

/** The languages of `never`: those of conditions, about a decision. Of an access, and of an action. */
export const STATEMENTS = deciding(LANGUAGE, VARIABLES, OF_ACCESSES);
export const ACTION_STATEMENTS = deciding(ACTION_CONDITIONS.environment, ACTION_CONDITIONS.variables, OF_ACTIONS);

class AnyRequest {}

/** With the names of both: what it can read tells which of the two a statement is written in. */
export const ANY_STATEMENTS = deciding(
  commonLanguage()
    .registerType('Request', { ctor: AnyRequest, fields: { ...REQUEST.fields, ...ACTION_REQUEST.fields } })
    .registerType('Requester', REQUESTER)
    .registerType('Caller', CALLER)
    .registerVariable('request', 'Request')
    .registerVariable('requester', 'Requester')
    .registerVariable('caller', 'Caller'),
  [...new Set([...VARIABLES, ...ACTION_CONDITIONS.variables])],
  {
    properties: {
      ...OF_ACCESSES.properties,
      ...OF_ACTIONS.properties,
      request: [...new Set([OF_ACCESSES, OF_ACTIONS].flatMap(({ properties }) => properties.request ?? []))],
    },
    inputs: { path: OF_ACTIONS.inputs.path, one: 'parameter of an action' },
    label: 'label of an access or an action',
  },
);

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
