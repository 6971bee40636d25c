import { randomUUID } from 'node:crypto';
import type { EffectRun } from '../app/effect-run.ts';
import type { Ports } from '../app/ports/index.ts';
import type { Log } from '../app/ports/log.ts';
import type { NewEffect, StoredEffect } from '../app/ports/store.ts';
import { type Lane, laneOf } from '../domain/effects.ts';
import { type Instant, type Milliseconds, plus } from '../domain/instant.ts';

/** An attempt may take this long; then its signal fires. */
const DEADLINE_MS: Milliseconds = 10_000;
/** A claim holds this long. It is well over the deadline, so that a live attempt never shares its effect. */
const LEASE_MS: Milliseconds = 30_000;

export interface LaneSettings {
  lane: Lane;
  /** Attempts under way at once. */
  concurrency: number;
}

/**
 * Works off one lane of the outbox: claim, attempt, claim again, until nothing is due. It sleeps until it is woken, by a
 * commit in this process or by the tick. What a killed process had claimed is claimed anew when its lease is over.
 */
export class Worker {
  readonly #ports: Pick<Ports, 'store' | 'clock' | 'log'>;
  readonly #settings: LaneSettings;
  readonly #run: (run: EffectRun) => Promise<void>;
  readonly #log: Log;
  readonly #running = new Set<Promise<void>>();
  #loop: Promise<void> | undefined;
  #again = false;
  #onWake: (() => void) | undefined;
  #stopping = false;

  constructor(
    ports: Pick<Ports, 'store' | 'clock' | 'log'>,
    settings: LaneSettings,
    run: (run: EffectRun) => Promise<void>,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#run = run;
    this.#log = ports.log;
  }

  get lane(): Lane {
    return this.#settings.lane;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#stopping) return;
    this.#again = true;
    this.#onWake?.();
    this.#loop ??= this.#drain().finally(() => {
      this.#loop = undefined;
      if (this.#again) this.wake();
    });
  }

  /** Resolves when nothing is claimed or running: what was due is done, or waits for its next attempt. */
  async idle(): Promise<void> {
    while (this.#loop || this.#running.size > 0) await Promise.all([this.#loop, ...this.#running]);
  }

  /** Claims nothing more and waits for the attempts under way; each has its own deadline. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#again = false;
    this.#onWake?.();
    await this.idle();
  }

  /** Resolves with the next wake-up. */
  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#onWake = resolve;
    });
  }

  async #drain(): Promise<void> {
    const { concurrency, lane } = this.#settings;
    while (this.#again && !this.#stopping) {
      try {
        for (;;) {
          const free = concurrency - this.#running.size;
          if (free <= 0) {
            await Promise.race(this.#running);
            continue;
          }
          // What wakes us while we look may be something that this look does not see yet.
          this.#again = false;
          const claimed = this.#stopping ? 0 : await this.#claim(lane, free);
          // With fewer than there was room for, nothing more is due: no second look to be told so.
          if (claimed < free && !this.#again) {
            if (this.#running.size === 0 || this.#stopping) break;
            // An attempt that ends may have freed the next effect of its order, and a commit may bring one of another:
            // a target that hangs until its deadline must not hold up the rest.
            await Promise.race([...this.#running, this.#woken()]);
          }
        }
      } catch (error) {
        // The database cannot be used: the next tick wakes us again, also while an attempt hangs.
        this.#log.error({ lane, err: error }, 'the outbox could not be read');
      }
    }
  }

  async #claim(lane: Lane, limit: number): Promise<number> {
    const { store, clock } = this.#ports;
    const claim = randomUUID();
    const now = clock.now();
    const claimed = await store.claimEffects(lane, claim, now, plus(now, LEASE_MS), limit);
    for (const stored of claimed) {
      const attempt = this.#attempt(stored, claim, plus(now, DEADLINE_MS)).finally(() => this.#running.delete(attempt));
      this.#running.add(attempt);
    }
    return claimed.length;
  }

  async #attempt(stored: StoredEffect, claim: string, until: Instant): Promise<void> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), DEADLINE_MS);
    try {
      await this.#run({ stored, claim, signal: deadline.signal, until });
    } catch (error) {
      this.#log.error(
        { effect: stored.id, kind: stored.effect.kind, err: error },
        'an attempt could not be recorded; its lease runs out',
      );
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Wakes those whose lanes have something new: looking costs the database, for nothing in the other lane. */
export function wakeFor(effects: readonly NewEffect[], workers: readonly Worker[]): void {
  const lanes = new Set(effects.map(({ effect }) => laneOf(effect)));
  for (const worker of workers) if (lanes.has(worker.lane)) worker.wake();
}
