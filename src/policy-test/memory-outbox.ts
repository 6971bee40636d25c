import {
  type Changes,
  type FailingEffect,
  outboxSummaries,
  type Store,
  type StoredEffect,
  type Transaction,
} from '../app/ports/store.ts';
import { type Lane, laneOf, orderOf } from '../domain/effects.ts';
import type { Instant } from '../domain/instant.ts';

/** Sets a key of a table so that it can be undone. */
export type SetKey = <Value>(table: Map<string, Value>, key: string, value: Value) => void;

interface EffectRow extends StoredEffect {
  lane: Lane;
  order: string;
  runAt: Instant;
  done: boolean;
  claim?: string;
  leaseUntil?: Instant;
  failures: number;
  lastSentence?: string;
}

/** The outbox of one workspace, in memory: what is claimed, and in which order, as the port promises it. */
export class MemoryOutbox {
  readonly #rows = new Map<string, EffectRow>();

  add(set: SetKey, workspace: string, now: Instant, effects: Changes['effects']): void {
    for (const { id, effect, runAt } of effects) {
      const [lane, order] = [laneOf(effect), orderOf(effect)];
      const fresh = { attempt: 0, createdAt: now, done: false, failures: 0 };
      set(this.#rows, id, { id, workspace, effect, runAt, lane, order, ...fresh });
    }
  }

  hasten(set: SetKey, orders: readonly string[], now: Instant): void {
    for (const row of this.#rows.values()) {
      if (!row.done && orders.includes(row.order) && row.runAt > now) set(this.#rows, row.id, { ...row, runAt: now });
    }
  }

  finish(set: SetKey, id: string, claim: string): boolean {
    return this.#change(set, id, claim, (row) => ({ ...row, done: true }));
  }

  postpone(set: SetKey, ...[id, claim, runAt, failure]: Parameters<Transaction['postponeEffect']>): boolean {
    return this.#change(set, id, claim, (row) => ({
      ...row,
      runAt,
      ...(failure ? { failures: row.failures + 1, lastCode: failure.code, lastSentence: failure.sentence } : {}),
    }));
  }

  repeat(set: SetKey, ...[id, claim, { effect, runAt }, now]: Parameters<Transaction['repeatEffect']>): boolean {
    return this.#change(set, id, claim, ({ workspace, lane, order }) => ({
      ...{ id, workspace, effect, lane, order, runAt, createdAt: now },
      ...{ attempt: 0, done: false, failures: 0 },
    }));
  }

  claim(...[lane, claim, now, leaseUntil, limit, orders]: Parameters<Store['claimEffects']>): StoredEffect[] {
    const taken = new Set<string>();
    const claimed: StoredEffect[] = [];
    for (const row of this.unfinished()) {
      const first = !taken.has(row.order);
      taken.add(row.order);
      const free = row.leaseUntil === undefined || row.leaseUntil <= now;
      if (orders && !orders.includes(row.order)) continue;
      // A look of a clock that was ahead: it was set back, and nobody must miss what happens until it is there again.
      const ahead = lane === 'watch' && row.createdAt > now;
      if (!first || row.lane !== lane || (row.runAt > now && !ahead) || !free || claimed.length >= limit) continue;
      const over = row.claim === undefined ? {} : { lastCode: 'interrupted' };
      const next = { ...row, attempt: row.attempt + 1, claim, leaseUntil, ...over };
      this.#rows.set(row.id, next);
      claimed.push(next);
    }
    return claimed;
  }

  unfinished(): EffectRow[] {
    return [...this.#rows.values()].filter(({ done }) => !done).sort((a, b) => (headOf(a) < headOf(b) ? -1 : 1));
  }

  /** When each that is not done may run. */
  runTimes(): Instant[] {
    return [...this.#rows.values()].filter(({ done }) => !done).map(({ runAt }) => runAt);
  }

  summaries(now: Instant): ReturnType<typeof outboxSummaries> {
    return outboxSummaries((lane) => {
      const rows = this.unfinished().filter((row) => row.lane === lane);
      const due = rows.map(({ runAt }) => runAt).filter((runAt) => runAt <= now);
      const [oldest] = due.sort();
      return {
        depth: rows.length,
        failing: rows.filter(({ failures }) => failures > 0).length,
        ...(oldest === undefined ? {} : { oldest }),
      };
    });
  }

  failing(limit: number): FailingEffect[] {
    return this.unfinished()
      .filter(({ failures }) => failures > 0)
      .slice(0, limit)
      .map((row) => ({ ...row, lastCode: row.lastCode ?? '', lastSentence: row.lastSentence ?? '' }));
  }

  #change(set: SetKey, id: string, claim: string, change: (row: EffectRow) => EffectRow): boolean {
    const row = this.#rows.get(id);
    if (!row || row.done || row.claim !== claim) return false;
    const { claim: _claim, leaseUntil: _lease, ...rest } = change(row);
    set(this.#rows, id, rest);
    return true;
  }
}

/** What is claimed stands before what is older. */
const headOf = (row: EffectRow): string => `${row.claim === undefined ? 1 : 0} ${row.createdAt} ${row.id}`;
