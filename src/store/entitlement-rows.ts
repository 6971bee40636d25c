import type { EntitlementState, EntitlementStatus } from '../domain/entitlement.ts';
import type { DbInt } from './columns.ts';
import type { Row } from './sql.ts';
import { oneOf, whole } from './unreadable.ts';

const ENTITLEMENT_STATUSES: Record<EntitlementStatus, true> = { unheld: true, ours: true, standing: true };

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
