import { nearest } from '../../app/policy-questions.ts';
import type { FieldValues } from '../../domain/request.ts';

/** What stands between the duration and the reason: `ticket=INC-42`, `note="two words"`. */
const INPUT = /^([a-z][a-z0-9_]*)=("(?:[^"\\]|\\.)*"|[^\s"]\S*)?(?:\s+|$)/iu;

/**
 * Reads the fields of an access from the front of what was typed; the rest is the reason. A word that only looks like a
 * field (`a=b`) belongs to the reason, unless it is so near to a field's name that it must be a slip of the pen: then it
 * is handed on as it is, and refused with the right name.
 */
export function readFields(names: readonly string[], text: string): { fields: FieldValues; reason: string } {
  const fields: Record<string, string> = {};
  let rest = text.trim();
  for (;;) {
    const match = INPUT.exec(rest);
    const name = match?.[1]?.toLowerCase() ?? '';
    // A second value for one field would be dropped or win over the first: it stays in the reason, where all can see it.
    if (!match || Object.hasOwn(fields, name) || (!names.includes(name) && nearest(name, names) === undefined)) break;
    fields[name] = unquoted(match[2] ?? '');
    rest = rest.slice(match[0].length);
  }
  return { fields, reason: rest };
}

/** A word that is meant as a duration wherever one may be left out. */
const TIMED = /^\d+[dhms]/iu;

/**
 * The same behind the name of an access: the duration may stand in front of the fields, or behind them. With none in front
 * (`duration` is absent) a word behind the fields is one if it looks like it; else it is the first word of the reason.
 */
export function readAsked(
  names: readonly string[],
  { duration, reason }: { duration?: string; reason: string },
): { duration?: string; fields: FieldValues; reason: string } {
  const early = readFields(names, duration === undefined ? reason : `${duration} ${reason}`);
  const [, word = '', more = ''] = /^(\S+)\s*([\s\S]*)$/u.exec(early.reason) ?? [];
  const none = Object.keys(early.fields).length === 0;
  if (none || word === '' || (duration === undefined && !TIMED.test(word)))
    return { ...(duration === undefined ? {} : { duration }), ...readFields(names, reason) };
  const late = readFields(
    names.filter((name) => !Object.hasOwn(early.fields, name)),
    more,
  );
  return { duration: word, fields: { ...early.fields, ...late.fields }, reason: late.reason };
}

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gu, '$1') : value;
