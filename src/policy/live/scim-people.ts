import type { Instant } from '../../domain/instant.ts';
import type { Person } from '../directory.ts';
import type { Gap } from '../gaps.ts';
import { readEmail } from '../schema/words.ts';
import { SCIM_BOUND_READINGS } from './bounds.ts';
import { judge, type LiveData, type ScimSnapshot } from './live-data.ts';
import type { ScimSource } from './live-sources.ts';
import { namesText } from './names-text.ts';

export interface FromScim {
  people: Person[];
  /** E-mails of people who stand twice: nobody can say which of them is meant. */
  twice: string[];
  groups: Map<string, readonly string[]>;
  gaps: Gap[];
  until?: Instant;
}

/** People and groups of one SCIM directory; none when it cannot be relied on now. */
export function fromScim(source: ScimSource, data: LiveData, now: Instant): FromScim {
  const judged = judge(data.scim?.get(source.system), source.everyMs * SCIM_BOUND_READINGS, now);
  if (judged.ok) return { ...read(source, judged.value), until: judged.until };
  const groups = [...source.groups.keys()];
  const why = `People and groups that come from ${source.name} are not known now: it ${judged.state}.`;
  const detail = judged.detail === undefined ? {} : { detail: judged.detail };
  return {
    people: [],
    twice: [],
    groups: new Map(groups.map((name) => [name, []])),
    gaps: [{ source: source.name, groups, people: 'more', why, ...detail }],
  };
}

function read(source: ScimSource, snapshot: ScimSnapshot): Omit<FromScim, 'until'> {
  const gaps: Gap[] = [];
  const gap = (why: string, groups: readonly string[] = []): void => {
    gaps.push({ source: source.name, groups, why });
  };
  const emails = new Map<string, string>();
  const count = new Map<string, number>();
  let unreadable = snapshot.unreadable;
  for (const { id, email: text } of snapshot.users) {
    const email = readEmail(text);
    if (!email.ok) {
      unreadable += 1;
      continue;
    }
    emails.set(id, email.value);
    count.set(email.value, (count.get(email.value) ?? 0) + 1);
  }
  if (unreadable > 0)
    gap(`${source.name} has ${unreadable} users without an e-mail that can be read: they are nobody here.`);
  const twice = [...count].flatMap(([email, times]) => (times > 1 ? [email] : []));
  if (twice.length > 0)
    gap(`${source.name} has more than one user of each of these e-mails, who are nobody here: ${namesText(twice)}.`);

  const people = snapshot.users.flatMap(({ id, active, managerId }): Person[] => {
    const email = emails.get(id);
    if (email === undefined || count.get(email) !== 1) return [];
    const manager = managerId === undefined ? undefined : emails.get(managerId);
    // A manager who stands twice is nobody, and so nobody's manager.
    const known = manager !== undefined && count.get(manager) === 1;
    return [{ email, ...(known ? { manager } : {}), accounts: NO_ACCOUNTS, disabled: !active }];
  });

  const groups = new Map<string, readonly string[]>();
  for (const [name, displayName] of source.groups) {
    const [found, another] = snapshot.groups.filter((group) => group.displayName === displayName);
    groups.set(name, []);
    if (!found || another) {
      const state = found ? 'more than one group' : 'no group';
      gap(`Who is in group:${name} is not known: ${source.name} has ${state} called ${displayName}.`, [name]);
      continue;
    }
    groups.set(
      name,
      found.members.flatMap((id) => emails.get(id) ?? []),
    );
    if (found.nested === 0) continue;
    // NB. not taken apart: whoever may edit the inner group would decide who is in this one. Nor passed over: a `deny`
    // of this group must not let the members of the inner one in.
    const groupsIn = found.nested === 1 ? 'a group' : `${found.nested} groups`;
    gap(
      `Not everybody in group:${name} is known: ${displayName} in ${source.name} holds ${groupsIn}, and the members of a group in a group do not count here.`,
      [name],
    );
  }
  return { people, twice, groups, gaps };
}

const NO_ACCOUNTS: Person['accounts'] = Object.freeze(Object.create(null));
