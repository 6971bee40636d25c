import { ProviderError } from '../../app/ports/provider.ts';
import type { Run } from './connections.ts';

const WAIT_MS = 5_000;

/**
 * Ends the sessions that logged in as the account (in every database of the cluster) and sees them gone. Sessions of
 * others that have run `SET ROLE account` stay: they are not its own. So do ours, should somebody name our own login.
 */
export async function endSessions(run: Run, account: string, target: string): Promise<void> {
  const sessions = await run<{ key: string }>(
    `SELECT pid || ' ' || coalesce(backend_start::text, '') AS key, pg_terminate_backend(pid)
       FROM pg_stat_activity
      WHERE usename = $1 AND usename <> session_user
        AND coalesce(backend_type, 'client backend') IN ('client backend', 'walsender')`,
    [account],
  );
  if (sessions.length === 0) return;
  const keys = sessions.map(({ key }) => key);
  // Postgres shows one picture of its sessions to a whole transaction unless told otherwise.
  await run('SELECT pg_stat_clear_snapshot()');
  await run(`SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity WHERE ${SAME} = ANY ($1)`, [keys, WAIT_MS]);
  await run('SELECT pg_stat_clear_snapshot()');
  const left = await run(`SELECT 1 FROM pg_stat_activity WHERE ${SAME} = ANY ($1)`, [keys]);
  if (left.length > 0) {
    throw new ProviderError(
      'retry',
      'sessions-open',
      `${target} still has ${left.length} open sessions of ${account}.`,
    );
  }
}

/** The same session, not a later one with the process id of an old one. */
const SAME = "pid || ' ' || coalesce(backend_start::text, '')";
