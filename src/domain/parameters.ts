import type { FieldValues } from './request.ts';

/** Parameters as one text, the same for equal ones in whatever order they were written. */
export const parametersText = (parameters: FieldValues): string =>
  JSON.stringify(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)));

/** NB. all of them and to the last character: what was approved is this and nothing like it. */
export const sameParameters = (one: FieldValues, other: FieldValues): boolean =>
  parametersText(one) === parametersText(other);

/** Which of the approved parameters a caller left out or gave with another value, by name; and how many it added. */
export function differences(approved: FieldValues, given: FieldValues): { differing: string[]; added: number } {
  const value = (of: FieldValues, name: string) => (Object.hasOwn(of, name) ? of[name] : undefined);
  return {
    differing: Object.keys(approved).filter((name) => value(approved, name) !== value(given, name)),
    added: Object.keys(given).filter((name) => !Object.hasOwn(approved, name)).length,
  };
}
