import { EvaluationError, ParseError } from '@marcbachmann/cel-js';
import type { Milliseconds } from '../../domain/instant.ts';
import { type ConditionProblem, type ConditionScope, checkParts } from './checked.ts';
import type { CommonValues } from './facts.ts';
import { CONDITION_LIMITS, LANGUAGE, OF_ACCESSES, type OwnNames, VARIABLES } from './language.ts';
import { lowerFirst, typeProblems } from './type-problems.ts';

/** A `when` that was found sound. */
export interface Condition {
  /** As it is written. */
  readonly source: string;
  /** What its answer hangs on: `request.duration`, `request.fields`, `requester.groups`, `labels`, `now`, … */
  readonly reads: ReadonlySet<string>;
  /** The groups it names; `all` when it looks at them otherwise than by name. */
  readonly groups: ReadonlySet<string> | 'all';
  /** The fields it reads, and those of which it asks whether they were filled in. */
  readonly fields: ReadonlySet<string>;
  readonly askedFields: ReadonlySet<string>;
  /** The same of the caller's claims, in the condition of an action. */
  readonly claims: ReadonlySet<string>;
  readonly askedClaims: ReadonlySet<string>;
  /** `request.fields`, `request.parameters`, `caller.claims`, where it looks at them otherwise than by name. */
  readonly whole: ReadonlySet<string>;
  /** Of these and of `caller.subject` what it looks at otherwise than for being some text: `caller.claims.ref`. */
  readonly inPart: ReadonlySet<string>;
  /** The durations it mentions, where its answer can change. */
  readonly durations: readonly Milliseconds[];
  /**
   * @param more values of the variables that a language of more than conditions has
   * @throws ConditionFailed when it has no answer, such as for a field that was left empty.
   */
  holds(values: CommonValues, more?: Readonly<Record<string, unknown>>): boolean;
}

/** A condition that has no answer: the request is refused, the flow is not skipped (Meaning 5). */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
}

export type CompiledCondition =
  | { ok: true; condition: Condition }
  | { ok: false; problems: readonly ConditionProblem[] };

/** The language of conditions, or one that has more variables. */
export interface ConditionLanguage {
  readonly environment: typeof LANGUAGE;
  readonly variables: readonly string[];
  /** Absent: those of accesses. */
  readonly own?: OwnNames;
}

const CONDITIONS: ConditionLanguage = { environment: LANGUAGE, variables: VARIABLES };

/** Reads and checks a condition: names, types, and that it gives true or false. All of its problems at once. */
export function compileCondition(
  source: string,
  scope: ConditionScope,
  { environment, variables, own = OF_ACCESSES } = CONDITIONS,
): CompiledCondition {
  const refuse = (code: ConditionProblem['code'], sentence: string, offset = 0): CompiledCondition => ({
    ok: false,
    problems: [{ code, sentence, offset }],
  });
  if (source.length > CONDITION_LIMITS.chars) {
    return refuse(
      'condition-too-complex',
      `This condition has ${source.length} characters, and at most ${CONDITION_LIMITS.chars} are read: use several flows.`,
    );
  }
  let parsed: ReturnType<typeof LANGUAGE.parse>;
  try {
    parsed = environment.parse(source);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const complex = error.code?.startsWith('max_') || /limit|exceed/i.test(error.summary);
    return refuse(
      complex ? 'condition-too-complex' : 'condition-syntax',
      complex
        ? `This condition is too deep or too long (${error.summary}): use several flows.`
        : `This is not a condition: ${lowerFirst(error.summary)}.${syntaxHint(source, error.range?.start ?? 0)}`,
      error.range?.start,
    );
  }
  const { problems, unclear, reads } = checkParts(parsed.ast, scope, { variables, own });
  const checked = problems.length === 0 ? parsed.check() : undefined;
  if (!checked?.valid || checked.type !== 'bool') problems.push(...typeProblems(source, environment, unclear));
  if (problems.length > 0) return { ok: false, problems: problems.sort((a, b) => a.offset - b.offset) };
  return {
    ok: true,
    condition: Object.freeze({
      source,
      reads: reads.names,
      groups: reads.groups,
      fields: reads.fields,
      askedFields: reads.askedFields,
      claims: reads.claims,
      askedClaims: reads.askedClaims,
      whole: reads.whole,
      inPart: reads.inPart,
      durations: Object.freeze([...reads.durations].sort((a, b) => a - b)),
      holds: (values: CommonValues, more?: Readonly<Record<string, unknown>>) =>
        holds(parsed, more === undefined ? values : values.with(more)),
    }),
  };
}

function holds(parsed: (context: object) => unknown, values: object): boolean {
  let answer: unknown;
  try {
    answer = parsed(values);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new ConditionFailed(lowerFirst(error.summary), { cause: error });
  }
  // NB. checked at load already; anything but a boolean must never read as "yes".
  if (typeof answer !== 'boolean') throw new ConditionFailed('it gives neither true nor false');
  return answer;
}

const DURATION_HINT = ' Write a duration as `duration("1h30m")`.';

/** What was most likely meant where reading stopped: `1h` without its function, or a word for an operator. */
function syntaxHint(source: string, offset: number): string {
  if (/\d$/.test(source.slice(0, offset)) && /^[smhd]/.test(source.slice(offset))) return DURATION_HINT;
  const word = /^\s*(and|or|not)\b/.exec(source.slice(offset))?.[1];
  return word === undefined ? '' : ` Write \`${{ and: '&&', or: '||', not: '!' }[word]}\` for “${word}”.`;
}
