import { ProviderError, type Use } from '../../app/ports/provider.ts';
import type { Run } from './connections.ts';

interface Session {
  /** False where the server shows only that there is a session. */
  visible: boolean;
  state: string | null;
  /** Since it is in this state. */
  forMs: number | null;
}

/**
 * What the open sessions of the account tell, in every database of the cluster: Postgres remembers none that is closed, so
 * it knows of this moment only. It is use of the account, whichever of its roles that needs. NB. in use is all but a session
 * that waits for its next transaction: an open transaction is work that somebody means to finish, however long they think.
 */
export async function lastUseBy(run: Run, account: string, target: string): Promise<Use> {
  const sessions = await run<Session>(
    `SELECT backend_start IS NOT NULL AS visible, state,
            (extract(epoch FROM clock_timestamp() - state_change) * 1000)::float8 AS "forMs"
       FROM pg_stat_activity
      WHERE usename = $1 AND coalesce(backend_type, 'client backend') IN ('client backend', 'walsender')`,
    [account],
  );
  if (sessions.some(inUse)) return { usedMsAgo: 0, knownMs: 0 };
  if (sessions.some(({ visible }) => !visible)) {
    throw new ProviderError(
      'give-up',
      'may-not-see-sessions',
      `${target} does not show what the sessions of ${account} do: Latchkey's login needs the role pg_read_all_stats.`,
    );
  }
  if (sessions.some(({ state }) => state === 'disabled')) {
    throw new ProviderError(
      'give-up',
      'activities-not-tracked',
      `${target} does not track what the sessions of ${account} do: its setting track_activities is off.`,
    );
  }
  if (sessions.length === 0) return { knownMs: 0 };
  return { usedMsAgo: Math.max(0, Math.min(...sessions.map(({ forMs }) => forMs ?? 0))), knownMs: 0 };
}

const inUse = ({ visible, state }: Session): boolean => visible && state !== 'idle' && state !== 'disabled';
