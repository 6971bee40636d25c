import { z } from 'zod';
import { parseDuration } from '../../domain/duration.ts';
import { LIMITS } from '../limits.ts';
import type { ProblemCode } from '../problem-codes.ts';
import { isMapping } from '../yaml/plain.ts';

/** Where at its path a problem points: at the value (the default) or at the key. */
export type PointAt = 'key' | 'value';

/** What a problem found by a check of our own carries through zod to `issues.ts`. */
export interface IssueParams {
  code: ProblemCode;
  at?: PointAt;
}

interface Context {
  addIssue(issue: { code: 'custom'; message: string; params: object; path?: PropertyKey[] }): void;
}

/** Reports a problem from inside a schema. */
export function say(context: Context, params: IssueParams, sentence: string, path: PropertyKey[] = []): void {
  context.addIssue({ code: 'custom', message: sentence, params, path });
}

export type Read<T> = { ok: true; value: T } | { ok: false; why: string };

/** What an editor can know of a text: parts of a JSON Schema. The reader stays the judge. */
export type EditorHints = Readonly<Record<string, unknown>>;

/** A text that means something: read by `read`, or reported with `code` and the reader's sentence. */
export const word = <T>(code: ProblemCode, read: (text: string) => Read<T>, hints: EditorHints = {}) =>
  z
    .string()
    .transform((text, context): T => {
      const result = read(text);
      if (result.ok) return result.value;
      say(context, { code }, result.why);
      return z.NEVER;
    })
    .meta(hints);

const matching =
  (shape: RegExp, why: string) =>
  (text: string): Read<string> =>
    shape.test(text) ? { ok: true, value: text } : { ok: false, why };

export const NAME_SHAPE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const NAME_HELP = 'A name has 1 to 63 characters of a-z, 0-9 and -, and neither starts nor ends with -.';

/** The name of an access, target, group or label: what people type and what messages show. */
export const name = word('bad-name', matching(NAME_SHAPE, NAME_HELP), { pattern: NAME_SHAPE.source });

/** The words behind `/access` that mean something already, now or in the rest of the language. */
export const COMMAND_WORDS: ReadonlySet<string> = new Set([
  'away',
  'emergency',
  'extend',
  'help',
  'list',
  'revoke',
  'why',
]);

export const isAccessName = (text: string): boolean => NAME_SHAPE.test(text) && !COMMAND_WORDS.has(text);

/** The name of an access. NB. nobody could ask for one called `list`: `/access list` is a command. */
export const accessName = word(
  'bad-name',
  (text) => {
    if (!COMMAND_WORDS.has(text)) return matching(NAME_SHAPE, NAME_HELP)(text);
    return { ok: false, why: `\`/access ${text}\` is a command, so no access can have this name: choose another.` };
  },
  { pattern: NAME_SHAPE.source },
);

// Control characters, line and paragraph separators, and halves of surrogate pairs, which no UTF-8 can hold.
export const UNPRINTABLE = /[\p{Cc}\u2028\u2029\p{Cs}]/u;

/** One line of text for people: 1 to `most` characters (code points), not blank. */
export const line = (most: number) =>
  word(
    'bad-text',
    (text) => {
      if (text.trim() === '') return { ok: false, why: 'The text is blank: write something, or remove the key.' };
      if (UNPRINTABLE.test(text)) return { ok: false, why: 'Write it on one line, without control characters.' };
      const length = [...text].length;
      if (length > most) return { ok: false, why: `It has ${length} characters, and at most ${most} fit.` };
      return { ok: true, value: text };
    },
    { minLength: 1, maxLength: most },
  );

// The form that HTML uses: what people write, without quoted parts, comments and address literals.
const EMAIL_SHAPE =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** An e-mail address, lower-cased: people are compared by it. */
export function readEmail(text: string): Read<string> {
  if (text.length <= LIMITS.emailChars && EMAIL_SHAPE.test(text)) return { ok: true, value: text.toLowerCase() };
  const stranger = /[^ -~]/u.exec(text)?.[0];
  // NB. a letter of another alphabet can look the same: it would be somebody else's address.
  const why = stranger === undefined ? '' : `It holds ${characterText(stranger)}, and addresses are plain ASCII here. `;
  return { ok: false, why: `${why}Write an e-mail address, such as ana@example.com.` };
}

/** `“а” (U+0430)`. */
export const characterText = (character: string): string => {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return UNPRINTABLE.test(character) ? code : `“${character}” (${code})`;
};

export const SLACK_USER = /^[UW][A-Z0-9]{2,30}$/;

/** A Slack user id. Not a name and not an e-mail: only the id stays the same for ever. */
export const slackUser = word(
  'bad-slack-id',
  matching(
    SLACK_USER,
    'Write the Slack member id, such as U012AB3CD: it stands in the person’s profile in Slack, under “Copy member ID”.',
  ),
  { pattern: SLACK_USER.source },
);

/** A Slack user group id. Not its handle, which anybody who may edit user groups can give to another one. */
export const slackUsergroup = word(
  'bad-slack-id',
  matching(
    /^S[A-Z0-9]{2,30}$/,
    'Write the id of the Slack user group, such as S0123DBA: it stands at the end of the address of its page in Slack.',
  ),
  { pattern: '^S[A-Z0-9]{2,30}$' },
);

/** A Slack channel: `#name` or an id. */
export const channel = word(
  'bad-channel',
  matching(
    /^(?:#[\p{Ll}\p{Lo}\p{M}\p{N}_-]{1,80}|[CGD][A-Z0-9]{2,30})$/u,
    "Write a channel as '#name' (quoted, lower case, no spaces) or as its id, such as C012AB3CD.",
  ),
  { pattern: '^(#[^ ]{1,80}|[CGD][A-Z0-9]{2,30})$' },
);

/** A duration in milliseconds: `90s`, `15m`, `1h30m`, `7d`. */
export const duration = z
  .union([z.string(), z.number()])
  .transform((raw, context): number => {
    if (typeof raw === 'number') {
      say(context, { code: 'bad-duration' }, `A bare number has no unit: write ${raw}s, ${raw}m, ${raw}h or ${raw}d.`);
      return z.NEVER;
    }
    const parsed = parseDuration(raw);
    if (parsed.ok) return parsed.ms;
    say(context, { code: 'bad-duration' }, `${parsed.why.charAt(0).toUpperCase()}${parsed.why.slice(1)}.`);
    return z.NEVER;
  })
  .meta({ type: 'string', pattern: '^([0-9]+[dhms])+$' });

/** A whole number from `least` to `most`. */
export const wholeNumber = (least: number, most: number) =>
  z
    .number()
    .transform((value, context): number => {
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      say(context, { code: 'out-of-range' }, `Write a whole number from ${least} to ${most}.`);
      return z.NEVER;
    })
    .meta({ type: 'integer', minimum: least, maximum: most });

/** A mapping from names to values. The keys are names too. */
export const byName = <T extends z.ZodType>(value: T) => keyed(NAME_SHAPE, NAME_HELP, value);

/** A mapping whose keys have a shape. What stands behind a key is checked whatever the key is. */
export const keyed = <T extends z.ZodType>(shape: RegExp, help: string, value: T) =>
  z.record(z.string().meta({ pattern: shape.source }), value).superRefine((written, context) => {
    for (const key of keysOf(written)) if (!shape.test(key)) say(context, { code: 'bad-name', at: 'key' }, help, [key]);
  }, ALWAYS);

/** For a check that is made whatever else is wrong. NB. it is given what is written there, which may be of any type. */
export const ALWAYS = { when: () => true };

/** The keys of what may be a mapping. */
export const keysOf = (value: unknown): string[] => (isMapping(value) ? Object.keys(value) : []);
