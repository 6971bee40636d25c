import type { EffectFailed } from '../domain/events.ts';
import { commit } from './commit.ts';
import type { Ports } from './ports/index.ts';

/**
 * Invariant 5, also when somebody removed work from the outbox, or wrote there what cannot be read: a grant that is being
 * ended, and for one of whose entitlements no revocation is left, gets it written again. That it was missing is recorded.
 * How many grants were looked at.
 */
export async function healStranded(ports: Ports, limit: number): Promise<number> {
  if (!(await ports.store.anyStranded())) return 0;
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const stranded = await tx.strandedGrants(limit);
    for (const { grant, keys } of stranded) {
      const { workspace, id: grantId, requestId, access } = grant;
      const events = keys.map(
        (key): EffectFailed => ({
          type: 'EffectFailed',
          at: now,
          workspace,
          actor: 'latchkey',
          effectId: 'none',
          kind: 'revoke',
          code: 'effect-missing',
          sentence: 'the outbox held no readable revocation of it any more; it was written again',
          attempt: 0,
          grantId,
          requestId,
          access,
          key,
        }),
      );
      const effects = keys.map((key) => ({ kind: 'revoke' as const, grantId, key }));
      await commit(ports, tx, { workspace, now }, { grant }, { events, effects });
    }
    return stranded.length;
  });
}
