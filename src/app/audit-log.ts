import type { DomainEvent } from '../domain/events.ts';
import type { AuditEntry } from './ports/store.ts';

/** The event inside an audit entry. The entry's bytes are the truth; this only reads them. */
export const eventOf = (entry: Pick<AuditEntry, 'body'>): DomainEvent =>
  (JSON.parse(entry.body) as { event: DomainEvent }).event;
