import { FrozenMap } from '../frozen.ts';
import type { KnownNames } from '../names.ts';
import type { DirectoryPlaces } from '../policy-set.ts';
import type { Path, Place } from '../positions.ts';
import type { ProblemCode } from '../problem-codes.ts';
import { type Problem, problem } from '../problems.ts';
import { isMapping, type Plain } from '../yaml/plain.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import type { Documents } from './documents.ts';

/**
 * Every name that the documents define, taken before anything is checked, so that a mistake in a person does not make
 * everybody who mentions them wrong too; with a problem for each name that is defined twice.
 */
export function collectNames({ byKind, complete }: Documents): {
  known: KnownNames;
  places: DirectoryPlaces;
  problems: Problem[];
} {
  const problems: Problem[] = [];
  const accesses = new Definitions('access', 'duplicate-access', problems);
  const targets = new Definitions('target', 'duplicate-target', problems);
  const groups = new Definitions('group', 'duplicate-group', problems);
  const people = new Definitions('person', 'duplicate-person', problems);
  const slackIds = new Definitions('Slack id', 'duplicate-slack-id', problems);
  const providers = new Map<string, string>();

  for (const document of byKind.access) accesses.add(document, ['name'], document.value.name);
  for (const document of byKind.targets) {
    for (const [name, target] of entriesOf(document.value.targets)) {
      targets.add(document, ['targets', name], name, 'key');
      const provider = isMapping(target) ? target.provider : undefined;
      if (!providers.has(name)) providers.set(name, typeof provider === 'string' ? provider : '');
    }
  }
  let livePeople = false;
  for (const document of byKind.directory) {
    const scim = isMapping(document.value.from) ? document.value.from.scim : undefined;
    if (isMapping(scim)) {
      livePeople = true;
      for (const [name] of entriesOf(scim.groups)) groups.add(document, ['from', 'scim', 'groups', name], name, 'key');
    }
    for (const [name] of entriesOf(document.value.groups)) groups.add(document, ['groups', name], name, 'key');
    const list = document.value.people;
    for (const [index, person] of (Array.isArray(list) ? list : []).entries()) {
      if (!isMapping(person)) continue;
      const email = person.email;
      people.add(document, ['people', index, 'email'], typeof email === 'string' ? email.toLowerCase() : undefined);
      slackIds.add(document, ['people', index, 'slack'], person.slack);
    }
  }
  for (const document of byKind.settings.slice(1)) {
    const first = byKind.settings[0]?.positions.value([]);
    const sentence = `The settings already stand at ${placeText(first)}: there can be one such document.`;
    problems.push(problem(document.positions.value([]), 'duplicate-settings', sentence));
  }
  const schedules = new Set(byKind.settings.flatMap(({ value }) => entriesOf(value.schedules).map(([name]) => name)));
  const places = { groups: groups.places, people: people.places };
  const known = { complete, people: people.names, livePeople, groups: groups.names, targets: providers, schedules };
  return { known, places, problems };
}

class Definitions {
  readonly #what: string;
  readonly #code: ProblemCode;
  readonly #problems: Problem[];
  readonly #places = new Map<string, Place>();

  constructor(what: string, code: ProblemCode, problems: Problem[]) {
    this.#what = what;
    this.#code = code;
    this.#problems = problems;
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#places.keys());
  }

  get places(): ReadonlyMap<string, Place> {
    return new FrozenMap(this.#places);
  }

  add({ positions }: YamlDocument, path: Path, name: Plain | undefined, at: 'key' | 'value' = 'value'): void {
    if (typeof name !== 'string') return;
    const place = positions[at](path);
    const before = this.#places.get(name);
    if (!before) this.#places.set(name, place);
    else {
      const sentence = `The ${this.#what} \`${name}\` is already defined at ${placeText(before)}: rename or remove one of them.`;
      this.#problems.push(problem(place, this.#code, sentence));
    }
  }
}

const placeText = (place: Place | undefined): string => (place ? `${place.file}:${place.line}:${place.col}` : '');

const entriesOf = (value: Plain | undefined): [string, Plain][] => (isMapping(value) ? Object.entries(value) : []);
