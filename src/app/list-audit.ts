import type { DomainEvent } from '../domain/events.ts';
import type { Instant } from '../domain/instant.ts';
import { eventOf } from './audit-log.ts';
import type { Ports } from './ports/index.ts';
import type { AuditEntry } from './ports/store.ts';

export interface AuditQuestion {
  access?: string;
  /** An e-mail, or the name of a caller: as the one who acted, or as the one the request or grant is for. */
  person?: string;
  since?: Instant;
}

export interface AuditLine {
  entry: AuditEntry;
  event: DomainEvent;
  /** Whose request or grant it is about. */
  subject?: string;
  access?: string;
}

/** Every name that the log has. */
export interface NamesInLog {
  people: Set<string>;
  accesses: Set<string>;
}

const PAGE = 1_000;

/**
 * Who, what, when, under which rule: the entries that answer the question, oldest first, of every workspace. Read to its end,
 * `names` has all that could have been asked for.
 */
export async function* listAudit(
  { store }: Pick<Ports, 'store'>,
  question: AuditQuestion,
  names?: NamesInLog,
): AsyncIterable<AuditLine> {
  for (const workspace of await store.workspaces()) {
    const subjects = new Map<string, { person: string; access: string }>();
    for (let from = 1; ; from += PAGE) {
      const page = await store.auditPage(workspace, from, PAGE);
      for (const entry of page) {
        const event = eventOf(entry);
        const about = aboutOf(event, subjects);
        const line: AuditLine = {
          entry,
          event,
          ...(about?.person === undefined ? {} : { subject: about.person }),
          ...(about?.access === undefined ? {} : { access: about.access }),
        };
        for (const person of [event.actor, line.subject]) if (person !== undefined) names?.people.add(person);
        if (line.access !== undefined) names?.accesses.add(line.access);
        if (matches(line, question)) yield line;
      }
      if (page.length < PAGE) break;
    }
  }
}

/** Events name ids; the person and the access come from the events that opened them. */
function aboutOf(event: DomainEvent, subjects: Map<string, { person: string; access: string }>) {
  if (event.type === 'RequestOpened') {
    const { id, requester, access } = event.request;
    subjects.set(id, { person: requester.email, access });
    return subjects.get(id);
  }
  if (event.type === 'RequestApproved')
    subjects.set(event.grant.id, { person: event.grant.person.email, access: event.access });
  const ids = [...('grantId' in event ? [event.grantId] : []), ...('requestId' in event ? [event.requestId] : [])];
  const known = ids.flatMap((id) => (id === undefined ? [] : [subjects.get(id)])).find((about) => about !== undefined);
  if (known) return known;
  return 'access' in event && event.access !== undefined ? { access: event.access, person: event.actor } : undefined;
}

function matches({ entry, event, subject, access }: AuditLine, question: AuditQuestion): boolean {
  if (question.since !== undefined && entry.at < question.since) return false;
  if (question.access !== undefined && access !== question.access) return false;
  const person = question.person?.toLowerCase();
  return person === undefined || event.actor.toLowerCase() === person || subject?.toLowerCase() === person;
}
