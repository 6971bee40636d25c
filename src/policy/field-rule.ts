import type { FieldValues } from '../domain/request.ts';
import { LIMITS } from './limits.ts';
import { nearest } from './nearest.ts';
import type { AccessPolicy, FieldPolicy } from './policy-set.ts';
import { UNPRINTABLE } from './schema/words.ts';

/** `wrong`: everything that is, in the order of the fields; `field` is absent where there is none of the name. */
export type FilledFields =
  | { ok: true; fields: FieldValues }
  | { ok: false; wrong: readonly { sentence: string; field?: string }[] };

/**
 * Judges what was filled in under an access's fields. Blanks around a value do not count, and a blank one was not filled
 * in. Nothing is clamped, and what the access does not ask for is refused, not dropped.
 * @param one what one of them is called
 * @param exact what is given is taken as it is: blanks around it are wrong
 */
export function filledFields(
  { name: access, fields: policies }: Pick<AccessPolicy, 'name' | 'fields'>,
  given: FieldValues,
  { preview, one = 'field', exact = false }: { preview: boolean; one?: string; exact?: boolean },
): FilledFields {
  const names = policies.map((field) => field.name);
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  const guesses = new Set(unknown.map((name) => nearest(name, names)));
  const wrong: { sentence: string; field?: string }[] = [...guesses].map((guess) => {
    const way =
      guess !== undefined ? ` Did you mean \`${guess}\`?` : names.length > 0 ? ` It has: ${names.join(', ')}.` : '';
    return { sentence: `\`${access}\` has no ${one} of the name you gave.${way}` };
  });
  // NB. no prototype: a field may be called `constructor`.
  const fields: Record<string, string> = Object.create(null);
  for (const policy of policies) {
    const written = Object.hasOwn(given, policy.name) ? (given[policy.name] ?? '') : '';
    const value = written.trim();
    if (exact && value !== written) {
      // NB. approvers would read and approve one text, and the caller go on with another.
      wrong.push({
        sentence: `${called(policy)} has blanks before or behind it: leave them away.`,
        field: policy.name,
      });
      continue;
    }
    if (exact && written === '' && Object.hasOwn(given, policy.name) && !policy.required) {
      // NB. it would be dropped here, and would not be the same when the caller says it again.
      wrong.push({ sentence: `${called(policy)} is empty: fill it in, or leave it out.`, field: policy.name });
      continue;
    }
    // One that was meant by a wrong name is not missing, too.
    const why = fieldProblem(policy, value, preview || guesses.has(policy.name));
    if (why !== undefined) wrong.push({ sentence: why, field: policy.name });
    else if (value !== '') fields[policy.name] = value;
  }
  return wrong.length > 0 ? { ok: false, wrong } : { ok: true, fields };
}

/** What was filled in within the rules of its field, whatever else was. */
export function rightlyFilled({ fields }: Pick<AccessPolicy, 'fields'>, given: FieldValues): FieldValues {
  const right = fields.flatMap((policy): [string, string][] => {
    const value = (Object.hasOwn(given, policy.name) ? (given[policy.name] ?? '') : '').trim();
    return value === '' || fieldProblem(policy, value, true) !== undefined ? [] : [[policy.name, value]];
  });
  return Object.fromEntries(right);
}

/** The required fields that were left empty. */
export const missingFields = ({ fields }: Pick<AccessPolicy, 'fields'>, given: FieldValues): FieldPolicy[] =>
  fields.filter(({ name, required }) => required && (Object.hasOwn(given, name) ? given[name] : '')?.trim() === '');

const called = ({ name, label }: Pick<FieldPolicy, 'name' | 'label'>): string =>
  label === name ? `\`${name}\`` : `${label} (\`${name}\`)`;

export const isRequired = (field: Pick<FieldPolicy, 'name' | 'label'>): string => `${called(field)} is required.`;

function fieldProblem({ name, label, hint, required, pattern, choices }: FieldPolicy, value: string, preview: boolean) {
  const what = () => called({ name, label });
  if (value === '') return required && !preview ? isRequired({ name, label }) : undefined;
  // No text has more characters than units, which are known without counting.
  const length = value.length > LIMITS.fieldChars ? [...value].length : value.length;
  if (length > LIMITS.fieldChars)
    return `${what()} has ${length} characters, and at most ${LIMITS.fieldChars} are kept.`;
  if (UNPRINTABLE.test(value))
    return `${what()} holds line breaks or control characters: write it as plain text on one line.`;
  if (choices && !choices.includes(value)) {
    const guess = nearest(value, choices);
    return `${what()} must be one of its choices: ${guess === undefined ? choices.slice(0, 10).join(', ') : `did you mean ${guess}?`}`;
  }
  if (pattern && !pattern.test(value))
    return `${what()} does not have the form that the policy asks for: ${hint ?? pattern.source}`;
  return undefined;
}
