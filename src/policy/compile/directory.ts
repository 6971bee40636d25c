import { type Directory, directoryOf, type Person } from '../directory.ts';
import { deepFreeze, FrozenMap } from '../frozen.ts';
import { MOST_USERGROUPS } from '../live/bounds.ts';
import type { LiveSources, ScimSource } from '../live/live-sources.ts';
import { unreadDirectory } from '../live/overlay.ts';
import { managerCycles } from '../manager-cycles.ts';
import type { Place } from '../positions.ts';
import { type Problem, problem } from '../problems.ts';
import type { directorySchema, PersonDocument } from '../schema/directory.ts';
import type { ScimDocument } from '../schema/scim-source.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import { unprintable } from './targets.ts';

export type DirectoryDocument = ReturnType<ReturnType<typeof directorySchema>['parse']>;

export interface CompiledDirectory {
  /** With nothing read from live sources. */
  directory: Directory;
  /** The same, with everybody in Slack whom Slack may turn out to know: what flows are judged by at load. */
  atBest: Directory;
  live: LiveSources;
  problems: Problem[];
}

/** All directory documents of the folder as one directory. */
export function compileDirectory(
  parts: readonly { document: YamlDocument; data: DirectoryDocument }[],
  { matchSlackEmail }: { matchSlackEmail: boolean },
): CompiledDirectory {
  const people: Person[] = [];
  const problems: Problem[] = [];
  const managerPlaces = new Map<string, Place>();
  const groups = new Map<string, readonly string[]>();
  const usergroups = new Map<string, string>();
  const scim: ScimSource[] = [];
  for (const { document, data } of parts) {
    if (data.from) {
      const source = scimSource(data.from.scim);
      if (scim.some(({ system }) => system === source.system)) {
        const sentence = `People come from ${source.name} already: put all of its groups into one place.`;
        problems.push(problem(document.positions.key(['from', 'scim']), 'duplicate-source', sentence));
      }
      scim.push(source);
    }
    for (const [index, entry] of data.people.entries()) {
      people.push(personOf(entry));
      managerPlaces.set(entry.email, document.positions.value(['people', index, 'manager']));
    }
    for (const [name, group] of Object.entries(data.groups)) {
      if (!('slack_usergroup' in group)) {
        groups.set(name, group);
        continue;
      }
      usergroups.set(name, group.slack_usergroup);
      if (usergroups.size !== MOST_USERGROUPS + 1) continue;
      const sentence = `At most ${MOST_USERGROUPS} groups can come from Slack, which answers too few questions a minute to keep more of them current: list the members of this one.`;
      problems.push(problem(document.positions.key(['groups', name]), 'too-many-usergroups', sentence));
    }
  }
  const live: LiveSources = Object.freeze({
    people: deepFreeze(people),
    groups: new FrozenMap([...groups].map(([name, members]) => [name, Object.freeze([...members])] as const)),
    usergroups: new FrozenMap(usergroups),
    scim: Object.freeze(scim),
    matchSlackEmail,
  });
  problems.push(...managerProblems(people, managerPlaces));
  const directory = unreadDirectory(live);
  const reachable = people.map((person) => ({ ...person, slack: person.slack ?? `matched:${person.email}` }));
  const atBest = matchSlackEmail ? directoryOf(reachable, groups, directory.gaps) : directory;
  return { directory, atBest, live, problems };
}

function scimSource({ system, config, everyMs, groups }: ScimDocument): ScimSource {
  const source: Omit<ScimSource, 'config'> = {
    system,
    name: `SCIM directory ${system}`,
    everyMs,
    groups: new FrozenMap(Object.entries(groups)),
  };
  Object.defineProperty(source, 'config', { value: unprintable(config), enumerable: false });
  return Object.freeze(source) as ScimSource;
}

const personOf = ({ email, slack, manager, accounts, disabled }: PersonDocument): Person => ({
  email,
  ...(slack === undefined ? {} : { slack }),
  ...(manager === undefined ? {} : { manager }),
  accounts: Object.assign(Object.create(null), accounts),
  disabled,
});

function managerProblems(people: readonly Person[], places: ReadonlyMap<string, Place>): Problem[] {
  return managerCycles(people).flatMap((cycle) => {
    const place = places.get(cycle.at(-1) ?? '');
    const [first = ''] = cycle;
    const sentence =
      cycle.length === 1
        ? `${first} cannot be their own manager: remove the key or name somebody else.`
        : `These people are one another’s managers: ${[...cycle, first].join(' → ')}. Remove one link.`;
    return place ? [problem(place, 'manager-cycle', sentence)] : [];
  });
}
