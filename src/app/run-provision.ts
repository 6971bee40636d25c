import { currentlyAllowed } from '../domain/approve.ts';
import { decideBaseline, decideFailure, decideGiven } from '../domain/decide-grant.ts';
import type { EffectOf } from '../domain/effects.ts';
import type { EntitlementState } from '../domain/entitlement.ts';
import type { EffectFailed } from '../domain/events.ts';
import type { GrantState, Hold } from '../domain/grant.ts';
import { plus } from '../domain/instant.ts';
import { commit } from './commit.ts';
import { type EffectRun, finish, grantOf } from './effect-run.ts';
import { openTarget } from './open-target.ts';
import type { Ports } from './ports/index.ts';
import { ProviderError } from './ports/provider.ts';
import { storable } from './record-failure.ts';
import { requestFacts } from './request-facts.ts';
import { SETTLE_MS } from './settling.ts';

/**
 * Gives one entitlement of a grant: allowed still? → was it there before? (written down first) → give → read back.
 * Safe to run again after a crash at any line.
 */
export async function runProvision(ports: Ports, run: EffectRun, effect: EffectOf<'provision'>): Promise<void> {
  await noteInterruption(ports, run, effect);
  try {
    await give(ports, run, effect);
  } catch (error) {
    if (!(error instanceof ProviderError) || error.kind !== 'give-up') throw error;
    await endInstead(ports, run, effect.grantId, 'failed', storable(error.message));
    throw error;
  }
}

/**
 * NB. a process that is killed in the middle of giving writes nothing down, and its call may still land, even after this
 * grant's end. Whoever takes the effect over writes down that it is unsettled.
 */
async function noteInterruption(ports: Ports, run: EffectRun, effect: EffectOf<'provision'>): Promise<void> {
  const { attempt, lastCode, id, workspace } = run.stored;
  if (lastCode !== 'interrupted') return;
  const { grant, hold } = await asItIs(ports, run, effect);
  if (!grant || hold?.status !== 'pending') return;
  if ((await ports.store.entitlement(workspace, hold.key))?.status !== 'ours') return;
  await ports.store.transaction(async (tx) => {
    const current = await tx.grant(grant.id);
    if (!current) return;
    const now = ports.clock.now();
    const event: EffectFailed = {
      type: 'EffectFailed',
      at: now,
      workspace,
      actor: 'latchkey',
      effectId: id,
      kind: 'provision',
      code: 'interrupted',
      sentence: 'an earlier attempt was cut off before it could say how it ended',
      attempt: attempt - 1,
      grantId: grant.id,
      requestId: grant.requestId,
      access: grant.access,
      key: hold.key,
      unsettledUntil: plus(now, SETTLE_MS),
    };
    await commit(ports, tx, { workspace, now }, { grant: current }, { events: [event], effects: [] });
  });
}

async function asItIs(ports: Ports, run: EffectRun, { grantId, key }: EffectOf<'provision'>) {
  const grant = await grantOf(ports, run, grantId);
  return { grant, hold: grant?.holds.find((one) => one.key === key) };
}

/** What is to be given, as it is now. When nothing is, or the policies of now refuse it, the effect is over. */
async function stillWanted(
  ports: Ports,
  run: EffectRun,
  effect: EffectOf<'provision'>,
): Promise<{ grant: GrantState; hold: Hold } | undefined> {
  const { grant, hold } = await asItIs(ports, run, effect);
  const pending = grant?.status === 'provisioning' && hold?.status === 'pending';
  // Over, ending, or due to end: the revocation that follows in this entitlement's order looks for itself.
  if (!pending || ports.clock.now() >= grant.endsAt) {
    await finish(ports, run);
    return undefined;
  }
  const refusal = await refusedMeanwhile(ports, grant);
  if (refusal === undefined) return { grant, hold };
  await endInstead(ports, run, grant.id, 'policy', refusal);
  return undefined;
}

/** Invariants 1 and 3: the votes must still count and the current policies still allow it, right before giving. */
async function refusedMeanwhile(ports: Ports, grant: GrantState): Promise<string | undefined> {
  const request = await ports.store.request(grant.requestId);
  if (!request) return 'The request behind this grant is missing.';
  // As of the approval: what changed since are the policies, not the hour. A target that was down until after office hours
  // must not turn an approval that was right into one that is not.
  const facts = requestFacts(ports, request, grant.approvedAt);
  const allowed = currentlyAllowed(request, request.votes, facts);
  return allowed.ok ? undefined : allowed.refusal.sentence;
}

async function give(ports: Ports, run: EffectRun, effect: EffectOf<'provision'>): Promise<void> {
  const wanted = await stillWanted(ports, run, effect);
  if (!wanted) return;
  const { grant, hold } = wanted;
  const { target } = openTarget(ports, hold);
  const call = { permission: hold.permission, account: hold.account, signal: run.signal };
  let seen: 'present' | 'absent' | undefined;
  const before = await ports.store.entitlement(grant.workspace, hold.key);
  let status = before?.status ?? 'unheld';
  if (status !== 'ours') {
    seen = await target.inspect(call);
    const observed = seen === 'present' ? 'standing' : 'ours';
    // NB. committed before the first change: after a crash our own change must not pass for one that was there before,
    // or it would never be taken away.
    if (observed !== status) await recordBaseline(ports, grant.id, hold.key, before, observed === 'standing');
    status = observed;
    // NB. the target may take as long to answer as an attempt lasts. Whoever left a group, tightened a policy or ended it
    // meanwhile did so before anything was given, and is heeded (invariants 1, 3 and 4).
    if (!(await stillWanted(ports, run, effect))) return;
  }
  if (status === 'ours') {
    // NB. after a long stop of the process this entitlement may be somebody else's turn, or its grant long over.
    if (ports.clock.now() >= run.until)
      throw new ProviderError('retry', 'too-late', 'the attempt took too long to begin');
    run.changing = true;
    await target.provision(call);
    seen = await target.inspect(call);
  }
  // Invariant 6: accepted is not given.
  if (seen !== 'present') {
    throw new ProviderError(
      'retry',
      'not-seen',
      `${hold.target} accepted the change, but ${hold.label} is not there yet`,
    );
  }
  await ports.store.transaction(
    async (tx) => {
      const now = ports.clock.now();
      if (!(await tx.finishEffect(run.stored.id, run.claim, now))) return;
      const current = await tx.grant(grant.id);
      const held = current?.holds.find((one) => one.key === hold.key);
      if (!current || !held) return;
      const outcome = decideGiven(current, held, status === 'standing', now);
      await commit(ports, tx, { workspace: grant.workspace, now }, { grant: current }, outcome);
    },
    { grant: grant.id },
  );
}

async function recordBaseline(
  ports: Ports,
  grantId: string,
  key: string,
  before: EntitlementState | undefined,
  standing: boolean,
): Promise<void> {
  await ports.store.transaction(
    async (tx) => {
      const grant = await tx.grant(grantId);
      const hold = grant?.holds.find((one) => one.key === key);
      if (!grant || !hold) return;
      const now = ports.clock.now();
      const entitlement = await tx.entitlement(grant.workspace, key);
      // NB. what was seen holds only for the state it was seen in: an attempt that slept past its lease must not take what
      // the next attempt gave for something that was there before. It would never be taken away.
      if (entitlement?.version !== before?.version) {
        throw new ProviderError('retry', 'changed-meanwhile', 'another attempt at the same entitlement was faster');
      }
      await commit(
        ports,
        tx,
        { workspace: grant.workspace, now },
        { grant, entitlement },
        decideBaseline(grant, hold, standing, now),
      );
    },
    { grant: grantId, ...(before ? { entitlement: { workspace: before.workspace, key } } : {}) },
  );
}

async function endInstead(
  ports: Ports,
  run: EffectRun,
  grantId: string,
  reason: 'failed' | 'policy',
  failure: string,
): Promise<void> {
  await ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    if (!(await tx.finishEffect(run.stored.id, run.claim, now))) return;
    const grant = await tx.grant(grantId);
    if (!grant) return;
    await commit(ports, tx, { workspace: grant.workspace, now }, { grant }, decideFailure(grant, reason, failure, now));
  });
}
