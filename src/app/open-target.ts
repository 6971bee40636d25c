import type { EntitlementRef } from '../domain/entitlement.ts';
import type { Ports } from './ports/index.ts';
import { type Provider, ProviderError, type Target, type TargetCall } from './ports/provider.ts';

/**
 * The target of what was granted, at the system it was granted at. A target that left the policies, or points at another
 * system now, cannot be asked about it: retry, until somebody puts it back.
 */
export function openTarget(
  ports: Pick<Ports, 'targets' | 'policies'>,
  { target: name, system }: Pick<EntitlementRef, 'target' | 'system'>,
): { provider: Provider; target: Target } {
  const found = ports.targets.find(name);
  if (!found) {
    const why = ports.policies.rejected()?.nothingServed
      ? `the policies are broken, and with them the definition of the target ${name}; mend it`
      : `no policy file defines the target ${name} any more; put it back`;
    throw new ProviderError('retry', 'unknown-target', `${why} so that what was granted there can be taken away`);
  }
  // NB. asked about what was given elsewhere, the new system would say "gone", and a membership that it had of its own would
  // be taken away, while the old system keeps ours for ever.
  if (found.system !== system) {
    throw new ProviderError(
      'retry',
      'target-changed',
      `the target ${name} points at another system now than when this was granted; point it back so that it can be taken away`,
    );
  }
  return { provider: found.provider, target: heedingDeadlines(found.target, name) };
}

/** NB. a provider that forgets its signal must not keep a worker's place for ever: the call is given up at its deadline. */
function heedingDeadlines(target: Target, name: string): Target {
  const heeding =
    <Answer>(work: (call: TargetCall) => Promise<Answer>) =>
    (call: TargetCall): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const stop = () => reject(new ProviderError('retry', 'deadline', `${name} did not answer in time`));
        if (call.signal.aborted) return stop();
        call.signal.addEventListener('abort', stop, { once: true });
        work(call)
          .then(resolve, reject)
          .finally(() => call.signal.removeEventListener('abort', stop));
      });
  const { lastUsed } = target;
  return {
    provision: heeding((call) => target.provision(call)),
    revoke: heeding((call) => target.revoke(call)),
    inspect: heeding((call) => target.inspect(call)),
    ...(lastUsed ? { lastUsed: heeding((call) => lastUsed.call(target, call)) } : {}),
    close: () => target.close(),
  };
}
