import { EvaluationError, ParseError, TypeError as TypeProblem } from '@marcbachmann/cel-js';
import type { ConditionProblem, Unclear } from './checked.ts';
import type { LANGUAGE } from './language.ts';
import { type Node, partsOf } from './walk.ts';

type Language = Pick<typeof LANGUAGE, 'parse' | 'clone'>;
type Range = Pick<Node, 'start' | 'end'>;

/** A name of one character that fits wherever it stands. No condition has it: `checked.ts` lets no such name pass. */
const ANYTHING = '_';
/** What its type is called. */
const ANY_TYPE = 'dyn';

const languages = new WeakMap<Language, Language>();

function withAnything(language: Language): Language {
  const before = languages.get(language);
  if (before) return before;
  const made = language.clone().registerVariable(ANYTHING, ANY_TYPE);
  languages.set(language, made);
  return made;
}

/**
 * Every problem of types in a condition. The library stops at the first; so what is wrong is taken out, `_` is put into its
 * place, and the rest is looked at again, until it fits. What hangs on a part whose type is not known is not judged.
 */
export function typeProblems(source: string, language: Language, { untyped, foreign }: Unclear): ConditionProblem[] {
  const lenient = withAnything(language);
  const problems: ConditionProblem[] = [];
  const { ast } = language.parse(source);
  let text = foreign.reduce((before, part) => without(before, part, ast) ?? before, source);
  for (;;) {
    const parsed = lenient.parse(text);
    const checked = parsed.check();
    if (checked.valid) {
      const told = untyped.some((part) => contains(parsed.ast, part));
      if (checked.type !== 'bool' && checked.type !== ANY_TYPE && !told) problems.push(noAnswer(checked.type ?? ''));
      return problems;
    }
    const culprit = culpritOf(checked.error, { text, root: parsed.ast, language: lenient });
    const told = untyped.some((part) => contains(culprit.node, part) || isListOf(part, culprit));
    if (!told) problems.push(culprit.problem);
    const rest = without(text, culprit.node, parsed.ast);
    // It would stay as it is for ever.
    if (rest === undefined || rest === text) return problems;
    text = rest;
  }
}

export const noAnswer = (type: string): ConditionProblem => ({
  code: 'condition-type',
  sentence: `A condition must give true or false, and this gives ${plainTypes(type)}.`,
  offset: 0,
});

/** What a function that there is not goes through: only because of its name is it to be a list. */
const isListOf = (part: Range, { node, notAList }: Culprit): boolean =>
  notAList && node.start === part.start && contains(part, node);

interface Culprit {
  node: Range;
  /** It is no list, and a function goes through it as through one. */
  notAList: boolean;
  problem: ConditionProblem;
}

function culpritOf(error: unknown, where: { text: string; root: Node; language: Language }): Culprit {
  if (!(error instanceof TypeProblem || error instanceof ParseError || error instanceof EvaluationError)) throw error;
  const { start = 0, end = where.text.length } = error.node ?? error.range ?? {};
  const node = { start, end };
  const types = plainTypes(lowerFirst(error.summary));
  const sentence = `The types do not fit: ${types}.${typesHint(types)}`;
  const operand = error.code === 'invalid_logical_operand' ? wrongOperand(node, where) : node;
  const notAList = error.code === 'invalid_comprehension_range';
  return { node: operand, notAList, problem: { code: 'condition-type', offset: operand.start, sentence } };
}

/** Of `a && b` the one that gives neither true nor false: the left one, if it is still wrong with anything on the right. */
function wrongOperand(node: Range, { text, root, language }: { text: string; root: Node; language: Language }): Range {
  const [left, right] = partsOf(find(root, node)?.args);
  if (!left || !right) return node;
  const rest = without(text, right, root);
  const checked = rest === undefined ? undefined : language.parse(rest).check();
  const error = checked?.valid === false ? checked.error : undefined;
  const stillWrong = error?.code === 'invalid_logical_operand' && error.node?.start === node.start;
  return stillWrong ? left : right;
}

const contains = (outer: Range, inner: Range): boolean => outer.start <= inner.start && inner.end <= outer.end;

function find(node: Node, range: Range): Node | undefined {
  if ((node.op === '&&' || node.op === '||') && node.start === range.start && node.end === range.end) return node;
  for (const part of partsOf(node.args)) {
    const found = find(part, range);
    if (found) return found;
  }
  return undefined;
}

/** The text with `_` in the place of a part, and all else where it was; undefined when it cannot be taken out. */
function without(text: string, part: Range, root: Node): string | undefined {
  const whole = withBrackets(text, part, root);
  if (!whole) return undefined;
  return text.slice(0, whole.start) + ANYTHING.padEnd(whole.end - whole.start) + text.slice(whole.end);
}

/** The parser leaves out the brackets around the first and the last operand of a part: `(a) == (b)` is `a) == (b`. */
function withBrackets(text: string, { start, end }: Range, root: Node): Range | undefined {
  const quoted = literals(root);
  const inText = (at: number): boolean => quoted.some((range) => range.start <= at && at < range.end);
  let closed = 0;
  let open = 0;
  for (let at = start; at < end; at += 1) {
    if (inText(at)) continue;
    if (text[at] === '(') open += 1;
    else if (text[at] === ')' && open > 0) open -= 1;
    else if (text[at] === ')') closed += 1;
  }
  const whole = { start, end };
  while (closed > 0 && whole.start > 0) {
    whole.start -= 1;
    if (text[whole.start] === '(') closed -= 1;
  }
  while (open > 0 && whole.end < text.length) {
    if (text[whole.end] === ')') open -= 1;
    whole.end += 1;
  }
  return closed === 0 && open === 0 ? whole : undefined;
}

const literals = (node: Node): Node[] => (node.op === 'value' ? [node] : partsOf(node.args).flatMap(literals));

const DURATION_HINT = ' Write a duration as `duration("1h30m")`.';

/** A duration beside a text or a number is most likely one that was written without its function. */
const typesHint = (types: string): string =>
  /\bduration [<>=!]+ (string|int|double)|\b(string|int|double) [<>=!]+ duration\b/.test(types) ? DURATION_HINT : '';

const plainTypes = (text: string): string =>
  text.replaceAll('google.protobuf.Duration', 'duration').replaceAll('google.protobuf.Timestamp', 'time');

export const lowerFirst = (text: string): string =>
  `${text.charAt(0).toLowerCase()}${text.slice(1)}`.replace(/[.\s]+$/, '');
