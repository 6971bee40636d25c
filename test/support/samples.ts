import type { NewEffect, Posting } from '../../src/app/ports/store.ts';
import { type CallerRef, callerName } from '../../src/domain/caller.ts';
import type { DelegationState } from '../../src/domain/delegation.ts';
import type { Effect, EffectOf } from '../../src/domain/effects.ts';
import { type EntitlementRef, type EntitlementState, entitlementKey } from '../../src/domain/entitlement.ts';
import type {
  GrantActivated,
  PoliciesLoaded,
  RequestApproved,
  RequestOpened,
  VoteCast,
} from '../../src/domain/events.ts';
import type { GrantState, Hold } from '../../src/domain/grant.ts';
import { type Instant, plus } from '../../src/domain/instant.ts';
import type { RequestState, Vote } from '../../src/domain/request.ts';

// Small builders of valid states, events and effects: name what the test is about, the rest is ordinary.

/** The moment at which samples happen. */
export const NOON: Instant = '2026-03-03T12:00:00.000Z';
export const HOUR = 3_600_000;
export const MINUTE = 60_000;

/** The workspace of samples. */
export const WORKSPACE = 'T0LATCHKEY';

const counters = new Map<string, number>();

/** Ids that sort by the time they were made: `req_000001`. */
export function anId(prefix: string): string {
  const next = (counters.get(prefix) ?? 0) + 1;
  counters.set(prefix, next);
  return `${prefix}_${String(next).padStart(6, '0')}`;
}

const digest = (digit: string) => digit.repeat(64);

export function anEntitlementRef(values: Partial<EntitlementRef> = {}): EntitlementRef {
  const { target = 'prod-postgres', permission = { role: 'app_writer' }, account = 'ana' } = values;
  const { system = `postgresql://${target}.example.com:5432` } = values;
  return {
    key: entitlementKey(system, permission, account),
    target,
    system,
    provider: 'postgres-role',
    permission,
    account,
    label: `role ${permission.role ?? 'app_writer'}`,
    ...values,
  };
}

export function aVote(values: Partial<Vote> = {}): Vote {
  return { voter: 'bo@example.com', slack: 'U0BO', verdict: 'approve', step: 0, at: plus(NOON, MINUTE), ...values };
}

/** A pending request for one hour of `prod-db-write`, asked for by Ana at NOON. */
export function aRequest(values: Partial<RequestState> = {}): RequestState {
  return {
    id: anId('req'),
    workspace: WORKSPACE,
    access: 'prod-db-write',
    title: 'Write to the production database',
    requester: { email: 'ana@example.com', slack: 'U0ANA' },
    durationMs: HOUR,
    reason: 'INC-42 slow queries',
    fields: {},
    status: 'pending',
    policy: { digest: digest('a') },
    flow: {
      name: 'on-call',
      autoApprove: false,
      steps: [{ approvers: [{ kind: 'group', name: 'dba' }], need: 1 }],
      timeoutMs: 4 * HOUR,
    },
    entitlements: [anEntitlementRef()],
    channel: 'C0APPROVALS',
    openedAt: NOON,
    lapsesAt: plus(NOON, 4 * HOUR),
    votes: [],
    version: 1,
    ...values,
  };
}

/** The pipeline of samples. */
export const PIPELINE: CallerRef = {
  kind: 'oidc',
  issuer: 'https://ci.example.com',
  subject: 'repo:acme/api',
  claims: { repository: 'acme/api', ref: 'refs/heads/main' },
};

/** A pending request of a pipeline for `deploy` with one parameter, asked for at NOON; usable for a quarter of an hour. */
export function anActionRequest(values: Partial<RequestState> = {}): RequestState {
  const { action = { caller: PIPELINE } } = values;
  return aRequest({
    access: 'deploy',
    title: 'Deploy to production',
    requester: { email: callerName(action.caller), slack: '' },
    durationMs: 15 * MINUTE,
    fields: { sha: 'f00d' },
    entitlements: [],
    action,
    ...values,
  });
}

/** Approved a minute after NOON. */
export function anApprovedAction(values: Partial<RequestState> = {}): RequestState {
  const decided = { decidedAt: plus(NOON, MINUTE), decidedBy: 'bo@example.com' };
  const action = { caller: PIPELINE, usableUntil: plus(NOON, 16 * MINUTE) };
  return anActionRequest({ status: 'approved', ...decided, votes: [aVote()], action, ...values });
}

export function aHold(values: Partial<Hold> = {}): Hold {
  return { ...anEntitlementRef(values), status: 'pending', ...values };
}

/** A grant of one hour to Ana, approved at NOON and not yet given. */
export function aGrant(values: Partial<GrantState> = {}): GrantState {
  return {
    id: anId('grt'),
    workspace: WORKSPACE,
    requestId: values.requestId ?? anId('req'),
    access: 'prod-db-write',
    person: { email: 'ana@example.com', slack: 'U0ANA' },
    status: 'provisioning',
    holds: [aHold()],
    approvedAt: NOON,
    endsAt: plus(NOON, HOUR),
    version: 1,
    ...values,
  };
}

export function anEntitlement(values: Partial<EntitlementState> = {}): EntitlementState {
  return {
    workspace: WORKSPACE,
    key: anEntitlementRef().key,
    target: 'prod-postgres',
    status: 'unheld',
    version: 1,
    ...values,
  };
}

/** Cy has handed his votes to Bo for an hour. */
export function aDelegation(values: Partial<DelegationState> = {}): DelegationState {
  return {
    workspace: WORKSPACE,
    delegator: { email: 'cy@example.com', slack: 'U0CY' },
    delegate: { email: 'bo@example.com', slack: 'U0BO' },
    since: NOON,
    until: plus(NOON, HOUR),
    version: 1,
    ...values,
  };
}

/** The event of a request that was opened. */
export function opened(request: RequestState): RequestOpened {
  const { version: _, ...rest } = request;
  return {
    type: 'RequestOpened',
    at: request.openedAt,
    workspace: request.workspace,
    actor: request.requester.email,
    request: rest,
  };
}

export function voted(request: RequestState, vote: Vote): VoteCast {
  return {
    type: 'VoteCast',
    at: vote.at,
    workspace: request.workspace,
    actor: vote.voter,
    requestId: request.id,
    access: request.access,
    vote,
    policy: request.policy,
  };
}

export function approved(request: RequestState, grant: GrantState): RequestApproved {
  const { version: _, ...rest } = grant;
  return {
    type: 'RequestApproved',
    at: grant.approvedAt,
    workspace: request.workspace,
    actor: 'bo@example.com',
    requestId: request.id,
    access: request.access,
    openedAt: request.openedAt,
    grant: rest,
    policy: request.policy,
  };
}

export function activated(grant: GrantState, at: Instant = plus(grant.approvedAt, 1000)): GrantActivated {
  return {
    type: 'GrantActivated',
    at,
    workspace: grant.workspace,
    actor: 'latchkey',
    grantId: grant.id,
    requestId: grant.requestId,
    access: grant.access,
    approvedAt: grant.approvedAt,
  };
}

/** An event that belongs to no request or grant. */
export function policiesLoaded(values: Partial<PoliciesLoaded> = {}): PoliciesLoaded {
  return {
    type: 'PoliciesLoaded',
    at: NOON,
    workspace: WORKSPACE,
    actor: 'latchkey',
    policy: { digest: digest('b') },
    accesses: 3,
    actions: 1,
    ...values,
  };
}

export function anEffect(effect: Effect, runAt: Instant = NOON): NewEffect {
  return { id: anId('eff'), effect, runAt };
}

export const aRefresh = (requestId = 'req_000001', runAt?: Instant): NewEffect =>
  anEffect({ kind: 'refresh', requestId }, runAt);

/** One for each grant. */
export const aWatch = (runAt = NOON, grantId = 'grt_000001') => {
  const effect: EffectOf<'watch'> = { kind: 'watch', grantId, usedAt: NOON, lookedAt: NOON };
  return { ...anEffect(effect, runAt), effect };
};

export const aRevoke = (key: string, runAt?: Instant): NewEffect =>
  anEffect({ kind: 'revoke', grantId: 'grt_000001', key }, runAt);

export function aPosting(values: Partial<Posting> = {}): Posting {
  return {
    id: anId('pst'),
    workspace: WORKSPACE,
    requestId: 'req_000001',
    role: 'approvers',
    channel: 'C0APPROVALS',
    ts: '1772539200.000100',
    shown: digest('c'),
    ...values,
  };
}
