import type { DomainEvent } from '../domain/events.ts';
import { commit } from './commit.ts';
import type { Ports } from './ports/index.ts';

type Loaded = { ok: true } | { ok: false; problems: readonly string[] };

/**
 * Records which policies came into force, or that a change was refused, so that the log tells under which rules every
 * decision was made. The same revision is not recorded twice in a row by one process.
 */
export async function recordPolicies(ports: Ports, workspace: string, loaded: Loaded): Promise<void> {
  const { revision, accesses, actions } = ports.policies.current();
  await ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const base = { at: now, workspace, actor: 'latchkey' };
    const event: DomainEvent = loaded.ok
      ? { ...base, type: 'PoliciesLoaded', policy: revision, accesses: accesses.size, actions: actions.size }
      : { ...base, type: 'PoliciesRejected', problems: loaded.problems.length, first: loaded.problems[0] ?? '' };
    await commit(ports, tx, { workspace, now }, {}, { events: [event], effects: [] });
  });
}
