import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { compilePattern } from '../patterns.ts';
import { ALWAYS, keyed, keysOf, line, say, word } from './words.ts';

/** As people type it (`ticket=INC-42`) and conditions write it (`request.fields.ticket`). */
export const FIELD_NAME = /^[a-z][a-z0-9_]{0,39}$/;
const nameHelp = (what: string): string =>
  `The name of a ${what} has 1 to 40 characters of a-z, 0-9 and _, and begins with a letter.`;

const pattern = word('bad-pattern', (text) => {
  const compiled = compilePattern(text);
  return compiled.ok ? { ok: true, value: { source: text, test: compiled.test } } : compiled;
});

const field = z.strictObject({
  /** Above the input. */
  label: line(LIMITS.titleChars),
  /** Below the input, and in the refusal: what is to be written, in words. */
  hint: line(LIMITS.hintChars).optional(),
  /** RE2; searched for anywhere in what is typed, so bind it with `^` and `$`. */
  pattern: pattern.optional(),
  /** A menu of these instead of free text. */
  enum: z.array(line(LIMITS.enumChars)).min(1).max(LIMITS.enum).optional(),
  required: z.boolean().default(false),
});

const atMost = (sentence: string) => (value: unknown, context: z.RefinementCtx) => {
  if (keysOf(value).length > LIMITS.fields) say(context, { code: 'out-of-range', at: 'key' }, sentence);
};

export const fields = keyed(FIELD_NAME, nameHelp('field'), field).superRefine(
  atMost(`An access asks for at most ${LIMITS.fields} fields: more belong into a form of their own.`),
  ALWAYS,
);

/** What an action is done with, by the same rules; no person types it, so that its name is label enough. */
export const parameters = keyed(
  FIELD_NAME,
  nameHelp('parameter'),
  field.extend({ label: line(LIMITS.titleChars).optional() }),
).superRefine(atMost(`An action has at most ${LIMITS.fields} parameters: approvers read every one of them.`), ALWAYS);

export type ParametersDocument = z.output<typeof parameters>;
