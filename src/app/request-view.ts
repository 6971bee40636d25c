import type { DelegationState } from '../domain/delegation.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Milliseconds } from '../domain/instant.ts';
import { flowNow } from '../domain/nudge.ts';
import { principalText } from '../domain/principal.ts';
import type { RequestState } from '../domain/request.ts';
import { tally } from '../domain/tally.ts';
import { approvers, type PolicySet } from '../policy/index.ts';
import { approvalContext } from './approval-context.ts';
import { claimsOf } from './caller-claims.ts';
import { delegatesIn, delegationsFor } from './delegations.ts';
import type { RequestView, StepView } from './messages.ts';
import type { Ports } from './ports/index.ts';
import { requestFacts } from './request-facts.ts';

/** Reads a request, its grant and its steps as they are now; undefined for an unknown id. */
export async function requestView(ports: Ports, requestId: string): Promise<RequestView | undefined> {
  const request = await ports.store.request(requestId);
  return request && currentView(ports, request);
}

/** The same of a request that was read just now. */
export async function currentView(ports: Ports, request: RequestState): Promise<RequestView> {
  const grantId = request.grantId ?? request.extension?.grantId;
  const grant = grantId === undefined ? undefined : await ports.store.grant(grantId);
  return viewOf(ports, request, grant, await delegationsOf(ports, request));
}

/** The view of a state that is at hand. */
export function viewOf(
  ports: Pick<Ports, 'policies' | 'clock' | 'ids' | 'targets'>,
  request: RequestState,
  grant?: GrantState,
  delegations: readonly DelegationState[] = [],
): RequestView {
  const policies = ports.policies.current();
  const extendsBy = grant && extensionLeft(policies, grant);
  const facts = requestFacts(ports, request, ports.clock.now(), grant);
  const flow = flowNow(request);
  const counted = tally(flow, request.votes, facts.eligible);
  const slackIds = knownSlackIds(request, policies);
  const seated = new Set(request.votes.flatMap(({ voter, onBehalfOf = voter }) => [voter, onBehalfOf]));
  const named = (email: string) => {
    const slack = slackIds.get(email);
    return slack === undefined ? { email } : { email, slack };
  };
  const steps = flow.steps.map((step, index): StepView => {
    const escalated = request.escalations?.find((one) => one.step === index);
    const seats = counted.steps[index]?.seats ?? [];
    const delegates = delegatesIn(policies, request, index, delegations);
    return {
      need: step.need,
      approvers: (request.flow.steps[index]?.approvers ?? []).map(principalText),
      ...(escalated ? { escalated: { to: escalated.to.map(principalText), at: escalated.at } } : {}),
      people: approvers(policies, step, approvalContext(request)).flatMap(({ email, slack }) =>
        slack && !seated.has(email) ? [{ email, slack, ...delegateOf(delegates.get(email)) }] : [],
      ),
      seats: seats.map((email) => {
        const { onBehalfOf } = request.votes.find(({ voter }) => voter === email) ?? {};
        return { ...named(email), ...(onBehalfOf === undefined ? {} : { onBehalfOf: named(onBehalfOf) }) };
      }),
      filled: counted.steps[index]?.filled ?? false,
      open: request.status === 'pending' && index === counted.open,
    };
  });
  const howToUse = request.entitlements.flatMap(({ target, permission, account }) => {
    const found = ports.targets.find(target);
    return found ? [found.provider.howToUse(permission, account, target)] : [];
  });
  const claims = request.action && claimsOf(policies, request.access, request.action.caller);
  return {
    request,
    ...(grant ? { grant } : {}),
    ...(extendsBy === undefined ? {} : { extendsBy }),
    steps,
    fields: filledIn(policies, request),
    ...(claims ? { claims } : {}),
    howToUse,
    slackIds,
  };
}

/** What was filled in, under the labels of the current policies. */
function filledIn(policies: PolicySet, request: RequestState): RequestView['fields'] {
  const asked = request.action
    ? (policies.actions.get(request.access)?.parameters ?? [])
    : (policies.accesses.get(request.access)?.fields ?? []);
  return Object.entries(request.fields).map(([name, value]) => ({
    label: asked.find((field) => field.name === name)?.label ?? name,
    value,
  }));
}

/** Whether pressing Extend could still do something; who it is that presses is looked at then. */
function extensionLeft(policies: PolicySet, { access, status, extensions = 0 }: GrantState): Milliseconds | undefined {
  const limits = policies.accesses.get(access)?.duration.extend;
  return limits && status === 'active' && extensions < limits.times ? limits.byMs : undefined;
}

const delegateOf = (delegate: string | undefined) => (delegate === undefined ? {} : { delegate });

/** Who votes for whom matters while votes are awaited. */
const delegationsOf = async (ports: Ports, request: RequestState) =>
  request.status === 'pending' ? delegationsFor(ports.store, request.workspace, request, ports.clock.now()) : [];

function knownSlackIds(request: RequestState, policies: PolicySet): Map<string, string> {
  // NB. the caller of an action is nobody in Slack.
  const ids = new Map<string, string>(request.action ? [] : [[request.requester.email, request.requester.slack]]);
  for (const vote of request.votes) if (vote.slack !== undefined) ids.set(vote.voter, vote.slack);
  for (const email of [request.decidedBy, ...request.votes.flatMap(({ voter, onBehalfOf }) => [voter, onBehalfOf])]) {
    const slack = email === undefined ? undefined : policies.directory.byEmail(email)?.slack;
    if (email !== undefined && slack !== undefined && !ids.has(email)) ids.set(email, slack);
  }
  return ids;
}
