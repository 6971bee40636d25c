import type { RequestState, Step, Vote } from '../../src/domain/request.ts';
import type { PolicySet } from '../../src/policy/index.ts';

/**
 * What a request lacks to be given now; undefined: nothing. Written without the product’s own tally: seats by hand, from the
 * votes and the groups of now. Knows no more of the language than the worlds of the stories have.
 */
export function lacking(
  request: RequestState,
  { directory, accesses }: PolicySet,
  escalated: (step: number) => boolean,
): string | undefined {
  const { requester, durationMs, flow, votes, entitlements } = request;
  const now = accesses.get(request.access);
  if (!now || now.duration.maxMs < durationMs) return 'it is given for less time now';
  const known = (one: string) => directory.byEmail(one)?.disabled === false;
  const asks = now.requesters.some((one) =>
    one.kind === 'group'
      ? directory.isMember(requester.email, one.name)
      : one.kind === 'user' && one.email === requester.email,
  );
  if (!asks || !known(requester.email)) return 'who asked may not ask now';
  const listed = now.grants.map(({ target, permission: { role } }) => `${target} ${role}`);
  if (!entitlements.every(({ target, permission: { role } }) => listed.includes(`${target} ${role}`)))
    return 'the access gives something else now';

  const seated = new Set<string>();
  /** Takes a seat for whoever voted, or for whom it was cast: two people at most, each of whom has no other. */
  const sits = ({ verdict, voter, onBehalfOf = voter }: Vote, rules: readonly Step[]): boolean => {
    const both = [voter, onBehalfOf];
    const may =
      verdict === 'approve' &&
      both.every((one) => one !== requester.email && !seated.has(one) && known(one)) &&
      rules.some(
        ({ approvers, delegation }) =>
          (onBehalfOf === voter || delegation === 'allowed') &&
          approvers.some((one) => one.kind === 'group' && directory.isMember(onBehalfOf, one.name)),
      );
    for (const one of may ? both : []) seated.add(one);
    return may;
  };
  let filled = 0;
  const grown = (rule: Step) => ({ ...rule, approvers: [...rule.approvers, ...(rule.escalate?.to ?? [])] });
  for (const [index, rule] of flow.steps.entries()) {
    const stands = escalated(index) ? grown(rule) : rule;
    const seats = votes.filter((vote) => vote.step === index && sits(vote, [stands]));
    filled += seats.length;
    if (seats.length < rule.need) return `step ${index + 1} has ${seats.length} of ${rule.need}`;
  }
  // Whoever voted after the last step: for the seats that only the policies of now have.
  const rules = (now.flows[0]?.steps ?? []).map(grown);
  filled += votes.filter((vote) => vote.step >= flow.steps.length && sits(vote, rules)).length;
  const seats = now.flows[0]?.steps.reduce((sum, { need }) => sum + need, 0) ?? Number.POSITIVE_INFINITY;
  return filled < seats ? `the policies of now ask for ${seats} approvals, and there are ${filled}` : undefined;
}
