import type { FieldValues } from '../../domain/request.ts';
import type { Condition } from '../../policy/conditions/condition.ts';
import { OTHER } from '../../policy/diff/callers.ts';
import { fits, literalsOf, sampleOf } from '../../policy/diff/circumstances.ts';
import type { ActionPolicy } from '../../policy/index.ts';
import type { FieldPolicy } from '../../policy/policy-set.ts';

/** More than these are a statement that names too many parameters at once. */
const MOST = 256;

/** By name; all of the action's when the condition looks at them otherwise. */
export function parametersReadBy(
  { reads, fields, askedFields }: Condition,
  { parameters }: Pick<ActionPolicy, 'parameters'>,
): readonly string[] {
  if (!reads.has('request.parameters')) return [];
  const named = [...new Set([...fields, ...askedFields])];
  return named.length > 0 ? named : parameters.map(({ name }) => name);
}

/**
 * The ways to fill in what a statement or a condition reads, each value with each. A parameter that can be any text is among
 * `names` only when the statement itself reads it; then the texts are looked at that the conditions and it mention, and another.
 */
export function whatCouldBeGiven(
  action: ActionPolicy,
  conditions: readonly Condition[],
  statement: Condition,
): { all: readonly FieldValues[]; names: ReadonlySet<string>; cut: boolean } {
  const stated = new Set(parametersReadBy(statement, action));
  const looked = new Set(conditions.flatMap((condition) => parametersReadBy(condition, action)));
  const listed = ({ name, choices }: FieldPolicy) => !stated.has(name) && choices !== undefined && looked.has(name);
  const words = [...conditions.filter(({ reads }) => reads.has('request.parameters')), statement].flatMap(
    ({ source }) => literalsOf(source),
  );
  const names = new Set<string>();
  let all: FieldValues[] = [{}];
  let cut = false;
  for (const field of [
    ...action.parameters.filter(({ name }) => stated.has(name)),
    ...action.parameters.filter(listed),
  ]) {
    const values = valuesOf(field, words);
    const more = all.flatMap((given) =>
      values.map((value) => (value === undefined ? given : { ...given, [field.name]: value })),
    );
    // What is not filled in is anything; but not to the statement.
    const unknown = field.choices === undefined && values.every((value) => value === undefined);
    if (unknown || more.length > MOST) {
      cut ||= stated.has(field.name);
      continue;
    }
    all = more;
    names.add(field.name);
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
