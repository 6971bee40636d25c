import type { Instant } from '../domain/instant.ts';
import type { Ports } from './ports/index.ts';
import type { StoredEffect } from './ports/store.ts';

/** One attempt at one claimed effect. */
export interface EffectRun {
  stored: StoredEffect;
  /** Proof of the claim: when the lease is over and another process took it, nothing more is recorded. */
  claim: string;
  /** Fires at the attempt's deadline, which lies before the end of the lease. */
  signal: AbortSignal;
  /** The deadline by the Clock port: a process that was stopped for a while wakes before its timers do. */
  until: Instant;
  /** Set before the first change at a target: from then on a failure may be a change whose answer was lost. */
  changing?: boolean;
}

/** Ends an effect that has nothing more to do. */
export async function finish(ports: Pick<Ports, 'store' | 'clock'>, run: EffectRun): Promise<void> {
  await ports.store.transaction((tx) => tx.finishEffect(run.stored.id, run.claim, ports.clock.now()));
}
