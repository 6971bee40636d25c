import { createHash } from 'node:crypto';
import type { ActionAsked } from '../domain/action.ts';
import { unusedAfter } from '../domain/decide-action.ts';
import type { Emergency } from '../domain/emergency.ts';
import { nextNudge } from '../domain/nudge.ts';
import { parametersText } from '../domain/parameters.ts';
import type {
  Escalation,
  Extension,
  FieldValues,
  RequestState,
  RequestStatus,
  Verdict,
  Vote,
  Waiting,
} from '../domain/request.ts';
import { type DbInt, type DbTime, given, instant, moment, optionalMoment, same } from './columns.ts';
import type { Row } from './sql.ts';
import { isObject, json, oneOf, whole } from './unreadable.ts';

const REQUEST_STATUSES: Record<RequestStatus, true> = {
  pending: true,
  approved: true,
  denied: true,
  cancelled: true,
  lapsed: true,
};

/** NB. a digest: an index holds no text of any length. */
const parametersKey = (parameters: FieldValues): string =>
  createHash('sha256').update(parametersText(parameters)).digest('hex');

const isAction = (value: unknown): boolean => isObject(value) && isObject(value.caller);

const listOfObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);

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
  action: string | null;
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
    action: state.action ? JSON.stringify(state.action) : null,
    parametersKey: state.action ? parametersKey(state.fields) : '',
    unusedAfter: optionalMoment(unusedAfter(state)),
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
    ...given('action', row.action, (text) => json<ActionAsked>('action', text, isAction)),
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
