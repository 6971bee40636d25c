import type { EffectRun } from './effect-run.ts';
import type { Ports } from './ports/index.ts';
import { recordFailure } from './record-failure.ts';
import { runProvision } from './run-provision.ts';
import { runRevoke } from './run-revoke.ts';
import {
  runAlarm,
  runAnnounce,
  runDigest,
  runRefresh,
  runStory,
  runTellDelegation,
  runTellRequester,
} from './run-slack-effect.ts';
import { runWatch } from './run-watch.ts';
import { waitUntilServed } from './while-nothing-is-served.ts';

class UnknownEffect extends Error {
  override readonly name = 'UnknownEffect';
}

/**
 * One attempt at one claimed effect. It ends the effect, or gives it back with the time of the next attempt; a failure
 * is recorded, never thrown. Throws only when the database cannot be used: then the lease runs out and it is claimed
 * again.
 */
export async function runEffect(ports: Ports, run: EffectRun): Promise<void> {
  try {
    await waitUntilServed(ports, run);
    await attempt(ports, run);
  } catch (error) {
    await recordFailure(ports, run, error);
  }
}

function attempt(ports: Ports, run: EffectRun): Promise<void> {
  const { effect } = run.stored;
  switch (effect.kind) {
    case 'provision':
      return runProvision(ports, run, effect);
    case 'revoke':
      return runRevoke(ports, run, effect);
    case 'watch':
      return runWatch(ports, run, effect);
    case 'announce':
      return runAnnounce(ports, run, effect);
    case 'refresh':
      return runRefresh(ports, run, effect);
    case 'story':
      return runStory(ports, run, effect);
    case 'tell-requester':
      return runTellRequester(ports, run, effect);
    case 'alarm':
      return runAlarm(ports, run, effect);
    case 'tell-delegation':
      return runTellDelegation(ports, run, effect);
    case 'digest':
      return runDigest(ports, run, effect);
    default:
      // Of a newer version, during an upgrade: given back, and tried until a process that knows it comes by.
      throw new UnknownEffect(effect satisfies never);
  }
}
