import { z } from 'zod';
import type { Principal } from '../../domain/principal.ts';
import { LIMITS } from '../limits.ts';
import type { KnownNames } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import { NAME_HELP, NAME_SHAPE, readEmail, say } from './words.ts';

const FORMS = 'user:<e-mail>, group:<name>, everyone, manager or owner';

/** Principals that mean nothing in some place, with the reason. */
export type Meaningless = Partial<Record<Principal['kind'], string>>;

/**
 * A principal, checked against the names that the files define.
 * @param meaningless kinds that cannot match anybody in this place: an error, since a `deny` that never matches would
 *   look like protection.
 */
export const principal = (known: KnownNames, meaningless: Meaningless = {}) => {
  // One for all places that name it: lists of thousands of accesses, gone through at every decision, stay small.
  const found = new Map<string, Principal>();
  return z
    .string()
    .transform((text, context): Principal => {
      const before = found.get(text);
      if (before) return before;
      const good = (made: Principal): Principal => {
        found.set(text, Object.freeze(made));
        return made;
      };
      const fail = (
        code: 'bad-principal' | 'bad-email' | 'bad-name' | 'unknown-person' | 'unknown-group',
        why: string,
      ) => {
        say(context, { code }, why);
        return z.NEVER;
      };
      if (text === 'everyone' || text === 'manager' || text === 'owner') {
        const why = meaningless[text];
        return why === undefined ? good({ kind: text }) : fail('bad-principal', why);
      }
      if (text.startsWith('user:')) {
        const email = readEmail(text.slice('user:'.length));
        if (!email.ok) return fail('bad-email', email.why);
        if (known.people.lacks(email.value)) return fail('unknown-person', unknownPerson(email.value, known));
        return good({ kind: 'user', email: email.value });
      }
      if (text.startsWith('group:')) {
        const name = text.slice('group:'.length);
        if (!NAME_SHAPE.test(name)) return fail('bad-name', NAME_HELP);
        if (known.groups.lacks(name)) {
          return fail(
            'unknown-group',
            `There is no group \`${name}\` in the directory.${didYouMean(name, known.groups)}`,
          );
        }
        return good({ kind: 'group', name });
      }
      if (known.groups.has(text)) return fail('bad-principal', `Write \`group:${text}\`.`);
      if (known.people.has(text.toLowerCase())) return fail('bad-principal', `Write \`user:${text}\`.`);
      return fail('bad-principal', `A principal is ${FORMS}.${didYouMean(text, ['everyone', 'manager', 'owner'])}`);
    })
    .meta({ pattern: '^(user:[^@ ]+@[^@ ]+|group:[a-z0-9-]+|everyone|manager|owner)$' });
};

export const principals = (known: KnownNames, meaningless: Meaningless = {}) =>
  z.array(principal(known, meaningless)).max(LIMITS.principals);

/** The e-mail of somebody in the directory. */
export const personRef = (known: KnownNames) =>
  z
    .string()
    .transform((text, context): string => {
      const email = readEmail(text);
      if (!email.ok) {
        const why = text.startsWith('group:') ? 'A group cannot stand here: write the e-mails of people.' : email.why;
        say(context, { code: 'bad-email' }, why);
        return z.NEVER;
      }
      if (known.people.lacks(email.value)) {
        say(context, { code: 'unknown-person' }, unknownPerson(email.value, known));
        return z.NEVER;
      }
      return email.value;
    })
    .meta({ format: 'email' });

const unknownPerson = (email: string, known: KnownNames): string =>
  `There is no person \`${email}\` in the directory.${didYouMean(email, known.people)}`;
