import { type Condition, compileCondition } from '../conditions/condition.ts';
import type { KnownNames } from '../names.ts';
import { type Problem, problem } from '../problems.ts';
import { isMapping, type Plain } from '../yaml/plain.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/**
 * The conditions of an access's flows, by flow; with every problem in them at its place. Read from what was written, so
 * that a mistake elsewhere in the document does not hide the ones in here.
 */
export function conditionsOf(
  { positions, value }: YamlDocument,
  known: KnownNames,
): { conditions: readonly (Condition | undefined)[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const scope = {
    labels: new Set(keysOf(value.labels)),
    fields: new Set(keysOf(value.fields)),
    // Names of files that could not be read cannot be told from names that do not exist.
    groups: known.complete ? known.groups : undefined,
    schedules: known.complete ? known.schedules : undefined,
  };
  const flows = Array.isArray(value.flows) ? value.flows : [];
  const conditions = flows.map((flow: Plain, index) => {
    const when = isMapping(flow) ? flow.when : undefined;
    if (typeof when !== 'string') return undefined;
    const compiled = compileCondition(when, scope);
    if (compiled.ok) return compiled.condition;
    for (const { code, sentence, offset } of compiled.problems) {
      problems.push(problem(positions.within(['flows', index, 'when'], offset), code, sentence));
    }
    return undefined;
  });
  return { conditions, problems };
}

const keysOf = (value: Plain | undefined): string[] => (isMapping(value) ? Object.keys(value) : []);
