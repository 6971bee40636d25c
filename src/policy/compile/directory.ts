import type { Directory, Person } from '../directory.ts';
import { deepFreeze, FrozenMap } from '../frozen.ts';
import { MOST_USERGROUPS } from '../live/bounds.ts';
import type { LiveSources } from '../live/live-sources.ts';
import { unreadDirectory } from '../live/overlay.ts';
import type { Place } from '../positions.ts';
import { type Problem, problem } from '../problems.ts';
import type { directorySchema, PersonDocument } from '../schema/directory.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

export type DirectoryDocument = ReturnType<ReturnType<typeof directorySchema>['parse']>;

/** All directory documents of the folder as one directory. */
export function compileDirectory(parts: readonly { document: YamlDocument; data: DirectoryDocument }[]): {
  directory: Directory;
  live: LiveSources;
  problems: Problem[];
} {
  const people: Person[] = [];
  const problems: Problem[] = [];
  const managerPlaces = new Map<string, Place>();
  const groups = new Map<string, readonly string[]>();
  const usergroups = new Map<string, string>();
  for (const { document, data } of parts) {
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
  });
  problems.push(...managerCycles(people, managerPlaces));
  return { directory: unreadDirectory(live), live, problems };
}

const personOf = ({ email, slack, manager, accounts, disabled }: PersonDocument): Person => ({
  email,
  ...(slack === undefined ? {} : { slack }),
  ...(manager === undefined ? {} : { manager }),
  accounts: Object.assign(Object.create(null), accounts),
  disabled,
});

/**
 * People who are, through any number of others, their own managers. Two who manage each other could approve each
 * other's requests for ever, which is rarely what was meant.
 */
function managerCycles(people: readonly Person[], places: ReadonlyMap<string, Place>): Problem[] {
  const managers = new Map(people.map(({ email, manager }) => [email, manager]));
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const { email: start } of people) {
    const path: string[] = [];
    const onPath = new Set<string>();
    let email: string | undefined = start;
    while (email !== undefined && !seen.has(email)) {
      seen.add(email);
      path.push(email);
      onPath.add(email);
      email = managers.get(email);
    }
    if (email === undefined || !onPath.has(email)) continue;
    const cycle = path.slice(path.indexOf(email));
    const place = places.get(cycle.at(-1) ?? email);
    const sentence =
      cycle.length === 1
        ? `${email} cannot be their own manager: remove the key or name somebody else.`
        : `These people are one another’s managers: ${[...cycle, email].join(' → ')}. Remove one link.`;
    if (place) problems.push(problem(place, 'manager-cycle', sentence));
  }
  return problems;
}
