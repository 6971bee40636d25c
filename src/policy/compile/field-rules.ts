import { type Problem, problem } from '../problems.ts';
import type { ReadableAccess } from '../schema/access.ts';
import type { ReadableAction } from '../schema/action.ts';
import { isRead, readOnes } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** Fields, or parameters (`key`), with two rules at once, and menus with an entry twice. */
export function fieldRules(
  { positions }: YamlDocument,
  key: 'fields' | 'parameters',
  fields: ReadableAccess['fields'] | ReadableAction['parameters'],
): Problem[] {
  if (!fields || !isRead(fields)) return [];
  return Object.entries(fields).flatMap(([name, field]) => {
    if (!isRead(field)) return [];
    const say = (sentence: string): Problem => problem(positions.key([key, name, 'enum']), 'field-rule', sentence);
    const problems: Problem[] = [];
    // Two rules are two, whether or not they are right; what is misspelt is not written here.
    if (['pattern', 'enum'].every((rule) => positions.has([key, name, rule]))) {
      problems.push(say('It has a `pattern` or an `enum`, not both: the entries of a menu need no pattern.'));
    }
    const entries = readOnes(field.enum ?? []);
    if (new Set(entries).size < entries.length) problems.push(say('An entry stands in this `enum` twice: remove one.'));
    return problems;
  });
}
