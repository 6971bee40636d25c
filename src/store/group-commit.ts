import { type Ahead, type Committed, StaleWrite, type Transaction } from '../app/ports/store.ts';
import { meaningOf, type Provider } from './errors.ts';
import type { Session } from './session.ts';
import type { Sql } from './sql.ts';

/** One caller's work and how to answer them. */
interface Waiting {
  work: (session: Session) => Promise<unknown>;
  ahead?: Ahead | undefined;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

type Outcome = { value: unknown } | { error: unknown };

export interface GroupCommitOptions {
  provider: Provider;
  /** Group transactions at once. */
  concurrency: number;
  /** Runs `body` in one database transaction. Resolves when it is committed, rejects when it is rolled back. */
  transact: (alone: boolean, body: (session: Session) => Promise<void>) => Promise<void>;
  committed: (committed: readonly Committed[]) => void;
  /** Turns a database error into what callers are told. */
  forCallers: (error: unknown) => unknown;
}

/** Most units in one database transaction: bounds how long the first of them waits. */
const MOST_UNITS = 64;
/** How often a unit alone is tried again after a stale write. */
const MOST_TRIES = 10;

/**
 * Runs units of work in shared database transactions. What arrives while a transaction is running waits and goes into
 * the next one together: one commit, one sync of the disk, one turn at the audit chain's head for all of them. When a
 * unit fails, the transaction is undone and each of its units runs again in one of its own, in order, so that a unit's
 * failure is only ever its own.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #queue: Waiting[] = [];
  #running = 0;
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Runs a unit of work. */
  run<T>(work: (tx: Transaction) => Promise<T>, ahead?: Ahead): Promise<T> {
    return this.#enqueue((session) => session.run(work), ahead);
  }

  /** Runs the store's own statements in a transaction, in turn with the units. */
  runRaw<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#enqueue((session) => session.runRaw(work));
  }

  #enqueue<T>(work: (session: Session) => Promise<T>, ahead?: Ahead): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('The store is closed.'));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, ahead, resolve: resolve as (value: unknown) => void, reject });
      this.#start();
    });
  }

  /** Takes no more work; resolves when what there is has been answered. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#running > 0 || this.#queue.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #start(): void {
    while (this.#running < this.#options.concurrency && this.#queue.length > 0) {
      this.#running++;
      void this.#work();
    }
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      // What arrives in this turn of the event loop goes into the group together. NB. and without this pause a busy process
      // would hold SQLite's one write lock for ever against other processes.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#group(this.#queue.splice(0, MOST_UNITS));
    }
    this.#running--;
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #group(units: readonly Waiting[]): Promise<void> {
    if (units.length > 1) {
      try {
        this.#answer(units, await this.#attempt(units, false));
        return;
      } catch {
        // Whoever's fault it was, it shows again, to them alone, below.
      }
    }
    for (const unit of units) {
      try {
        this.#answer([unit], await this.#alone(unit));
      } catch (error) {
        unit.reject(this.#options.forCallers(error));
      }
    }
  }

  async #alone(unit: Waiting): Promise<Attempt> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#attempt([unit], true);
      } catch (error) {
        if (tries >= MOST_TRIES || meaningOf(error, this.#options.provider) !== 'stale') throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** Math.min(tries, 6)));
      }
    }
  }

  /** One database transaction. Outcomes are told only after its commit: a refusal may rest on what another unit wrote. */
  async #attempt(units: readonly Waiting[], alone: boolean): Promise<Attempt> {
    let outcomes: Outcome[] = [];
    let committed: readonly Committed[] = [];
    await this.#options.transact(alone, async (session) => {
      outcomes = [];
      if (!alone) await session.readAhead(units.flatMap(({ ahead }) => (ahead ? [ahead] : [])));
      for (const { work } of units) {
        const before = session.changes;
        try {
          outcomes.push({ value: await work(session) });
        } catch (error) {
          // What threw before it changed anything needs no undoing, unless the database itself had an error.
          const own = meaningOf(error, this.#options.provider) === undefined && !session.failed;
          if (!own || session.changes > before) throw error;
          outcomes.push({ error });
        }
      }
      await session.finish();
      committed = session.committed;
    });
    return { outcomes, committed };
  }

  #answer(units: readonly Waiting[], { outcomes, committed }: Attempt): void {
    if (committed.length > 0) this.#options.committed(committed);
    for (const [index, unit] of units.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) unit.reject(new StaleWrite('The unit of work was not run.'));
      else if ('error' in outcome) unit.reject(outcome.error);
      else unit.resolve(outcome.value);
    }
  }
}

interface Attempt {
  outcomes: readonly Outcome[];
  committed: readonly Committed[];
}
