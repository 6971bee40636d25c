import type { Instant } from '../../domain/instant.ts';
import { directoryOf } from '../directory.ts';
import type { Gap } from '../gaps.ts';
import type { PolicySet } from '../policy-set.ts';
import { USERGROUP_BOUND_MS } from './bounds.ts';
import { judge, type LiveData } from './live-data.ts';
import type { LiveSources } from './live-sources.ts';

export const NO_DATA: LiveData = { usergroups: new Map() };

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
  const reliedOnUntil = (instant: Instant): void => {
    if (until === undefined || instant < until) until = instant;
  };
  const emails = new Map(live.people.map(({ slack, email }) => [slack, email]));
  for (const [group, id] of live.usergroups) {
    const judged = judge(data.usergroups.get(id), USERGROUP_BOUND_MS, now);
    if (judged.ok) {
      // Whoever is not in the directory is nobody here, whatever groups Slack has them in.
      groups.set(
        group,
        judged.value.flatMap((slack) => emails.get(slack) ?? []),
      );
      reliedOnUntil(judged.until);
      continue;
    }
    groups.set(group, []);
    const source = `Slack user group ${id}`;
    const why = `Who is in group:${group} is not known now: ${source} ${judged.state}.`;
    gaps.push({ source, groups: [group], people: false, why, ...pick(judged) });
  }
  return { directory: directoryOf(live.people, groups, gaps), until };
}

const pick = ({ detail }: { detail?: string }) => (detail === undefined ? {} : { detail });
