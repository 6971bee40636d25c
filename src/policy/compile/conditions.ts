import { ACTION_CONDITIONS } from '../conditions/action-language.ts';
import { type Condition, compileCondition } from '../conditions/condition.ts';
import { misspeltKeys } from '../misspelt.ts';
import { type KnownNames, Names } from '../names.ts';
import { type Problem, problem } from '../problems.ts';
import { FIELD_NAME } from '../schema/fields.ts';
import { keysOf, NAME_SHAPE } from '../schema/words.ts';
import { isMapping, type Plain } from '../yaml/plain.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** What differs between the conditions of accesses and those of actions. */
const LANGUAGES = {
  access: { inputs: 'fields', language: undefined },
  action: { inputs: 'parameters', language: ACTION_CONDITIONS },
} as const;

/**
 * The conditions of the flows of an access or an action, by flow; with every problem in them at its place. Read from what was
 * written, so that a mistake elsewhere in the document does not hide the ones in here.
 */
export function conditionsOf(
  { positions, value }: YamlDocument,
  known: KnownNames,
  kind: 'access' | 'action',
): { conditions: readonly (Condition | undefined)[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const { inputs, language } = LANGUAGES[kind];
  const scope = {
    labels: ownNames(value, 'labels', NAME_SHAPE),
    fields: ownNames(value, inputs, FIELD_NAME),
    groups: known.groups,
    schedules: known.schedules,
  };
  const flows = Array.isArray(value.flows) ? value.flows : [];
  const conditions = flows.map((flow: Plain, index) => {
    const when = isMapping(flow) ? flow.when : undefined;
    if (typeof when !== 'string') return undefined;
    const compiled = compileCondition(when, scope, language);
    if (compiled.ok) return compiled.condition;
    for (const { code, sentence, offset } of compiled.problems) {
      problems.push(problem(positions.within(['flows', index, 'when'], offset), code, sentence));
    }
    return undefined;
  });
  return { conditions, problems };
}

/** The names of the labels, fields or parameters of a document: any, where they cannot be read or stand behind another key. */
function ownNames(value: YamlDocument['value'], key: string, shape: RegExp): Names {
  const written = value[key];
  const names = keysOf(written);
  if (written === undefined) {
    return new Names([], misspeltKeys(Object.keys(value), [key]).has(key) ? 'any' : undefined);
  }
  return new Names(names, isMapping(written) && names.every((name) => shape.test(name)) ? undefined : 'any');
}
