import { MOST_USERGROUPS } from '../live/bounds.ts';
import { managerCycles } from '../manager-cycles.ts';
import type { Place } from '../positions.ts';
import { type Problem, problem } from '../problems.ts';
import type { ReadableDirectory } from '../schema/directory.ts';
import { isRead } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import { scimName } from './directory.ts';

/** What the directory documents of a folder mean together, judged on the parts that can be read. */
export function directorySense(
  directories: readonly { document: YamlDocument; parts: ReadableDirectory }[],
): Problem[] {
  const problems: Problem[] = [];
  const systems = new Set<string>();
  const usergroups = new Set<string>();
  const seen = new Set<string>();
  const managers = new Map<string, { email: string; manager: string; place: Place }>();
  for (const { document, parts } of directories) {
    const { positions } = document;
    const source = parts.from && isRead(parts.from) ? parts.from.scim : undefined;
    if (source && isRead(source)) {
      if (systems.has(source.system)) {
        const sentence = `People come from ${scimName(source.system)} already: put all of its groups into one place.`;
        problems.push(problem(positions.key(['from', 'scim']), 'duplicate-source', sentence));
      }
      systems.add(source.system);
    }
    for (const [index, person] of (isRead(parts.people) ? parts.people : []).entries()) {
      if (!isRead(person) || !isRead(person.email)) continue;
      const { email, manager } = person;
      // Of two entries nobody can say which one is kept.
      if (seen.has(email)) managers.delete(email);
      else if (manager !== undefined && isRead(manager)) {
        managers.set(email, { email, manager, place: positions.value(['people', index, 'manager']) });
      }
      seen.add(email);
    }
    for (const [name, group] of Object.entries(isRead(parts.groups) ? parts.groups : {})) {
      if (!isRead(group) || !('slack_usergroup' in group)) continue;
      usergroups.add(name);
      if (usergroups.size !== MOST_USERGROUPS + 1) continue;
      const sentence = `At most ${MOST_USERGROUPS} groups can come from Slack, which answers too few questions a minute to keep more of them current: list the members of this one.`;
      problems.push(problem(positions.key(['groups', name]), 'too-many-usergroups', sentence));
    }
  }
  for (const cycle of managerCycles([...managers.values()])) {
    const place = managers.get(cycle.at(-1) ?? '')?.place;
    const [first = ''] = cycle;
    const sentence =
      cycle.length === 1
        ? `${first} cannot be their own manager: remove the key or name somebody else.`
        : `These people are one another’s managers: ${[...cycle, first].join(' → ')}. Remove one link.`;
    if (place) problems.push(problem(place, 'manager-cycle', sentence));
  }
  return problems;
}
