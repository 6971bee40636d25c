import type { DelegationEnd, DelegationState } from '../domain/delegation.ts';
import { type DbInt, type DbTime, given, instant, moment, optionalMoment } from './columns.ts';
import type { Row } from './sql.ts';
import { oneOf, whole } from './unreadable.ts';

const DELEGATION_ENDS: Record<DelegationEnd, true> = { time: true, person: true, replaced: true };

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
