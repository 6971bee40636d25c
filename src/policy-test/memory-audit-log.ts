import type { AuditEntry, AuditSpan } from '../app/ports/store.ts';
import { type ChainHead, GENESIS_HASH, link } from '../audit/chain.ts';
import type { DomainEvent, EventType } from '../domain/events.ts';
import type { Instant } from '../domain/instant.ts';

/** The audit log of one workspace, in memory. */
export class MemoryAuditLog {
  readonly #chain: AuditEntry[] = [];
  /** Events that are linked to the chain when somebody reads it: most timelines are over before anybody does. */
  #unlinked: DomainEvent[] = [];
  readonly #workspace: string;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  append(events: readonly DomainEvent[]): void {
    this.#unlinked.push(...events);
  }

  page(from: number, limit: number): AuditEntry[] {
    return this.#entries().slice(from - 1, from - 1 + limit);
  }

  head(): ChainHead {
    this.#entries();
    return this.#last();
  }

  between({ from, to, after = 0 }: AuditSpan, only: EventType, limit: number): AuditEntry[] {
    return this.#entries()
      .filter(({ at, type, seq }) => at >= from && at < to && type === only && seq > after)
      .slice(0, limit);
  }

  counts({ from, to }: AuditSpan): Partial<Record<EventType, number>> {
    const counts: Partial<Record<EventType, number>> = {};
    for (const { at, type } of this.#entries()) {
      if (at >= from && at < to) counts[type] = (counts[type] ?? 0) + 1;
    }
    return counts;
  }

  latestInstant(): Instant | undefined {
    return this.#entries()
      .map(({ at }) => at)
      .sort()
      .at(-1);
  }

  #entries(): readonly AuditEntry[] {
    if (this.#unlinked.length > 0) {
      const { entries } = link(this.#last(), this.#unlinked);
      this.#unlinked = [];
      for (const entry of entries) this.#chain.push({ workspace: this.#workspace, ...entry });
    }
    return this.#chain;
  }

  #last(): ChainHead {
    const last = this.#chain.at(-1);
    return { seq: last?.seq ?? 0, hash: last?.hash ?? GENESIS_HASH };
  }
}
