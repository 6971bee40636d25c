import { z } from 'zod';
import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import type { KnownNames } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import type { ProviderSchemas } from '../provider-schemas.ts';
import { forward } from './forward.ts';
import { personRef } from './principal.ts';
import type { Read } from './readable.ts';
import { scimSource } from './scim-source.ts';
import { ALWAYS, byName, keysOf, line, NAME_SHAPE, readEmail, say, slackUser, slackUsergroup, word } from './words.ts';

/** Accounts by target. `null` (an empty value): the person has no account there. */
const accounts = (known: KnownNames) =>
  byName(line(LIMITS.accountChars).nullable()).superRefine((value, context) => {
    for (const target of keysOf(value)) {
      // A name that cannot be one has been told of.
      if (!NAME_SHAPE.test(target) || !known.targets.lacks(target)) continue;
      const sentence = `There is no target \`${target}\`.${didYouMean(target, known.targets)}`;
      say(context, { code: 'unknown-target', at: 'key' }, sentence, [target]);
    }
  }, ALWAYS);

const person = (known: KnownNames) =>
  z.strictObject({
    /** Who they are. Compared without regard to case. */
    email: word('bad-email', readEmail, { format: 'email' }),
    /** Where they are reached, and what their clicks carry. Without it a person can neither ask nor vote in Slack. */
    slack: slackUser.optional(),
    manager: personRef(known).optional(),
    accounts: accounts(known).optional(),
    /** Kept for the record, may do nothing. */
    disabled: z.boolean().default(false),
  });

/** Its members come from Slack, and change there. */
export const liveGroup = z.strictObject({ slack_usergroup: slackUsergroup });

export type GroupDocument = readonly string[] | z.output<typeof liveGroup>;

/** A group: a list of e-mails, or where its members come from. */
const group = (known: KnownNames) => {
  const members = z.array(personRef(known));
  return z.unknown().transform((raw, context): GroupDocument => {
    const schema = typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? liveGroup : members;
    const parsed: z.ZodSafeParseResult<GroupDocument> = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    forward(context, parsed.error.issues, { schema });
    return z.NEVER;
  });
};

/** `kind: directory`: who people are. Several documents add up. */
export const directorySchema = (known: KnownNames, providers: ProviderSchemas, env: Env) =>
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('directory'),
    /** Where more people and groups come from. */
    from: z.strictObject({ scim: scimSource(providers, env) }).optional(),
    people: z.array(person(known)).default([]),
    groups: byName(group(known)).default({}),
  });

export type PersonDocument = z.output<ReturnType<typeof person>>;

/** A directory as far as it can be read. */
export type ReadableDirectory = Read<ReturnType<typeof directorySchema>>;
