import type { DelegationEnd, DelegationState } from '../domain/delegation.ts';
import type { Emergency } from '../domain/emergency.ts';
import type { EntitlementState, EntitlementStatus, Permission } from '../domain/entitlement.ts';
import type { EndReason, GrantState, GrantStatus, Hold, HoldStatus, IdleRule } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';

import { nextNudge } from '../domain/nudge.ts';
import type { Escalation, Extension, RequestState, RequestStatus, Verdict, Vote, Waiting } from '../domain/request.ts';

import type { Row } from './sql.ts';
import { isObject, json, oneOf, whole } from './unreadable.ts';

/** A moment as a raw query gives it: a Date, or text where SQLite does not know the column's type. */
export type DbTime = Date | string;

/** A whole number as a raw query gives it. */
export type DbInt = number | bigint;

const REQUEST_STATUSES: Record<RequestStatus, true> = {
  pending: true,
  approved: true,
  denied: true,
  cancelled: true,
  lapsed: true,
};
const GRANT_STATUSES: Record<GrantStatus, true> = { provisioning: true, active: true, revoking: true, ended: true };
const HOLD_STATUSES: Record<HoldStatus, true> = { pending: true, given: true, taken: true, kept: true };
const DELEGATION_ENDS: Record<DelegationEnd, true> = { time: true, person: true, replaced: true };
const ENTITLEMENT_STATUSES: Record<EntitlementStatus, true> = { unheld: true, ours: true, standing: true };

const listOfObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);

/** @throws for what is no time, such as Postgres' infinity, or any text in SQLite. */
export function instant(time: DbTime): Instant {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) throw new Error('one of its times is none');
  return at.toISOString();
}

/** A moment to bind; the driver adapters write it in one form that compares as it sorts. */
export const moment = (at: Instant): Date => new Date(at);

const optionalMoment = (at: Instant | undefined): Date | null => (at === undefined ? null : moment(at));

/** `{ [name]: value }`, or nothing at all where the column is null: an absent property is not an undefined one. */
function given<Name extends string, T, U>(name: Name, value: T | null, read: (value: T) => U): { [N in Name]?: U } {
  return value === null || value === undefined ? {} : ({ [name]: read(value) } as { [N in Name]?: U });
}

const same = <T>(value: T): T => value;

export interface RequestRow {
  id: string;
  workspace: string;
  access: string;
  title: string;
  requesterEmail: string;
  requesterSlack: string;
  durationMs: DbInt;
  reason: string;
  fields: string;
  status: string;
  policyDigest: string;
  policyCommit: string | null;
  flow: string;
  entitlements: string;
  idleAfterMs: DbInt | null;
  extension: string | null;
  emergency: string | null;
  channel: string | null;
  openedAt: DbTime;
  lapsesAt: DbTime;
  decidedAt: DbTime | null;
  decidedBy: string | null;
  decisionReason: string | null;
  waiting: string | null;
  escalations: string | null;
  grantId: string | null;
  version: DbInt;
}

export interface VoteRow {
  requestId: string;
  position: DbInt;
  voter: string;
  slack: string | null;
  onBehalfOf: string | null;
  verdict: string;
  step: DbInt;
  reason: string | null;
  at: DbTime;
}

export function requestRow(state: RequestState): Row {
  return {
    id: state.id,
    workspace: state.workspace,
    access: state.access,
    title: state.title,
    requesterEmail: state.requester.email,
    requesterSlack: state.requester.slack,
    durationMs: BigInt(state.durationMs),
    reason: state.reason,
    fields: JSON.stringify(state.fields),
    status: state.status,
    policyDigest: state.policy.digest,
    policyCommit: state.policy.commit ?? null,
    flow: JSON.stringify(state.flow),
    entitlements: JSON.stringify(state.entitlements),
    idleAfterMs: state.idleAfterMs === undefined ? null : BigInt(state.idleAfterMs),
    extension: state.extension ? JSON.stringify(state.extension) : null,
    emergency: state.emergency ? JSON.stringify(state.emergency) : null,
    // What of it is looked for.
    emergencyNo: state.emergency?.number ?? null,
    reviewBy: state.emergency && !state.emergency.review ? moment(state.emergency.reviewBy) : null,
    reviewLate: state.emergency?.overdueAt !== undefined,
    channel: state.channel ?? null,
    openedAt: moment(state.openedAt),
    lapsesAt: moment(state.lapsesAt),
    decidedAt: optionalMoment(state.decidedAt),
    decidedBy: state.decidedBy ?? null,
    decisionReason: state.decisionReason ?? null,
    waiting: state.waiting ? JSON.stringify(state.waiting) : null,
    escalations: state.escalations ? JSON.stringify(state.escalations) : null,
    // For the tick, which looks for what is due; it says what the state says.
    nextNudgeAt: optionalMoment(nextNudge(state)),
    grantId: state.grantId ?? null,
    version: state.version,
  };
}

export function voteRow(requestId: string, position: number, vote: Vote): Row {
  return {
    requestId,
    position,
    voter: vote.voter,
    slack: vote.slack ?? null,
    onBehalfOf: vote.onBehalfOf ?? null,
    verdict: vote.verdict,
    step: vote.step,
    reason: vote.reason ?? null,
    at: moment(vote.at),
  };
}

export function requestState(row: RequestRow, votes: readonly VoteRow[]): RequestState {
  return {
    id: row.id,
    workspace: row.workspace,
    access: row.access,
    title: row.title,
    requester: { email: row.requesterEmail, slack: row.requesterSlack },
    durationMs: whole('durationMs', row.durationMs),
    reason: row.reason,
    fields: json('fields', row.fields, isObject),
    status: oneOf('status', row.status, REQUEST_STATUSES),
    policy: { digest: row.policyDigest, ...given('commit', row.policyCommit, same) },
    flow: json('flow', row.flow, (flow) => isObject(flow) && listOfObjects(flow.steps)),
    entitlements: json('entitlements', row.entitlements, listOfObjects),
    ...given('idleAfterMs', row.idleAfterMs, (ms) => whole('idleAfterMs', ms)),
    ...given('extension', row.extension, (text) => json<Extension>('extension', text, isObject)),
    ...given('emergency', row.emergency, (text) => json<Emergency>('emergency', text, isObject)),
    ...given('channel', row.channel, same),
    openedAt: instant(row.openedAt),
    lapsesAt: instant(row.lapsesAt),
    ...given('decidedAt', row.decidedAt, instant),
    ...given('decidedBy', row.decidedBy, same),
    ...given('decisionReason', row.decisionReason, same),
    votes: votes.map(voteState),
    ...given('waiting', row.waiting, (text) => json<Waiting>('waiting', text, isObject)),
    ...given('escalations', row.escalations, (text) => json<Escalation[]>('escalations', text, listOfObjects)),
    ...given('grantId', row.grantId, same),
    version: whole('version', row.version),
  };
}

function voteState(row: VoteRow): Vote {
  return {
    voter: row.voter,
    ...given('slack', row.slack, same),
    ...given('onBehalfOf', row.onBehalfOf, same),
    verdict: row.verdict as Verdict,
    step: whole('step of a vote', row.step),
    ...given('reason', row.reason, same),
    at: instant(row.at),
  };
}

export interface GrantRow {
  id: string;
  workspace: string;
  requestId: string;
  access: string;
  personEmail: string;
  personSlack: string;
  status: string;
  approvedAt: DbTime;
  endsAt: DbTime;
  extensions: DbInt | null;
  warnAt: DbTime | null;
  idle: string | null;
  activatedAt: DbTime | null;
  endingAt: DbTime | null;
  endReason: string | null;
  endedBy: string | null;
  failure: string | null;
  endedAt: DbTime | null;
  version: DbInt;
}

export interface HoldRow {
  grantId: string;
  position: DbInt;
  key: string;
  target: string;
  system: string;
  provider: string;
  permission: string;
  account: string;
  label: string;
  status: string;
  seenAt: DbTime | null;
  keptBecause: string | null;
  standing: boolean | DbInt | null;
  unsettledUntil: DbTime | null;
}

export function grantRow(state: GrantState): Row {
  return {
    id: state.id,
    workspace: state.workspace,
    requestId: state.requestId,
    access: state.access,
    personEmail: state.person.email,
    personSlack: state.person.slack,
    status: state.status,
    approvedAt: moment(state.approvedAt),
    endsAt: moment(state.endsAt),
    extensions: state.extensions ?? null,
    warnAt: optionalMoment(state.warnAt),
    idle: state.idle ? JSON.stringify(state.idle) : null,
    activatedAt: optionalMoment(state.activatedAt),
    endingAt: optionalMoment(state.endingAt),
    endReason: state.endReason ?? null,
    endedBy: state.endedBy ?? null,
    failure: state.failure ?? null,
    endedAt: optionalMoment(state.endedAt),
    version: state.version,
  };
}

/** `held` says for the index of holders what the grant's status says. */
export function holdRow(grant: GrantState, position: number, hold: Hold): Row {
  return {
    grantId: grant.id,
    position,
    workspace: grant.workspace,
    key: hold.key,
    held: grant.status === 'provisioning' || grant.status === 'active',
    target: hold.target,
    system: hold.system,
    provider: hold.provider,
    permission: JSON.stringify(hold.permission),
    account: hold.account,
    label: hold.label,
    status: hold.status,
    seenAt: optionalMoment(hold.seenAt),
    keptBecause: hold.keptBecause ?? null,
    standing: hold.standing ?? null,
    unsettledUntil: optionalMoment(hold.unsettledUntil),
  };
}

export function grantState(row: GrantRow, holds: readonly HoldRow[]): GrantState {
  return {
    id: row.id,
    workspace: row.workspace,
    requestId: row.requestId,
    access: row.access,
    person: { email: row.personEmail, slack: row.personSlack },
    status: oneOf('status', row.status, GRANT_STATUSES),
    holds: holds.map(holdState),
    approvedAt: instant(row.approvedAt),
    endsAt: instant(row.endsAt),
    ...given('extensions', row.extensions, Number),
    ...given('warnAt', row.warnAt, instant),
    ...given('idle', row.idle, (text) => json<IdleRule>('idle', text, isObject)),
    ...given('activatedAt', row.activatedAt, instant),
    ...given('endingAt', row.endingAt, instant),
    ...given('endReason', row.endReason, (reason) => reason as EndReason),
    ...given('endedBy', row.endedBy, same),
    ...given('failure', row.failure, same),
    ...given('endedAt', row.endedAt, instant),
    version: whole('version', row.version),
  };
}

function holdState(row: HoldRow): Hold {
  return {
    key: row.key,
    target: row.target,
    system: row.system,
    provider: row.provider,
    permission: json<Permission>('permission', row.permission, isObject),
    account: row.account,
    label: row.label,
    status: oneOf('status of a hold', row.status, HOLD_STATUSES),
    ...given('seenAt', row.seenAt, instant),
    ...given('keptBecause', row.keptBecause, (because) => because as 'other-grant' | 'standing'),
    ...given('standing', row.standing, Boolean),
    ...given('unsettledUntil', row.unsettledUntil, instant),
  };
}

export interface EntitlementRow {
  workspace: string;
  key: string;
  target: string;
  status: string;
  version: DbInt;
}

export const entitlementRow = (state: EntitlementState): Row => ({
  workspace: state.workspace,
  key: state.key,
  target: state.target,
  status: state.status,
  version: state.version,
});

export const entitlementState = (row: EntitlementRow): EntitlementState => ({
  workspace: row.workspace,
  key: row.key,
  target: row.target,
  status: oneOf('status', row.status, ENTITLEMENT_STATUSES),
  version: whole('version', row.version),
});

export interface DelegationRow {
  workspace: string;
  delegatorEmail: string;
  delegatorSlack: string;
  delegateEmail: string;
  delegateSlack: string;
  since: DbTime;
  until: DbTime;
  endedAt: DbTime | null;
  endedBecause: string | null;
  version: DbInt;
}

export const delegationRow = (state: DelegationState): Row => ({
  workspace: state.workspace,
  delegatorEmail: state.delegator.email,
  delegatorSlack: state.delegator.slack,
  delegateEmail: state.delegate.email,
  delegateSlack: state.delegate.slack,
  since: moment(state.since),
  until: moment(state.until),
  endedAt: optionalMoment(state.endedAt),
  endedBecause: state.endedBecause ?? null,
  version: state.version,
});

export const delegationState = (row: DelegationRow): DelegationState => ({
  workspace: row.workspace,
  delegator: { email: row.delegatorEmail, slack: row.delegatorSlack },
  delegate: { email: row.delegateEmail, slack: row.delegateSlack },
  since: instant(row.since),
  until: instant(row.until),
  ...given('endedAt', row.endedAt, instant),
  ...given('endedBecause', row.endedBecause, (because) => oneOf('endedBecause', because, DELEGATION_ENDS)),
  version: whole('version', row.version),
});
