import { z } from 'zod';
import { LIMITS } from '../../policy/limits.ts';
import { forward } from '../../policy/schema/forward.ts';
import { duration, line, say } from '../../policy/schema/words.ts';
import type { Found, Names } from './names.ts';
import { access, action, asked, caller, instant, needs, person, testName } from './test-words.ts';

/** What one person gets for one access, or one caller for one action. */
export interface Outcome {
  /** `allowed`: asking is not refused, whoever then decides. */
  is?: 'allowed' | 'automatic' | 'approval' | 'refused';
  /** A code. */
  refused?: string | undefined;
  flow?: string | undefined;
  needs?: Readonly<Record<string, number>> | undefined;
}

const WORDS = ['allowed', 'automatic', 'approval', 'refused'] as const;
type Word = (typeof WORDS)[number];
const isWord = (text: string): text is Word => WORDS.some((word) => word === text);

/** The words, or the code of a refusal. */
const readOutcome = (text: string): Outcome => (isWord(text) ? { is: text } : { refused: text });

const details = (names: Names) =>
  z.strictObject({
    flow: line(LIMITS.titleChars).optional(),
    needs: needs(names).optional(),
    automatic: z.literal(true).optional(),
    refused: line(LIMITS.titleChars).optional(),
  });

function outcomeOf({ automatic, ...rest }: z.infer<ReturnType<typeof details>>): Outcome {
  return { ...(automatic ? { is: 'automatic' } : rest.refused === undefined ? { is: 'allowed' } : {}), ...rest };
}

/** People and callers → outcome, in order: the first line that names somebody is theirs. */
export interface Row {
  /** People by e-mail, callers by the name that the document gives them: no e-mail is such a name. */
  who: ReadonlySet<string>;
  outcome: Outcome;
  /** The key as it is written. */
  key: PropertyKey;
}

const row = (names: Names) =>
  z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).transform((raw, context): Row[] => {
    if (Array.isArray(raw)) {
      return raw.flatMap((who, index) => {
        const people = names.askers(who);
        if (people.ok) return [{ who: new Set(people.value), outcome: { is: 'allowed' as const }, key: index }];
        say(context, { code: 'unknown-person' }, people.why, [index]);
        return [];
      });
    }
    const schema = details(names);
    return Object.entries(raw).flatMap(([key, value]) => {
      const people = together(key.split(',').map((each) => names.askers(each.trim())));
      if (!people.ok) say(context, { code: 'unknown-person', at: 'key' }, people.why, [key]);
      // NB. not a union of the two: what is wrong inside of a mapping would be said of the mapping.
      if (typeof value === 'string')
        return people.ok ? [{ who: new Set(people.value), outcome: readOutcome(value), key }] : [];
      const parsed = schema.safeParse(value);
      const issues = (parsed.error?.issues ?? []).map((issue) => ({ ...issue, path: [key, ...issue.path] }));
      forward(context, issues, { schema: z.record(z.string(), schema) });
      return people.ok && parsed.success ? [{ who: new Set(people.value), outcome: outcomeOf(parsed.data), key }] : [];
    });
  });

function together(found: readonly Found<string[]>[]): Found<string[]> {
  const all: string[] = [];
  for (const each of found) {
    if (!each.ok) return each;
    all.push(...each.value);
  }
  return { ok: true, value: all };
}

/**
 * People × accesses, and callers × actions: what everybody gets. Whoever is not listed is refused. One that names only
 * people or accesses, or only callers or actions, is about these alone.
 */
export const matrix = (names: Names) =>
  z.strictObject({
    name: testName,
    now: instant.optional(),
    /** Absent: everybody in the directory. */
    people: z.array(person(names)).min(1).optional(),
    /** Absent: all. */
    accesses: z.array(access(names)).min(1).optional(),
    /** Absent: each access's default. */
    durations: z.array(duration).min(1).optional(),
    /** Absent: all of the document. */
    callers: z.array(caller(names)).min(1).optional(),
    /** Absent: all. */
    actions: z.array(action(names)).min(1).optional(),
    /** Absent: one that is long enough. */
    reason: z.string().optional(),
    /** Filled in wherever an access has a field of this name. */
    fields: z.record(z.string(), z.string()).default({}),
    /** Filled in wherever an action has a parameter of this name. */
    parameters: z.record(z.string(), z.string()).default({}),
    expect: z.record(asked(names), row(names)),
  });
