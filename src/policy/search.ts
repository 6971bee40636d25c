import { mayRequest } from './eligibility.ts';
import type { AccessPolicy, PolicySet } from './policy-set.ts';

/** What is looked at when people search, prepared once at load. */
export interface SearchEntry {
  readonly access: AccessPolicy;
  /** Lower-cased. */
  readonly name: string;
  readonly title: string;
  /** Name and title as words, each after a blank: ` prod db write production database write`. */
  readonly words: string;
}

/** In the order of the names. */
export type SearchIndex = readonly SearchEntry[];

const wordsOf = (text: string): string =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ');

export function searchIndex(accesses: Iterable<AccessPolicy>): SearchIndex {
  const entries = [...accesses].map((access) =>
    Object.freeze({
      access,
      name: access.name.toLowerCase(),
      title: access.title.toLowerCase(),
      words: ` ${wordsOf(access.name)} ${wordsOf(access.title)}`,
    }),
  );
  return Object.freeze(entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)));
}

/** Lower is better; undefined: not found. */
function rank(entry: SearchEntry, query: string, words: string, parts: readonly string[]): number | undefined {
  const { name, title } = entry;
  if (name === query || title === query) return 0;
  if (name.startsWith(query)) return 1;
  if (title.startsWith(query)) return 2;
  if (words !== '' && entry.words.includes(` ${words}`)) return 3;
  if (name.includes(query) || title.includes(query)) return 4;
  // `write prod`: every word of the query begins a word, in any order.
  return parts.length > 1 && parts.every((part) => entry.words.includes(` ${part}`)) ? 5 : undefined;
}

/**
 * Finds accesses by name and title, regardless of case: the exact one first, then those that begin with the query, then
 * those with a word that does, then the rest that hold it; by name within each. A blank query finds all.
 * @param email only what this person may ask for.
 */
export function searchAccesses(policies: PolicySet, query: string, email?: string): AccessPolicy[] {
  const wanted = query.trim().toLowerCase();
  const words = wordsOf(wanted);
  const parts = words.split(' ');
  const ranks: AccessPolicy[][] = [[], [], [], [], [], []];
  for (const entry of policies.search) {
    const place = wanted === '' ? 0 : rank(entry, wanted, words, parts);
    if (place === undefined) continue;
    if (email === undefined || mayRequest(policies, entry.access, email)) ranks[place]?.push(entry.access);
  }
  return ranks.flat();
}
