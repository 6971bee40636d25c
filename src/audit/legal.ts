import type { ActionAsked } from '../domain/action.ts';
import { callerName, callerNamed } from '../domain/caller.ts';
import { formatDuration } from '../domain/duration.ts';
import type { DomainEvent, EventType } from '../domain/events.ts';
import type { World } from '../domain/fold.ts';
import type { GrantState, Hold } from '../domain/grant.ts';
import { between, type Instant, type Milliseconds } from '../domain/instant.ts';
import { sameParameters } from '../domain/parameters.ts';
import type { RequestState } from '../domain/request.ts';
import { tally } from '../domain/tally.ts';
import { describe } from './describe.ts';

/**
 * Machines whose clocks are wrong may differ by so much, and it changes nothing but when things end; what goes back further
 * was not written in its turn.
 */
const CLOCKS_DIFFER_MS: Milliseconds = 60 * 60_000;

/** What is wrong with an event that comes upon this world; nothing if it may happen. */
type Rule<Type extends EventType> = (world: World, event: Extract<DomainEvent, { type: Type }>) => string | undefined;

/**
 * What has to be true when an event happens. A log whose chain and rows are whole may still tell of what the product never
 * does: an approval without its votes, written by somebody who can write both. Types without a rule pass.
 */
const RULES: { readonly [Type in EventType]?: Rule<Type> } = {
  RequestOpened: ({ requests }, { request }) => {
    if (requests.has(request.id)) return `request ${request.id} was opened before`;
    if (request.status !== 'pending' || request.votes.length > 0)
      return 'a request is opened pending and without votes';
    if (request.action) return illegalAction(request, request.action);
    // NB. what is granted is granted to people.
    return callerNamed(request.requester.email) && `${request.requester.email} asked for an access, and is a caller`;
  },
  VoteCast: (world, { requestId, actor, vote }) =>
    ofPending(world, requestId, ({ requester, votes }) => {
      if (actor !== vote.voter) return `${actor} recorded the vote of ${vote.voter}`;
      if (callerNamed(vote.voter)) return `${vote.voter} voted, and is a caller`;
      if (vote.voter === requester.email || (vote.slack !== undefined && vote.slack === requester.slack))
        return `${vote.voter} voted on their own request`;
      if (vote.onBehalfOf === requester.email) return `${vote.voter} voted for ${requester.email}, who asked`;
      const again = votes.some(
        ({ voter, slack }) => voter === vote.voter || (slack !== undefined && slack === vote.slack),
      );
      return again ? `${vote.voter} voted twice` : undefined;
    }),
  ApproversAskedDirectly: (world, { requestId, channel }) =>
    ofPending(world, requestId, (request) =>
      request.channel === channel ? undefined : `its approvers were not to be asked in ${channel}`,
    ),
  RequestApproved: (world, { requestId, grant }) =>
    ofPending(world, requestId, (request) => {
      if (request.action) return 'an action was granted like an access';
      const unfilled = unfilledBy(request);
      if (unfilled !== undefined) return unfilled;
      if (world.grants.has(grant.id)) return `grant ${grant.id} was there before`;
      if (grant.requestId !== requestId || grant.person.email !== request.requester.email)
        return 'it was granted to somebody who did not ask';
      if (between(grant.approvedAt, grant.endsAt) > request.durationMs)
        return 'it was granted for longer than asked for';
      const asked = new Set(request.entitlements.map(({ key }) => key));
      const more = grant.holds.find(({ key }) => !asked.has(key));
      return more ? `it was granted ${more.label} at ${more.target}, which was not asked for` : undefined;
    }),
  GrantExtended: (world, { requestId, grantId, endsAt }) =>
    ofPending(world, requestId, (request) => {
      const unfilled = unfilledBy(request);
      if (unfilled !== undefined) return unfilled;
      const { extension } = request;
      if (extension?.grantId !== grantId || extension.until !== endsAt)
        return 'it was extended other than was asked for';
      return ofGrant(world, grantId, ({ status }) =>
        status === 'active' ? undefined : `it was extended when it was ${status}`,
      );
    }),
  ActionApproved: (world, { requestId, at, usableUntil }) =>
    ofPending(world, requestId, (request) => {
      if (!request.action) return 'an access was approved like an action';
      const unfilled = unfilledBy(request);
      if (unfilled !== undefined) return unfilled;
      // NB. asked this way round, as an end that is no time at all is no end.
      const within = between(at, usableUntil) <= request.durationMs;
      return within ? undefined : 'its approval may be used for longer than was asked for';
    }),
  ActionUsed: (world, { requestId, access, actor, at, approvedAt, parameters }) =>
    ofApproval(world, requestId, (request, usableUntil) => {
      const { requester, decidedAt } = request;
      if (actor !== requester.email) return `${actor} used the approval of ${requester.email}`;
      if (approvedAt !== decidedAt) return `it was used upon an approval of ${approvedAt}, which never was`;
      // NB. a row can be changed and put back: what was asked for stands in the log alone.
      if (access !== request.access || !sameParameters(parameters, request.fields))
        return 'it was used for something else than was approved';
      return at < usableUntil ? undefined : `it was used when its time was over at ${usableUntil}`;
    }),
  ActionUnused: (world, { requestId, at, usableUntil: said }) =>
    ofApproval(world, requestId, (_request, usableUntil) =>
      at < usableUntil || said !== usableUntil
        ? `it was called unused before its time was over at ${usableUntil}`
        : undefined,
    ),
  RequestDenied: (world, { requestId, actor }) =>
    ofPending(world, requestId, ({ votes }) =>
      votes.some(({ voter, verdict }) => voter === actor && verdict === 'deny')
        ? undefined
        : `${actor} denied it without a vote`,
    ),
  RequestCancelled: (world, { requestId, actor }) =>
    ofPending(world, requestId, ({ requester, extension }) => {
      if (actor === requester.email) return undefined;
      // What ended unused takes the extension that waits for it along.
      const unused = extension && world.grants.get(extension.grantId)?.endReason === 'idle';
      return unused && actor === 'latchkey' ? undefined : `${actor} withdrew the request of ${requester.email}`;
    }),
  RequestLapsed: (world, { requestId, at }) =>
    ofPending(world, requestId, ({ lapsesAt }) =>
      at < lapsesAt ? `it lapsed before its time was over at ${lapsesAt}` : undefined,
    ),
  EntitlementBaselined: (world, { grantId, key }) => ofHold(world, grantId, key, () => undefined),
  EntitlementGiven: (world, { grantId, entitlement }) =>
    ofHold(world, grantId, entitlement.key, ({ status }, hold) =>
      status === 'provisioning' && hold.status === 'pending'
        ? undefined
        : `it was given when ${standing(status, hold)}`,
    ),
  GrantActivated: (world, { grantId }) =>
    ofGrant(world, grantId, ({ status, holds }) => {
      if (status !== 'provisioning') return `it became active when it was ${status}`;
      const missing = holds.find((hold) => hold.status !== 'given');
      return missing ? `it became active before ${missing.label} at ${missing.target} was given` : undefined;
    }),
  GrantEnding: (world, { grantId, reason, at, unusedSince }) =>
    ofGrant(world, grantId, ({ status, idle }) => {
      if (status !== 'provisioning' && status !== 'active') return `it began to end when it was ${status}`;
      if (reason !== 'idle') return undefined;
      if (status !== 'active' || !idle || unusedSince === undefined)
        return 'it ended as unused, and its policy or its state allowed no such end';
      const early = between(unusedSince, at) < idle.afterMs || (idle.since !== undefined && unusedSince < idle.since);
      return early ? `it ended as unused before ${formatDuration(idle.afterMs)} without use were over` : undefined;
    }),
  EntitlementTaken: (world, { grantId, key }) => ofHold(world, grantId, key, ended),
  EntitlementKept: (world, { grantId, key }) => ofHold(world, grantId, key, ended),
  GrantEnded: (world, { grantId }) =>
    ofGrant(world, grantId, ({ status, holds }) => {
      if (status !== 'revoking') return `it ended when it was ${status}`;
      const left = holds.find((hold) => !over(hold));
      return left ? `it ended before ${left.label} at ${left.target} was taken or kept` : undefined;
    }),
};

/**
 * What is wrong with the next event of a log, before it is folded into the world.
 * @throws whatever an event throws that is not shaped like one.
 */
export function illegality(world: World, event: DomainEvent, before: DomainEvent | undefined): string | undefined {
  // NB. nobody may write past the rules by inventing a type.
  if (!isKnown(event)) return `${JSON.stringify(event.type)} is no type of event that this version knows`;
  if (before && between(event.at, before.at) > CLOCKS_DIFFER_MS)
    return `its time ${event.at} is before that of the entry before, ${before.at}`;
  const rule = RULES[event.type] as Rule<EventType> | undefined;
  return rule?.(world, event);
}

/** Every type of this version has a description. One that cannot be made is that of a known type without all its parts. */
function isKnown(event: DomainEvent): boolean {
  try {
    return (describe(event) as string | undefined) !== undefined;
  } catch {
    return true;
  }
}

function unfilledBy({ access, flow, votes }: RequestState): string | undefined {
  if (flow.autoApprove) {
    const own = `policy:${access}/${flow.name}`;
    const recorded = votes.some(({ voter, verdict }) => voter === own && verdict === 'approve');
    return recorded ? undefined : 'it was approved without the recorded vote of its policy';
  }
  return tally(flow, votes, () => true).filled ? undefined : 'it was approved by votes that do not fill its flow';
}

function ofPending(world: World, id: string, judge: (request: RequestState) => string | undefined): string | undefined {
  const request = world.requests.get(id);
  if (!request) return `request ${id} was never opened`;
  return request.status === 'pending' ? judge(request) : `request ${id} was ${request.status} already`;
}

/** What a request of an action is made of: nothing of what is said of accesses, and nothing that happens later. */
function illegalAction(
  { requester, entitlements, extension, emergency, grantId }: Omit<RequestState, 'version'>,
  { caller, usableUntil, usedAt, unusedAt }: ActionAsked,
): string | undefined {
  if (entitlements.length > 0 || extension || emergency || grantId !== undefined)
    return 'an action gives nothing, and neither extends nor hastens anything';
  if (requester.email !== callerName(caller) || requester.slack !== '')
    return `it was asked for in the name of ${requester.email}, who is not its caller`;
  return usableUntil === undefined && usedAt === undefined && unusedAt === undefined
    ? undefined
    : 'an action is asked for before it is approved';
}

/** An approval of an action that was neither used nor called unused. */
function ofApproval(
  world: World,
  id: string,
  judge: (request: RequestState, usableUntil: Instant) => string | undefined,
): string | undefined {
  const request = world.requests.get(id);
  if (!request) return `request ${id} was never opened`;
  const { status, action } = request;
  if (!action) return `request ${id} is not about an action`;
  if (status !== 'approved' || action.usableUntil === undefined) return `request ${id} was ${status} and not approved`;
  if (action.usedAt !== undefined) return `its approval was used already, at ${action.usedAt}`;
  if (action.unusedAt !== undefined) return `its approval was over already, at ${action.unusedAt}`;
  return judge(request, action.usableUntil);
}

function ofGrant(world: World, id: string, judge: (grant: GrantState) => string | undefined): string | undefined {
  const grant = world.grants.get(id);
  return grant ? judge(grant) : `grant ${id} was never approved`;
}

function ofHold(
  world: World,
  id: string,
  key: string,
  judge: (grant: GrantState, hold: Hold) => string | undefined,
): string | undefined {
  return ofGrant(world, id, (grant) => {
    const hold = grant.holds.find((one) => one.key === key);
    return hold ? judge(grant, hold) : `grant ${id} does not hold ${key}`;
  });
}

const over = ({ status }: Hold): boolean => status === 'taken' || status === 'kept';

const ended = ({ status }: GrantState, hold: Hold): string | undefined =>
  status === 'revoking' && !over(hold) ? undefined : `it was done with when ${standing(status, hold)}`;

const standing = (status: string, hold: Hold): string => `its grant was ${status} and its hold ${hold.status}`;
