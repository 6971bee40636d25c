import type { Instant } from '../../domain/instant.ts';
import type { Person } from '../directory.ts';
import type { Gap } from '../gaps.ts';
import { SLACK_EMAILS_BOUND_MS } from './bounds.ts';
import { judge, type LiveData } from './live-data.ts';
import type { LiveSources } from './live-sources.ts';
import { namesText } from './names-text.ts';

const SOURCE = 'Slack’s list of e-mails';

/** Finds the people without a Slack id in Slack by their e-mail. An id in the files is never touched by this. */
export function withSlackIds(
  people: readonly Person[],
  live: LiveSources,
  data: LiveData,
  now: Instant,
): { people: readonly Person[]; gaps: Gap[]; until?: Instant } {
  const judged = judge(data.slackEmails, SLACK_EMAILS_BOUND_MS, now);
  if (!judged.ok) {
    // Who in a user group is whom cannot be told either: its members are Slack ids.
    const groups = [...live.usergroups.keys()];
    const why = `Who has no Slack id in the policies is not known in Slack now: ${SOURCE} ${judged.state}.`;
    const detail = judged.detail === undefined ? {} : { detail: judged.detail };
    return { people, gaps: [{ source: SOURCE, groups, people: 'slack', why, ...detail }] };
  }
  // NB. an id that the files give to somebody is theirs, whatever e-mail its owner shows in Slack now.
  const bound = new Set(people.flatMap(({ slack }) => slack ?? []));
  const ids = new Map<string, string[]>();
  for (const [id, email] of judged.value) {
    if (!bound.has(id)) ids.set(email, [...(ids.get(email) ?? []), id]);
  }
  const twice: string[] = [];
  const found = people.map((person) => {
    const [slack, another] = person.slack === undefined ? (ids.get(person.email) ?? []) : [];
    if (another !== undefined) twice.push(person.email);
    return slack === undefined || another !== undefined ? person : { ...person, slack };
  });
  const why = `Slack has more than one user of each of these e-mails, so none of them is taken for the person: ${namesText(twice)}.`;
  return {
    people: found,
    gaps: twice.length > 0 ? [{ source: SOURCE, groups: [], why }] : [],
    until: judged.until,
  };
}
