import { deepFreeze } from './frozen.ts';
import type { Gap } from './gaps.ts';

/** Somebody in the directory. */
export interface Person {
  /** Lower-cased; the identity. */
  readonly email: string;
  /** Slack user id: where they are reached, and what their clicks carry. Without it they can neither ask nor vote. */
  readonly slack?: string;
  /** The manager's e-mail; always somebody in the directory. */
  readonly manager?: string;
  /** By target name; `null`: no account there. */
  readonly accounts: Readonly<Record<string, string | null>>;
  /** Kept for the record, may do nothing. */
  readonly disabled: boolean;
}

/** Who people are. Look-ups include disabled people: what they may do is for the rules to say. */
export interface Directory {
  /** In the order of the files. */
  readonly people: readonly Person[];
  /** Names of all groups. */
  readonly groups: readonly string[];
  bySlack(id: string): Person | undefined;
  /** Regardless of case. */
  byEmail(email: string): Person | undefined;
  /** Names of the groups that the person is in, in alphabetical order. */
  groupsOf(email: string): readonly string[];
  /** The same to look a group up in. */
  membershipsOf(email: string): { has(group: string): boolean };
  /** In the order of the files; none for an unknown group. */
  members(group: string): readonly Person[];
  isMember(email: string, group: string): boolean;
  /** What live sources should say and do not now. */
  readonly gaps: readonly Gap[];
  /** The gaps because of which somebody may be in the group without our knowing. */
  gapsOf(group: string): readonly Gap[];
}

/** @param groups members' e-mails by group; who of them is not among `people` is nobody. */
export function directoryOf(
  people: readonly Person[],
  groups: ReadonlyMap<string, readonly string[]>,
  gaps: readonly Gap[] = [],
): Directory {
  const list = deepFreeze([...people]);
  const emails = new Map(list.map((person) => [person.email, person]));
  const slackIds = new Map(
    list.flatMap((person) => (person.slack === undefined ? [] : [[person.slack, person] as const])),
  );
  const memberLists = new Map<string, readonly Person[]>();
  const groupLists = new Map<string, string[]>();
  for (const name of [...groups.keys()].sort()) {
    const members = new Set(groups.get(name));
    memberLists.set(name, Object.freeze([...members].flatMap((email) => emails.get(email) ?? [])));
    for (const email of members) {
      const names = groupLists.get(email);
      if (names) names.push(name);
      else groupLists.set(email, [name]);
    }
  }
  for (const names of groupLists.values()) Object.freeze(names);
  // By person and not by group: one decision looks up many groups of one person.
  const memberships = new Map([...groupLists].map(([email, names]) => [email, new Set(names)]));
  const gapLists = new Map<string, Gap[]>();
  for (const gap of gaps) {
    for (const group of gap.groups) gapLists.set(group, [...(gapLists.get(group) ?? []), gap]);
  }
  const none: readonly never[] = Object.freeze([]);
  const nowhere: ReadonlySet<string> = new Set();
  const membershipsOf = (email: string): ReadonlySet<string> => memberships.get(email.toLowerCase()) ?? nowhere;
  return Object.freeze({
    people: list,
    groups: Object.freeze([...memberLists.keys()]),
    bySlack: (id: string) => slackIds.get(id),
    byEmail: (email: string) => emails.get(email.toLowerCase()),
    groupsOf: (email: string) => groupLists.get(email.toLowerCase()) ?? none,
    membershipsOf,
    members: (group: string) => memberLists.get(group) ?? none,
    isMember: (email: string, group: string) => membershipsOf(email).has(group),
    gaps: deepFreeze([...gaps]),
    gapsOf: (group: string) => gapLists.get(group) ?? none,
  });
}
