import type { Clock, Ids } from './clock.ts';
import type { Log } from './log.ts';
import type { Messenger } from './messenger.ts';
import type { Policies } from './policies.ts';
import type { Store } from './store.ts';
import type { Targets } from './targets.ts';

/** Everything outside that a use case may touch. The composition root fills it; tests fill it with their own. */
export interface Ports {
  clock: Clock;
  ids: Ids;
  store: Store;
  policies: Policies;
  targets: Targets;
  messenger: Messenger;
  log: Log;
  /** From 0 up to but not including 1: jitter only, never a secret. */
  random(): number;
}
