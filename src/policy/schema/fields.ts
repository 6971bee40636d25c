import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { compilePattern } from '../patterns.ts';
import { line, word } from './words.ts';

/** As people type it (`ticket=INC-42`) and conditions write it (`request.fields.ticket`). */
const fieldName = word('bad-name', (text) =>
  /^[a-z][a-z0-9_]{0,39}$/.test(text)
    ? { ok: true, value: text }
    : { ok: false, why: 'The name of a field has 1 to 40 characters of a-z, 0-9 and _, and begins with a letter.' },
);

const pattern = word('bad-pattern', (text) => {
  const compiled = compilePattern(text);
  return compiled.ok ? { ok: true, value: { source: text, test: compiled.test } } : compiled;
});

const field = z
  .strictObject({
    /** Above the input. */
    label: line(LIMITS.titleChars),
    /** Below the input, and in the refusal: what is to be written, in words. */
    hint: line(LIMITS.hintChars).optional(),
    /** RE2; searched for anywhere in what is typed, so bind it with `^` and `$`. */
    pattern: pattern.optional(),
    /** A menu of these instead of free text. */
    enum: z.array(line(LIMITS.enumChars)).min(1).max(LIMITS.enum).optional(),
    required: z.boolean().default(false),
  })
  .refine((value) => value.pattern === undefined || value.enum === undefined, {
    message: 'A field has a `pattern` or an `enum`, not both: the entries of a menu need no pattern.',
    path: ['enum'],
    params: { code: 'field-rule', at: 'key' },
  })
  .refine((value) => value.enum === undefined || new Set(value.enum).size === value.enum.length, {
    message: 'An entry stands in this `enum` twice: remove one.',
    path: ['enum'],
    params: { code: 'field-rule', at: 'key' },
  });

export const fields = z.record(fieldName, field).refine((value) => Object.keys(value).length <= LIMITS.fields, {
  message: `An access asks for at most ${LIMITS.fields} fields: more belong into a form of their own.`,
  params: { code: 'out-of-range', at: 'key' },
});
