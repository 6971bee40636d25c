import { nearest } from './nearest.ts';

/**
 * The keys that others were most likely meant to be: they are there under another name, so that nothing may be said of
 * their being absent.
 */
export function misspeltKeys(written: Iterable<string>, known: readonly string[]): Set<string> {
  const meant = new Set<string>();
  for (const key of written) {
    const near = known.includes(key) ? undefined : nearest(key, known);
    if (near !== undefined) meant.add(near);
  }
  return meant;
}
