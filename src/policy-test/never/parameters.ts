import type { FieldValues } from '../../domain/request.ts';
import type { Condition } from '../../policy/conditions/condition.ts';
import { OTHER } from '../../policy/diff/callers.ts';
import { fits, literalsOf, sampleOf } from '../../policy/diff/circumstances.ts';
import type { ActionPolicy } from '../../policy/index.ts';
import type { FieldPolicy } from '../../policy/policy-set.ts';

/** More than these are a statement that names too many parameters at once. */
const MOST = 256;

/** One way to fill in the parameters that matter. */
export interface Given {
  values: FieldValues;
  /** Those that are any text that nothing mentions. */
  anyText: ReadonlySet<string>;
}

export interface WhatCouldBeGiven {
  all: readonly Given[];
  /** The parameters that are told apart. */
  names: ReadonlySet<string>;
  cut: boolean;
}

/** By name; all of the action's when the condition looks at them otherwise. */
function readBy({ fields, askedFields, whole }: Condition, { parameters }: Pick<ActionPolicy, 'parameters'>): string[] {
  return whole.has('request.parameters') ? parameters.map(({ name }) => name) : [...fields, ...askedFields];
}

/** Whether a condition can give one answer for what is filled in and another one for what it stands for. */
export const parametersMayDiffer = (
  when: Condition,
  action: Pick<ActionPolicy, 'parameters'>,
  { names }: Pick<WhatCouldBeGiven, 'names'>,
  { anyText }: Given,
): boolean =>
  readBy(when, action).some(
    (name) =>
      !names.has(name) ||
      (anyText.has(name) && (when.inPart.has(`request.parameters.${name}`) || when.whole.has('request.parameters'))),
  );

/**
 * The ways to fill in what a statement or a condition reads, each value with each. A parameter that can be any text is told apart
 * only when the statement itself reads it: by the texts that the conditions and it mention, and any other one.
 */
export function whatCouldBeGiven(
  action: ActionPolicy,
  conditions: readonly Condition[],
  statement: Condition,
): WhatCouldBeGiven {
  const stated = new Set(readBy(statement, action));
  const looked = new Set(conditions.flatMap((condition) => readBy(condition, action)));
  const listed = ({ name, choices }: FieldPolicy) => !stated.has(name) && choices !== undefined && looked.has(name);
  const words = [...conditions.filter(({ reads }) => reads.has('request.parameters')), statement].flatMap(
    ({ source }) => literalsOf(source),
  );
  const names = new Set<string>();
  let all: Given[] = [{ values: {}, anyText: new Set() }];
  let cut = false;
  for (const field of [
    ...action.parameters.filter(({ name }) => stated.has(name)),
    ...action.parameters.filter(listed),
  ]) {
    const { name, choices } = field;
    const values = valuesOf(field, words);
    const isAny = (value: string): boolean => choices === undefined && !words.includes(value);
    const more = all.flatMap((given) =>
      values.map((value): Given => {
        if (value === undefined) return given;
        const anyText = isAny(value) ? new Set([...given.anyText, name]) : given.anyText;
        return { values: { ...given.values, [name]: value }, anyText };
      }),
    );
    const unknown = choices === undefined && !values.some((value) => value !== undefined && isAny(value));
    if (unknown || more.length > MOST) {
      // What is not told apart is anything to a condition; but not to the statement.
      cut ||= stated.has(name);
      continue;
    }
    all = more;
    names.add(name);
  }
  return { all, names, cut };
}

/** Undefined: it is left out. */
function valuesOf(field: FieldPolicy, words: readonly string[]): (string | undefined)[] {
  const sample = sampleOf(field, words);
  const values = field.choices ?? [...(sample === undefined ? [] : [sample]), OTHER, ...words];
  const taken = [...new Set(values)].filter((value) => fits(field, value));
  return field.required ? taken : [...taken, undefined];
}
