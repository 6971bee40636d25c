import { Environment } from '@marcbachmann/cel-js';
import type { Duration } from '@marcbachmann/cel-js/evaluator';
import { RequesterFacts, RequestFacts } from './facts.ts';

/** Far above any condition a reader can follow; they stop one that recurses or was generated (CEL is not bounded itself). */
export const CONDITION_LIMITS = { chars: 2_000, nodes: 400, depth: 40, listElements: 200, callArguments: 4 } as const;

/** What a language of conditions knows by name beside its variables. */
export interface OwnNames {
  /** The properties of the variables with named ones, for suggesting them. */
  readonly properties: Readonly<Record<string, readonly string[]>>;
  /** What was filled in, and what one such input is called. */
  readonly inputs: { readonly path: string; readonly one: string };
  readonly label: string;
}

export const VARIABLES = ['request', 'requester', 'labels', 'now'] as const;

export const OF_ACCESSES: OwnNames = {
  properties: {
    request: ['access', 'duration', 'reason', 'fields'],
    requester: ['email', 'groups', 'manager'],
  },
  inputs: { path: 'request.fields', one: 'field of this access' },
  label: 'label of this access',
};

/**
 * The names under which our own functions are known to the library. A condition cannot write them (they are not among the
 * names that `checked.ts` lets pass); the words of the language are renamed to them after parsing.
 */
export const OWN = { duration: 'latchkey_duration', matches: 'latchkey_matches' } as const;

/** A pattern as a condition keeps it: compiled once, and gone with the policies that it stands in. */
export class Pattern {
  readonly test: (text: string) => boolean;

  constructor(test: (text: string) => boolean) {
    this.test = test;
  }
}

/** Anything of a macro's evaluation that we use: the value behind a name of the context. */
interface Names {
  getValue(name: string): unknown;
}

/**
 * CEL (https://github.com/google/cel-spec) with what the conditions of accesses and of actions have in common. Whatever a
 * condition names is typed, so that a wrong name or type is found when the file is loaded and not when somebody asks.
 */
export const commonLanguage = (): Environment =>
  new Environment({
    unlistedVariablesAreDyn: false,
    limits: {
      maxAstNodes: CONDITION_LIMITS.nodes,
      maxDepth: CONDITION_LIMITS.depth,
      maxListElements: CONDITION_LIMITS.listElements,
      maxMapEntries: 1,
      maxCallArguments: CONDITION_LIMITS.callArguments,
    },
  })
    .registerVariable('labels', 'map<string, string>')
    .registerVariable('now', 'google.protobuf.Timestamp')
    .registerType('Pattern', { ctor: Pattern, fields: {} })
    // The policy language's own durations, days included: `checked.ts` has read the text, and put what it says in its place.
    .registerFunction(
      `${OWN.duration}(google.protobuf.Duration): google.protobuf.Duration`,
      (duration: Duration) => duration,
    )
    // NB. not CEL's own `matches`: it runs JavaScript's backtracking engine, and the text is the requester's to choose.
    .registerFunction(`string.${OWN.matches}(Pattern): bool`, (text: string, pattern: Pattern) => pattern.test(text))
    // A macro, as only those see the evaluation's names: `now` must not be an argument that a condition could choose.
    .registerFunction('in_schedule(ast): bool', ({ args }: { args: readonly { args: unknown }[] }) => ({
      name: args[0]?.args,
      typeCheck: (checker: { getType(name: string): unknown }) => checker.getType('bool'),
      evaluate: (_evaluator: unknown, macro: { name: string }, names: Names) =>
        (names.getValue('inSchedule') as (name: string) => boolean)(macro.name),
    }));

export const REQUEST = {
  ctor: RequestFacts,
  fields: { access: 'string', duration: 'google.protobuf.Duration', reason: 'string', fields: 'map<string, string>' },
} as const;

export const REQUESTER = {
  ctor: RequesterFacts,
  fields: { email: 'string', groups: 'list<string>', manager: 'string' },
} as const;

/** The conditions of accesses. */
export const LANGUAGE: Environment = commonLanguage()
  .registerType('Request', REQUEST)
  .registerType('Requester', REQUESTER)
  .registerVariable('request', 'Request')
  .registerVariable('requester', 'Requester');
