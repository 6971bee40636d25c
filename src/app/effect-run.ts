import type { GrantState } from '../domain/grant.ts';
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

/**
 * The grant that an effect is about. NB. an effect is only a hint of what to look at, for whoever can write to the database
 * can write one: what it does is judged by the committed state alone, and in no other workspace than its own.
 */
export async function grantOf(
  ports: Pick<Ports, 'store' | 'log'>,
  run: Pick<EffectRun, 'stored'>,
  id: string,
): Promise<GrantState | undefined> {
  const grant = await ports.store.grant(id);
  return grant && isOwn(ports, run, grant) ? grant : undefined;
}

/** Whether it is of the effect's own workspace. */
export function isOwn(
  { log }: Pick<Ports, 'log'>,
  { stored: { id, workspace, effect } }: Pick<EffectRun, 'stored'>,
  subject: { workspace: string },
): boolean {
  if (subject.workspace === workspace) return true;
  log.error(
    { effect: id, kind: effect.kind, workspace },
    'an effect about another workspace than its own does nothing',
  );
  return false;
}

/** Ends an effect that has nothing more to do. */
export async function finish(ports: Pick<Ports, 'store' | 'clock'>, run: EffectRun): Promise<void> {
  await ports.store.transaction((tx) => tx.finishEffect(run.stored.id, run.claim, ports.clock.now()));
}
