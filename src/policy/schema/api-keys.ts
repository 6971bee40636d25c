import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { oneOrMore } from './one-or-more.ts';
import { byName, say } from './words.ts';

/** What a key itself begins with, wherever one is pasted. */
const KEY = /lk_/i;
const HASH = /^sha256:[0-9a-f]{64}$/;
const WAY = '`npx latchkey api-key` makes a key and prints the line for here.';

/**
 * The SHA-256 of a key, never the key. NB. no sentence quotes what is written: it may be the key, or a password that somebody
 * thought of.
 */
const hash = z
  .string()
  .transform((text, context): string => {
    if (HASH.test(text)) return text.slice('sha256:'.length);
    if (KEY.test(text)) {
      const sentence = `An API key is a secret and does not belong into a file: write its SHA-256 here. If it was a real one, make a new one: files are remembered. ${WAY}`;
      say(context, { code: 'secret-in-file' }, sentence);
    } else
      say(
        context,
        { code: 'bad-api-key' },
        `Write the SHA-256 of the key, \`sha256:\` and 64 characters of 0-9 and a-f. ${WAY}`,
      );
    return z.NEVER;
  })
  .meta({ pattern: HASH.source });

/** The API keys of callers, by name; more than one hash while a key is being replaced. */
export const apiKeys = byName(oneOrMore(hash, LIMITS.apiKeyHashes));
