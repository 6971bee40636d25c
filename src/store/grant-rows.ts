import type { Permission } from '../domain/entitlement.ts';
import type { EndReason, GrantState, GrantStatus, Hold, HoldStatus, IdleRule } from '../domain/grant.ts';
import { type DbInt, type DbTime, given, instant, moment, optionalMoment, same } from './columns.ts';
import type { Row } from './sql.ts';
import { isObject, json, oneOf, whole } from './unreadable.ts';

const GRANT_STATUSES: Record<GrantStatus, true> = { provisioning: true, active: true, revoking: true, ended: true };
const HOLD_STATUSES: Record<HoldStatus, true> = { pending: true, given: true, taken: true, kept: true };

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
