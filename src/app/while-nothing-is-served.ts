import type { Milliseconds } from '../domain/instant.ts';
import type { EffectRun } from './effect-run.ts';
import type { Ports } from './ports/index.ts';
import { MessengerError } from './ports/messenger.ts';
import { ProviderError } from './ports/provider.ts';

/** How soon it is looked whether the policies were mended. */
const LOOK_AGAIN_MS: Milliseconds = 5_000;

const WHY = 'the policies are broken, so nothing can be asked, approved or given until they are mended';

/**
 * With policies that were broken at the start, what was approved is not given and nobody is asked: nobody can say whether
 * it is still allowed, or who may approve it. It waits, and does not end: a typo must not cost people what they were
 * promised. What takes away, and what tells of it, goes on.
 */
export async function waitUntilServed({ policies, store }: Ports, { stored }: EffectRun): Promise<void> {
  if (!policies.rejected()?.nothingServed) return;
  const { effect } = stored;
  if (effect.kind === 'provision') {
    // Over, it gives nothing, and must not stand in the way of its own revocation.
    if ((await store.grant(effect.grantId))?.status !== 'provisioning') return;
    throw new ProviderError('wait', 'policies-broken', WHY, LOOK_AGAIN_MS);
  }
  if (!('requestId' in effect)) return;
  const request = await store.request(effect.requestId);
  if (request?.status === 'pending') throw new MessengerError('wait', 'policies-broken', WHY, LOOK_AGAIN_MS);
}
