import { formatDuration } from '../domain/duration.ts';
import type { Instant, Milliseconds } from '../domain/instant.ts';
import type { ActionDecision, Decision, PolicySet } from '../policy/index.ts';
import type { NamedCaller } from './grammar/names.ts';
import type { MatrixDocument } from './grammar/tests-schema.ts';
import { actionQuestion, decide, decideAction } from './question.ts';
import type { Setting } from './test.ts';

export interface Sides {
  /** By e-mail. */
  people: readonly string[];
  accesses: readonly string[];
  callers: readonly NamedCaller[];
  actions: readonly string[];
}

/** Who asks for what: of people and accesses, of callers and actions, or of both where the matrix names neither. */
export function sidesOf(
  matrix: MatrixDocument,
  { directory, ...policies }: PolicySet,
  named: readonly NamedCaller[],
): Sides {
  const ofPeople = matrix.people !== undefined || matrix.accesses !== undefined;
  const ofCallers = matrix.callers !== undefined || matrix.actions !== undefined;
  const side = <T>(looked: boolean, written: readonly T[] | undefined, all: () => Iterable<T>): T[] =>
    looked ? [...new Set(written ?? all())] : [];
  return {
    people: side(ofPeople || !ofCallers, matrix.people, () => directory.people.map(({ email }) => email)),
    accesses: side(ofPeople || !ofCallers, matrix.accesses, () => policies.accesses.keys()),
    callers: side(ofCallers || !ofPeople, matrix.callers, () => named),
    actions: side(ofCallers || !ofPeople, matrix.actions, () => policies.actions.keys()),
  };
}

/** One question of a matrix. */
export interface Cell {
  /** The access or action. */
  asked: string;
  /** As a row names them. */
  who: string;
  /** For people. */
  what: string;
  decide(setting: Setting): Decision | ActionDecision;
}

export const cellsOf = (
  matrix: MatrixDocument,
  { people, accesses, callers, actions }: Sides,
  now: Instant,
): Cell[] => [...cellsOfPeople(matrix, people, accesses, now), ...cellsOfCallers(matrix, callers, actions, now)];

const cellsOfPeople = (
  { durations, reason, fields }: MatrixDocument,
  people: readonly string[],
  accesses: readonly string[],
  now: Instant,
): Cell[] =>
  accesses.flatMap((access) =>
    people.flatMap((email) =>
      (durations ?? [undefined]).map((durationMs) => ({
        asked: access,
        who: email,
        what: cellText(email, access, durationMs),
        decide: ({ policies, witness }) => {
          const decision = decide(policies, email, access, { durationMs, reason, fields, now });
          const policy = policies.accesses.get(access);
          if (policy) witness.decided(policy, decision);
          return decision;
        },
      })),
    ),
  );

const cellsOfCallers = (
  { reason, parameters }: MatrixDocument,
  callers: readonly NamedCaller[],
  actions: readonly string[],
  now: Instant,
): Cell[] =>
  actions.flatMap((action) =>
    callers.map(({ name, ref }) => ({
      asked: action,
      who: name,
      what: cellText(name, action, undefined),
      decide: ({ policies, witness }) =>
        decideAction(policies, actionQuestion(policies, ref, action, { reason, parameters, now }), witness),
    })),
  );

const cellText = (who: string, asked: string, durationMs: Milliseconds | undefined): string =>
  `${who}, ${asked}${durationMs === undefined ? '' : ` for ${formatDuration(durationMs)}`}`;
