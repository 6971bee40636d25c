import { type CastVote, decideVote } from '../domain/decide-vote.ts';
import { type Decided, refuse } from '../domain/decision.ts';
import type { RequestState } from '../domain/request.ts';
import { gapNote, type PolicySet } from '../policy/index.ts';
import { type Answered, answer } from './answer.ts';
import { approvalContext } from './approval-context.ts';
import { commit } from './commit.ts';
import { delegationsFor } from './delegations.ts';
import { type Caller, personOf, unknownPerson } from './people.ts';
import type { Ports } from './ports/index.ts';
import { requestFacts } from './request-facts.ts';

export interface Voted {
  requestId: string;
  verdict: CastVote['verdict'];
  reason?: string;
}

/**
 * Somebody presses Approve or Deny. Everything but the click's four facts is read anew inside the transaction
 * (invariants 1, 2, 3 and 10), so five identical clicks or two approvers at once end as they would one after another.
 */
export function vote(ports: Ports, caller: Caller, voted: Voted): Promise<Answered> {
  const { clock, policies, store } = ports;
  return store.transaction(async (tx) => {
    const now = clock.now();
    const found = await tx.request(voted.requestId);
    // NB. a request of another workspace is as unknown as one that never was, so ids cannot be probed.
    const request = found?.workspace === caller.workspace ? found : undefined;
    return answer(ports, tx, caller, { command: 'vote', now, request }, async () => {
      if (!request) return refuse('unknown-request', 'I know no such request in this workspace.');
      const voter = personOf(policies.current().directory, caller.slack);
      if (!voter) return refuse('unknown-person', unknownPerson(policies.current().directory));
      const { verdict, reason } = voted;
      // Read here, so that the approval of an extension and the end of its access cannot pass each other.
      const grant = request.extension && (await tx.grant(request.extension.grantId));
      const delegations = await delegationsFor(tx, request.workspace, request, now);
      const decided: Decided = decideVote(
        request,
        { voter, verdict, ...(reason === undefined ? {} : { reason }) },
        requestFacts(ports, request, now, grant, delegations),
      );
      if (!decided.ok) return explained(decided, request, policies.current());
      await commit(ports, tx, { workspace: request.workspace, now }, { request, grant }, decided);
      return decided;
    });
  });
}

/** Somebody who is no approver only because nobody knows who is in a group now is told so. */
function explained(decided: Decided & { ok: false }, request: RequestState, policies: PolicySet): Decided {
  const { refusal } = decided;
  if (refusal.code !== 'not-an-approver') return decided;
  const approvers = request.flow.steps.flatMap((step) => step.approvers);
  const note = gapNote(policies, approvers, approvalContext(request).targets);
  return { ok: false, refusal: { ...refusal, sentence: `${refusal.sentence}${note}` } };
}
