import type { Ports } from './app/ports/index.ts';
import type { StoredEffect } from './app/ports/store.ts';
import { runEffect } from './app/run-effect.ts';
import { orderOf } from './domain/effects.ts';
import type { GrantState } from './domain/grant.ts';
import { between, type Milliseconds, plus } from './domain/instant.ts';

/** As the worker's, so that a process that serves takes over what this one leaves. */
const DEADLINE_MS: Milliseconds = 10_000;
const LEASE_MS: Milliseconds = 30_000;

interface Patience {
  patienceMs: Milliseconds;
  pause(): Promise<void>;
}

/**
 * Works off what gives one request's grant, beside whatever process serves or alone, until it is given, over, or patience
 * is. NB. nothing else is touched: this process does not know what live sources of the directory say, and could take
 * somebody's good approval for a lost one.
 *
 * @returns the grant as it is then.
 */
export async function giveNow(
  ports: Ports,
  requestId: string,
  { patienceMs, pause }: Patience,
): Promise<GrantState | undefined> {
  const begun = ports.clock.now();
  const grantId = (await ports.store.request(requestId))?.grantId ?? '';
  for (let turn = 0; ; turn += 1) {
    const grant = await ports.store.grant(grantId);
    if (grant?.status !== 'provisioning' || between(begun, ports.clock.now()) >= patienceMs) return grant;
    const orders = grant.holds.map(({ key }) => orderOf({ kind: 'provision', grantId, key }));
    const now = ports.clock.now();
    const claim = `${grantId}-${process.pid}-${turn}`;
    const claimed = await ports.store.claimEffects('target', claim, now, plus(now, LEASE_MS), orders.length, orders);
    await Promise.all(claimed.map((stored) => attempt(ports, stored, claim, grantId)));
    if (claimed.length === 0) await pause();
  }
}

async function attempt(ports: Ports, stored: StoredEffect, claim: string, grantId: string): Promise<void> {
  const { effect, id } = stored;
  const now = ports.clock.now();
  if (!('grantId' in effect) || effect.grantId !== grantId) {
    // Another grant of the same permission is before ours: the process that serves gives or takes it.
    await ports.store.transaction((tx) => tx.postponeEffect(id, claim, plus(now, 1_000)));
    return;
  }
  await runEffect(ports, { stored, claim, signal: AbortSignal.timeout(DEADLINE_MS), until: plus(now, DEADLINE_MS) });
}
