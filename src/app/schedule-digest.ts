import { localTime, shiftDate } from '../domain/local-time.ts';
import type { Ports } from './ports/index.ts';

/**
 * Writes the digest's effect when its local time has come on one of its days: once a date, whatever the number of
 * processes, and one digest for all the days of a longer stop. A new workspace starts with the next date.
 */
export async function scheduleDigest(ports: Ports): Promise<void> {
  const { digest, timezone } = ports.policies.current().settings;
  if (!digest) return;
  const now = ports.clock.now();
  const local = localTime(now, timezone);
  const reached = local.time >= digest.at;
  if (!reached || !digest.days.includes(local.weekday)) return;
  for (const workspace of await ports.store.workspaces()) {
    await ports.store.transaction(async (tx) => {
      const last = await tx.lastDigest(workspace);
      // NB. not "different": a clock or zone that moves back must not post a date again (invariant 11).
      if (last && last.date >= local.date) return;
      await tx.recordDigest(workspace, local.date, now);
      if (!last) return;
      const effect = { kind: 'digest' as const, date: local.date, from: last.to, to: now };
      await tx.write(workspace, now, { events: [], effects: [{ id: ports.ids.next('eff'), effect, runAt: now }] });
    });
  }
}

/** Called once a workspace is known: digests cover what happens from then on. */
export async function beginDigests(ports: Ports, workspace: string): Promise<void> {
  const { digest, timezone } = ports.policies.current().settings;
  if (!digest) return;
  await ports.store.transaction(async (tx) => {
    if (await tx.lastDigest(workspace)) return;
    const now = ports.clock.now();
    const local = localTime(now, timezone);
    const date = local.time >= digest.at ? local.date : shiftDate(local.date, -1);
    await tx.recordDigest(workspace, date, now);
  });
}
