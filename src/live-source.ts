import { isDeepStrictEqual } from 'node:util';
import type { Clock } from './app/ports/clock.ts';
import { SourceError } from './app/ports/live-sources.ts';
import type { Log } from './app/ports/log.ts';
import { epochMs, type Milliseconds } from './domain/instant.ts';
import type { Reading } from './policy/index.ts';

/** One attempt may take this long: a large directory has many pages. */
const DEADLINE_MS: Milliseconds = 120_000;
/** After a failure: this, then twice as long each time, and never longer than the source's own period. */
const FIRST_RETRY_MS: Milliseconds = 5_000;

interface Options<T> {
  /** `Slack user group S0123DBA`. */
  name: string;
  read(signal: AbortSignal): Promise<T>;
  /** How long from one reading to the next. */
  every(): Milliseconds;
  clock: Clock;
  log: Log;
}

/** One live source: when it is read next, and what it said. */
export class LiveSource<T> {
  readonly #options: Options<T>;
  readonly #stop = new AbortController();
  #reading: Reading<T> = {};
  #dueAt = 0;
  #failures = 0;
  #changes = 0;
  #loggedCode: string | undefined;

  constructor(options: Options<T>) {
    this.#options = options;
  }

  get reading(): Reading<T> {
    return this.#reading;
  }

  /** Epoch milliseconds of the clock. */
  get dueAt(): Milliseconds {
    return this.#dueAt;
  }

  /** Whether it was read, or could not be, at least once. */
  get tried(): boolean {
    return this.#reading.last !== undefined || this.#reading.failure !== undefined;
  }

  /** The source says that it is not any more what it said last: it is read at once. */
  changed(): void {
    this.#changes += 1;
    this.#dueAt = 0;
    // The first change counts: a source that changes every second must not put off the end of what it said before.
    this.#reading = { ...this.#reading, changedAt: this.#reading.changedAt ?? this.#options.clock.now() };
  }

  /** Reads it. Tells whether what is known is different now, and for how long the source wants to be left alone. */
  async read(): Promise<{ different: boolean; waitMs: Milliseconds }> {
    const { clock } = this.#options;
    // NB. as of when it was asked: what changed while the answer was on its way may be missing in it.
    const asOf = clock.now();
    const changes = this.#changes;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(DEADLINE_MS)]);
    try {
      const value = await this.#options.read(signal);
      const before = this.#reading;
      const changedMeanwhile = this.#changes !== changes;
      this.#reading = { last: { asOf, value }, ...(changedMeanwhile ? { changedAt: asOf } : {}) };
      this.#dueAt = changedMeanwhile ? 0 : epochMs(asOf) + this.#options.every();
      this.#recovered();
      const same = !before.failure && !before.changedAt && isDeepStrictEqual(before.last?.value, value);
      return { different: !same, waitMs: 0 };
    } catch (error) {
      if (this.#stop.signal.aborted) return { different: false, waitMs: 0 };
      return { different: true, waitMs: this.#failed(error) };
    }
  }

  /** Ends a reading under way; none is begun any more. */
  stop(): void {
    this.#stop.abort();
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #failed(error: unknown): Milliseconds {
    const { name, every, clock, log } = this.#options;
    const known =
      error instanceof SourceError ? error : new SourceError('failed', 'it could not be read: the log says why');
    if (known !== error) log.error({ source: name, err: error }, 'a live source failed in an unexpected way');
    this.#reading = { ...this.#reading, failure: { sentence: known.message, final: known.final } };
    const backoff = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 20), every());
    this.#failures += 1;
    const waitMs = known.retryAfterMs ?? 0;
    this.#dueAt = epochMs(clock.now()) + Math.max(waitMs, known.retryAfterMs === undefined ? backoff : 0);
    if (known.code !== this.#loggedCode) {
      log.warn({ source: name, code: known.code }, `${name} cannot be read: ${known.message}`);
      this.#loggedCode = known.code;
    }
    return waitMs;
  }

  #recovered(): void {
    this.#failures = 0;
    if (this.#loggedCode === undefined) return;
    this.#options.log.info({ source: this.#options.name }, `${this.#options.name} can be read again`);
    this.#loggedCode = undefined;
  }
}
