import { type CloseReview, decideReview } from '../domain/decide-emergency.ts';
import { refuse } from '../domain/decision.ts';
import { type Answered, answer } from './answer.ts';
import { commit } from './commit.ts';
import { type Caller, personOf, unknownPerson } from './people.ts';
import type { Ports } from './ports/index.ts';
import { requestFacts } from './request-facts.ts';

export type Reviewed = Pick<CloseReview, 'verdict' | 'note'> & { requestId: string };

/** Somebody looked at an emergency afterwards, and says what they found: once. */
export function reviewEmergency(ports: Ports, caller: Caller, { requestId, ...found }: Reviewed): Promise<Answered> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const stored = await tx.request(requestId);
    // NB. of another workspace is as unknown as one that never was.
    const request = stored?.workspace === caller.workspace ? stored : undefined;
    return answer(ports, tx, caller, { command: 'review', now, request }, async () => {
      if (!request) return refuse('unknown-request', 'I know no such request in this workspace.');
      const by = personOf(ports.policies.current().directory, caller.slack);
      if (!by) return refuse('unknown-person', unknownPerson(ports.policies.current().directory));
      const decided = decideReview(request, { by, ...found }, requestFacts(ports, request, now));
      if (decided.ok) await commit(ports, tx, { workspace: request.workspace, now }, { request }, decided);
      return decided;
    });
  });
}
