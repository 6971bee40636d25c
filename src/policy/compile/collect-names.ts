import { FrozenMap } from '../frozen.ts';
import { type KnownNames, Names } from '../names.ts';
import type { DirectoryPlaces } from '../policy-set.ts';
import type { Problem } from '../problems.ts';
import { isAccessName, NAME_SHAPE, readEmail, SLACK_USER } from '../schema/words.ts';
import { isMapping, type Plain } from '../yaml/plain.ts';
import { Definitions, settingsTwice } from './definitions.ts';
import type { Documents } from './documents.ts';
import { strayTexts } from './stray-texts.ts';

const SCIM = 'scim';

/**
 * Every name that the documents define, taken before anything is checked, so that a mistake in a person does not make
 * everybody who mentions them wrong too; with a problem for each name that is defined twice. What cannot be read may
 * define any name that it could, and what cannot be placed every text that stands in it.
 */
export function collectNames(documents: Documents): {
  known: KnownNames;
  places: DirectoryPlaces;
  problems: Problem[];
} {
  const { byKind, complete } = documents;
  const problems: Problem[] = [];
  const isEmail = (text: string): boolean => readEmail(text).ok;
  const isName = (text: string): boolean => NAME_SHAPE.test(text);
  const accesses = new Definitions('access', 'duplicate-access', isAccessName, problems);
  const actions = new Definitions('action', 'duplicate-action', isName, problems, accesses);
  const targets = new Definitions('target', 'duplicate-target', isName, problems);
  const groups = new Definitions('group', 'duplicate-group', isName, problems);
  const people = new Definitions('person', 'duplicate-person', isEmail, problems);
  const slackIds = new Definitions('Slack id', 'duplicate-slack-id', (text) => SLACK_USER.test(text), problems);
  const schedules = new Set<string>();
  const apiKeys = new Set<string>();
  const providers = new Map<string, string | undefined>();

  /** The keys of a mapping of definitions. What is written there and is no such mapping may define any. */
  const keysOf = (value: Plain | undefined, kind: { mayBeAny: boolean }): string[] => {
    if (isMapping(value)) return Object.keys(value);
    if (value !== undefined) kind.mayBeAny = true;
    return [];
  };
  const anySchedule = { mayBeAny: false };
  const anyKey = { mayBeAny: false };

  for (const document of byKind.access) accesses.add(document, ['name'], document.value.name);
  for (const document of byKind.action) actions.add(document, ['name'], document.value.name);
  for (const document of byKind.targets) {
    const { targets: written = null } = document.value;
    for (const name of keysOf(written, targets)) {
      targets.add(document, ['targets', name], name, 'key');
      const target = isMapping(written) ? written[name] : undefined;
      const provider = isMapping(target) ? target.provider : undefined;
      const sure = typeof provider === 'string' && !providers.has(name);
      providers.set(name, sure ? provider : undefined);
    }
  }
  let livePeople = false;
  for (const document of byKind.directory) {
    const { from, groups: written, people: list } = document.value;
    const scim = isMapping(from) ? from[SCIM] : undefined;
    if (isMapping(scim)) {
      livePeople = true;
      for (const name of keysOf(scim.groups, groups)) {
        groups.add(document, ['from', SCIM, 'groups', name], name, 'key');
      }
    } else if (from !== undefined) {
      people.mayBeAny = true;
      groups.mayBeAny = true;
    }
    for (const name of keysOf(written, groups)) groups.add(document, ['groups', name], name, 'key');
    if (list !== undefined && !Array.isArray(list)) people.mayBeAny = true;
    for (const [index, person] of (Array.isArray(list) ? list : []).entries()) {
      const { email, slack } = isMapping(person) ? person : {};
      people.add(document, ['people', index, 'email'], typeof email === 'string' ? email.toLowerCase() : undefined);
      slackIds.add(document, ['people', index, 'slack'], slack);
    }
  }
  for (const { value } of byKind.settings) {
    for (const name of keysOf(value.schedules, anySchedule)) {
      if (isName(name)) schedules.add(name);
      else anySchedule.mayBeAny = true;
    }
    for (const name of keysOf(value.api_keys, anyKey)) {
      if (isName(name)) apiKeys.add(name);
      else anyKey.mayBeAny = true;
    }
  }
  const [first, ...more] = byKind.settings;
  if (first) for (const again of more) problems.push(settingsTwice(first, again));

  const stray = strayTexts(documents);
  // A live source of people and groups behind another key.
  const anybody = stray.has(SCIM) || !complete;
  const open = ({ mayBeAny }: { mayBeAny: boolean }, can: (text: string) => boolean) =>
    mayBeAny || anybody ? ('any' as const) : new Set([...stray].filter(can));
  return {
    known: {
      // With a live source of people nobody can be told to be unknown: whoever is not there now may come.
      people: people.named(livePeople ? 'any' : open(people, isEmail)),
      groups: groups.named(open(groups, isName)),
      targets: targets.named(open(targets, isName)),
      schedules: new Names(schedules, open(anySchedule, isName)),
      apiKeys: new Names(apiKeys, open(anyKey, isName)),
      providerOf: (target) => providers.get(target),
    },
    places: { groups: new FrozenMap(groups.places), people: new FrozenMap(people.places) },
    problems,
  };
}
