import { decideHoldEnd, type HoldEnd } from '../domain/decide-grant.ts';
import type { EffectOf } from '../domain/effects.ts';
import type { EntitlementStatus } from '../domain/entitlement.ts';
import type { GrantState, Hold } from '../domain/grant.ts';
import type { Milliseconds } from '../domain/instant.ts';
import { commit } from './commit.ts';
import { type EffectRun, finish, grantOf } from './effect-run.ts';
import { openTarget } from './open-target.ts';
import type { Ports } from './ports/index.ts';
import { ProviderError } from './ports/provider.ts';
import type { Transaction } from './ports/store.ts';
import { settlesIn } from './settling.ts';

/** While an unanswered call may still land, what it gives is taken away again within this time. */
const LOOK_AGAIN_MS: Milliseconds = 15_000;

/**
 * Ends a grant's hold on one entitlement. The permission is taken away with its last holder, unless it was standing
 * before Latchkey; and it is said to be gone only after the target was read back (invariants 5 and 6).
 */
export async function runRevoke(ports: Ports, run: EffectRun, effect: EffectOf<'revoke'>): Promise<void> {
  const grant = await grantOf(ports, run, effect.grantId);
  const hold = grant?.holds.find((one) => one.key === effect.key);
  if (!grant || !hold || grant.status !== 'revoking' || hold.status === 'taken' || hold.status === 'kept') {
    return finish(ports, run);
  }
  if (await heldByAnother(ports.store, grant, hold)) {
    // NB. not before an unanswered call of this grant has settled: it could land after the other grant's end, too.
    waitUntilSettled(ports, hold);
    // NB. nor when a third grant was said to have lost it while that call was out, and it landed since: what it gave would
    // pass for standing when the other grant begins, and would never be taken away.
    const forgotten = hold.unsettledUntil !== undefined && (await statusOf(ports, grant, hold)) === 'unheld';
    if (!forgotten && (await record(ports, run, grant, hold, 'kept-for-other-grant')) !== 'last-holder') return;
    // The other grant began to end in between: this one is the last, after all. Or it has not begun.
  }
  const end = await take(ports, run, grant, hold);
  await record(ports, run, grant, hold, end);
}

async function take(ports: Ports, run: EffectRun, grant: GrantState, hold: Hold): Promise<HoldEnd> {
  const status = await statusOf(ports, grant, hold);
  if (status === 'standing') return 'kept-standing';
  const { target } = openTarget(ports, hold);
  const call = { permission: hold.permission, account: hold.account, signal: run.signal };
  // NB. an unanswered call of ours may have landed after the last holder's end: then it is ours, whatever the state says.
  if (status === 'unheld' && hold.unsettledUntil === undefined) {
    // Giving never began, or its end was seen: if it is there, it is not ours.
    return (await target.inspect(call)) === 'present' ? 'kept-standing' : 'taken';
  }
  await target.revoke(call);
  if ((await target.inspect(call)) === 'present') {
    throw new ProviderError(
      'retry',
      'still-there',
      `${hold.account} still has ${hold.label} at ${hold.target} after it was taken away; somebody else may have given it`,
    );
  }
  // NB. a call that we gave up waiting for may still land: it is taken away now, and looked at again before saying so.
  waitUntilSettled(ports, hold);
  return 'taken';
}

function waitUntilSettled(ports: Ports, hold: Hold): void {
  const left = settlesIn(hold, ports.clock.now());
  if (left <= 0) return;
  const next = Math.min(left, LOOK_AGAIN_MS);
  throw new ProviderError('wait', 'unsettled', 'an unanswered earlier call may still arrive; looking again', next);
}

/**
 * Writes how the hold ended. `last-holder`: it cannot be kept for another grant, since there is none any more. `lost`:
 * the claim is somebody else's now, and nothing more may be done.
 */
function record(
  ports: Ports,
  run: EffectRun,
  grant: GrantState,
  hold: Hold,
  end: HoldEnd,
): Promise<'recorded' | 'last-holder' | 'lost'> {
  const held = { workspace: grant.workspace, key: hold.key };
  const ahead = { grant: grant.id, entitlement: held, holders: held };
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const other = await heldByAnother(tx, grant, hold);
    if (end === 'kept-for-other-grant' && !other) return 'last-holder';
    if (!(await tx.finishEffect(run.stored.id, run.claim, now))) return 'lost';
    const current = await tx.grant(grant.id);
    const held = current?.holds.find((one) => one.key === hold.key);
    if (!current || !held) return 'lost';
    const entitlement = await tx.entitlement(grant.workspace, hold.key);
    // NB. a grant that was approved meanwhile holds it now: it stays ours to take away, or what that grant is being given
    // could pass for standing at its end.
    const outcome = decideHoldEnd(current, held, end === 'taken' && other ? 'kept-for-other-grant' : end, now);
    await commit(ports, tx, { workspace: grant.workspace, now }, { grant: current, entitlement }, outcome);
    return 'recorded';
  }, ahead);
}

const statusOf = async ({ store }: Ports, { workspace }: GrantState, { key }: Hold): Promise<EntitlementStatus> =>
  (await store.entitlement(workspace, key))?.status ?? 'unheld';

const heldByAnother = async (read: Pick<Transaction, 'holders'>, grant: GrantState, hold: Hold): Promise<boolean> =>
  (await read.holders(grant.workspace, hold.key, grant.id)).length > 0;
