import { z } from 'zod';
import { LIMITS } from '../../policy/limits.ts';
import type { ProblemCode } from '../../policy/problem-codes.ts';
import { line, say, word } from '../../policy/schema/words.ts';
import { readInstant, readMoment } from './moments.ts';
import type { Found, Names } from './names.ts';
import { readDo } from './read-do.ts';

/** A text that a function of our own reads, or says why it cannot. */
export const read = <T>(code: ProblemCode, reader: (text: string) => Found<T>) => word(code, reader);

export const instant = word('bad-instant', readInstant);
export const moment = word('bad-instant', readMoment);
export const testName = line(LIMITS.textChars);

export const person = (names: Names) => read('unknown-person', (text) => names.person(text));
export const voter = (names: Names) => read('unknown-person', (text) => names.voter(text));
export const access = (names: Names) => read('unknown-access', (text) => names.access(text));
export const caller = (names: Names) => read('unknown-caller', (text) => names.caller(text));
export const action = (names: Names) => read('unknown-action', (text) => names.action(text));
/** An access or an action. */
export const asked = (names: Names) => read('unknown-access', (text) => names.asked(text));
export const instruction = (names: Names) => read('bad-do', (text) => readDo(text, names));

/** `{dba: 2, 'manager, security': 1}`: approvers, as a policy lists them, and a number of people. */
export const needs = (names: Names) =>
  z.record(z.string(), z.unknown()).transform((raw, context) => {
    const result: Record<string, number> = {};
    for (const [key, count] of Object.entries(raw)) {
      const approvers = names.approvers(key);
      if (!approvers.ok) say(context, { code: 'bad-principal', at: 'key' }, approvers.why, [key]);
      if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > LIMITS.need)
        say(context, { code: 'out-of-range' }, `Write a whole number from 1 to ${LIMITS.need}.`, [key]);
      else if (approvers.ok) result[approvers.value] = (result[approvers.value] ?? 0) + count;
    }
    return result;
  });
