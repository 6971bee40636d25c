import type { Ports } from './ports/index.ts';

/**
 * What somebody edited in the outbox must not keep what is due from being done (invariant 5). What they removed is written
 * again by `healStranded`; what they made unreadable is set aside when it is claimed.
 */
export async function mendOutbox({ store, clock, log }: Pick<Ports, 'store' | 'clock' | 'log'>): Promise<void> {
  const changed = await store.mendEffects(clock.now());
  const { setAside, hastened, freed } = changed;
  if (setAside + hastened + freed === 0) return;
  log.error({ ...changed }, 'the outbox was changed by somebody else than Latchkey: what was put off is due again');
}
