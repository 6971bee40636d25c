import type { Instant } from '../../domain/instant.ts';
import { directoryOf, type Person } from '../directory.ts';
import type { Gap } from '../gaps.ts';
import { managerCycles } from '../manager-cycles.ts';
import type { PolicySet } from '../policy-set.ts';
import { USERGROUP_BOUND_MS } from './bounds.ts';
import { judge, type LiveData } from './live-data.ts';
import type { LiveSources } from './live-sources.ts';
import { namesText } from './names-text.ts';
import { fromScim } from './scim-people.ts';
import { withSlackIds } from './slack-emails.ts';

const NO_DATA: LiveData = { usergroups: new Map() };

export interface Overlaid {
  policies: PolicySet;
  /** When the next source becomes too old, unless it is read again; until then the same data give the same policies. */
  until?: Instant;
}

/**
 * The policies with what live sources say of people and groups laid over what the files say. A source that cannot be
 * relied on now gives no people and no members, and leaves a gap that says so. Pure; the files' own part never changes.
 */
export function overlay(policies: PolicySet, data: LiveData, now: Instant): Overlaid {
  const { directory, until } = liveDirectory(policies.live, data, now);
  return { policies: Object.freeze({ ...policies, directory }), ...(until === undefined ? {} : { until }) };
}

/** The directory of the files, with a gap for all that is left to live sources: nothing has been read yet. */
export const unreadDirectory = (live: LiveSources) => liveDirectory(live, NO_DATA, '').directory;

function liveDirectory(live: LiveSources, data: LiveData, now: Instant) {
  const gaps: Gap[] = [];
  const groups = new Map(live.groups);
  let until: Instant | undefined;
  const take = (part: { gaps: readonly Gap[]; until?: Instant }): void => {
    gaps.push(...part.gaps);
    if (part.until !== undefined && (until === undefined || part.until < until)) until = part.until;
  };

  const sources = live.scim.map((source) => fromScim(source, data, now));
  for (const source of sources) {
    take(source);
    for (const [name, members] of source.groups) groups.set(name, members);
  }
  const joined = joinedPeople(
    live.people,
    sources.flatMap(({ people }) => people),
    new Set(sources.flatMap(({ twice }) => twice)),
  );
  take(joined);
  const matched = live.matchSlackEmail ? withSlackIds(joined.people, live, data, now) : { ...joined, gaps: [] };
  take(matched);

  const emails = new Map(matched.people.map(({ slack, email }) => [slack, email]));
  for (const [group, id] of live.usergroups) {
    const judged = judge(data.usergroups.get(id), USERGROUP_BOUND_MS, now);
    // Whoever is not in the directory is nobody here, whatever groups Slack has them in.
    const members = judged.ok ? judged.value.flatMap((slack) => emails.get(slack) ?? []) : [];
    groups.set(group, members);
    if (judged.ok) {
      take({ gaps: [], until: judged.until });
      continue;
    }
    const source = `Slack user group ${id}`;
    const why = `Who is in group:${group} is not known now: ${source} ${judged.state}.`;
    const detail = judged.detail === undefined ? {} : { detail: judged.detail };
    gaps.push({ source, groups: [group], why, ...detail });
  }
  return { directory: directoryOf(matched.people, groups, gaps), until };
}

/**
 * The people of the files and of the SCIM directories together. NB. whoever stands in two places may do nothing: with the
 * entry of the files alone, somebody who was deactivated at the source would keep their rights; with the source's alone,
 * it could put another in the place of a person whom the files name.
 */
function joinedPeople(
  files: readonly Person[],
  live: readonly Person[],
  twice: ReadonlySet<string>,
): { people: readonly Person[]; gaps: Gap[] } {
  if (live.length === 0 && twice.size === 0) return { people: files, gaps: [] };
  const gaps: Gap[] = [];
  const gap = (why: string): void => void gaps.push({ source: 'SCIM directories', groups: [], why });
  const count = new Map<string, number>();
  for (const { email } of [...files, ...live]) count.set(email, (count.get(email) ?? 0) + 1);
  const clashing = new Set([...count].flatMap(([email, times]) => (times > 1 ? [email] : [])));
  for (const { email } of files) if (twice.has(email)) clashing.add(email);
  if (clashing.size > 0) {
    gap(
      `These people stand in more than one of the policy files and the SCIM directories, and may do nothing until one entry is removed: ${namesText([...clashing])}.`,
    );
  }
  const people = [
    ...files.map((person) => (clashing.has(person.email) ? { ...person, disabled: true } : person)),
    ...live.filter(({ email }) => !clashing.has(email) && !twice.has(email)),
  ];
  // Without their managers: two who manage each other could approve each other's requests for ever.
  const circling = new Set(managerCycles(people).flat());
  if (circling.size === 0) return { people, gaps };
  gap(`These people are one another’s managers, and count as having none: ${namesText([...circling])}.`);
  const withoutManager = ({ manager: _, ...person }: Person): Person => person;
  return { people: people.map((each) => (circling.has(each.email) ? withoutManager(each) : each)), gaps };
}
