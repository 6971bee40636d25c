import { createHash, randomBytes } from 'node:crypto';

/** What every key begins with, so that a token is told from a key, and scanners for secrets know one. */
export const API_KEY_PREFIX = 'lk_';
const SHAPE = /^lk_[\w-]{43}$/;

/** A new key: 256 random bits. */
export const newApiKey = (): string => `${API_KEY_PREFIX}${randomBytes(32).toString('base64url')}`;

/** What `settings` keep of a key. NB. of 256 random bits nobody finds the key to a hash, so it needs no salt and no slow hash. */
export const hashOfApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** The name of a key; undefined for one that there is not. Which hash is like it takes no secret: only the hash is compared. */
export function nameOfApiKey(key: string, known: ReadonlyMap<string, readonly string[]>): string | undefined {
  if (!SHAPE.test(key)) return undefined;
  const hash = hashOfApiKey(key);
  for (const [name, hashes] of known) if (hashes.includes(hash)) return name;
  return undefined;
}
