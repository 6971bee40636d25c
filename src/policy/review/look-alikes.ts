import type { PolicySet } from '../policy-set.ts';
import { byPlace, type Place } from '../positions.ts';
import { type Warning, warning } from './warnings.ts';

// Within the letters that names may have; others are refused when they are read.
const ALIKE: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', i: 'l', '5': 's', '2': 'z', '6': 'b', '9': 'g' };

/** Two names with the same skeleton look the same at a glance: `prod-db` and `prod-d6`, `admin` and `adrnin`. */
const skeleton = (name: string): string =>
  name
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replace(/-+/g, '-')
    .replace(/[01i5269]/g, (letter) => ALIKE[letter] ?? letter);

/**
 * Names that a person can hardly tell apart. NB. whoever may add an access `prod-d6` beside `prod-db` has people ask for
 * it, and approve it, by mistake.
 */
export function* lookAlikes({ accesses, actions, directoryPlaces }: PolicySet): Generator<Warning> {
  yield* among(
    'accesses',
    [...accesses.values()].map(({ name, places }) => [name, places.access] as const),
  );
  yield* among(
    'actions',
    [...actions.values()].map(({ name, places }) => [name, places.action] as const),
  );
  yield* among('groups', directoryPlaces.groups);
  yield* among('people', directoryPlaces.people);
}

function* among(what: string, names: Iterable<readonly [string, Place]>): Generator<Warning> {
  const seen = new Map<string, { name: string; place: Place }>();
  // The later one of the two is the one to look at, whatever the order of the names.
  const inOrder = [...names].sort(([, a], [, b]) => byPlace(a, b));
  for (const [name, place] of inOrder) {
    const look = skeleton(name);
    const before = seen.get(look);
    if (!before) {
      seen.set(look, { name, place });
      continue;
    }
    const { file, line, col } = before.place;
    const sentence = `The ${what} \`${before.name}\` (${file}:${line}:${col}) and \`${name}\` look almost the same: rename one.`;
    yield warning(place, 'look-alike-names', sentence);
  }
}
