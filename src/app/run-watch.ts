import { decideUnused } from '../domain/decide-grant.ts';
import type { EffectOf } from '../domain/effects.ts';
import type { Hold } from '../domain/grant.ts';
import { judgeUse, type Use } from '../domain/idle.ts';
import { commitEnding } from './commit-ending.ts';
import { type EffectRun, finish, grantOf } from './effect-run.ts';
import { openTarget } from './open-target.ts';
import type { Ports } from './ports/index.ts';
import { ProviderError } from './ports/provider.ts';

/**
 * Looks whether a running grant is used, at every target that it holds something at, and ends it when none of it was used for
 * as long as its policy says. What the looks come to stays with the effect, which comes round again; that it ended so is an
 * event like any other. NB. without an answer from every target nothing is known, and nothing ends. Should the effect be lost,
 * the grant lasts until its end, as one without this rule.
 */
export async function runWatch(ports: Ports, run: EffectRun, effect: EffectOf<'watch'>): Promise<void> {
  const grant = await grantOf(ports, run, effect.grantId);
  if (grant?.status !== 'active' || !grant.idle) return finish(ports, run);
  const askedAt = ports.clock.now();
  const told = await Promise.all(grant.holds.map((hold) => lastUse(ports, run, hold)));
  await ports.store.transaction(
    async (tx) => {
      const now = ports.clock.now();
      const { id } = run.stored;
      const current = await tx.grant(grant.id);
      if (current?.status !== 'active') return void (await tx.finishEffect(id, run.claim, now));
      const judged = judgeUse(current, effect, told, { askedAt, now });
      if (!('unusedSince' in judged)) {
        const { nextAt, ...watched } = judged;
        return void (await tx.repeatEffect(id, run.claim, { effect: { ...effect, ...watched }, runAt: nextAt }, now));
      }
      if (!(await tx.finishEffect(id, run.claim, now))) return;
      await commitEnding(ports, tx, current, decideUnused(current, judged.unusedSince, now), now);
    },
    { grant: grant.id },
  );
}

async function lastUse(ports: Ports, { signal }: EffectRun, { target: name, ...hold }: Hold): Promise<Use> {
  const { target } = openTarget(ports, { target: name, system: hold.system });
  if (!target.lastUsed)
    throw new ProviderError('give-up', 'cannot-tell-use', `${name} cannot tell when ${hold.label} was used last`);
  return target.lastUsed({ permission: hold.permission, account: hold.account, signal });
}
