import type { RequestView, StepView } from '../../app/messages.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { Emergency } from '../../domain/emergency.ts';
import type { GrantState, Hold } from '../../domain/grant.ts';
import type { Milliseconds } from '../../domain/instant.ts';
import type { RequestState, RequestStatus } from '../../domain/request.ts';
import { fitted } from '../blocks.ts';
import { code, escaped, labelled, oneLine, shorten } from '../escape.ts';
import { firstOf, list, mention, person, plural, principals, voterName, when } from '../words.ts';
import { byItsCaller, callerPlainly, callerWords, parametersPlainly, useStatus } from './action-lines.ts';

/** Up to this many approvers are named one by one; more are named by their groups, so that nobody pings seventy people. */
const NAMED_APPROVERS = 5;
/** Of those who approved, the first few: the steps name them one by one, and two hundred would outgrow a section. */
const NAMED_VOTERS = 20;
/** What a sentence on many permissions may take of a section that says more than this. */
const SEEN_GONE = 1_500;

export const accessName = ({ request }: RequestView): string => `*${oneLine(request.title)}* (${code(request.access)})`;

/** Who asks: the person, or the caller of an action, who is nobody in Slack. */
export const asker = ({ requester, action }: RequestState): string =>
  action ? callerWords(action.caller) : mention(requester.slack);

export function asks(view: RequestView): string {
  const { requester, durationMs, extension, emergency, action } = view.request;
  if (action) return `${callerWords(action.caller)} asks to ${accessName(view)}`;
  if (emergency) {
    return `🚨 ${mention(requester.slack)} took ${accessName(view)} in an emergency, for *${formatDuration(durationMs)}*${typedBy(emergency)}`;
  }
  if (extension) {
    return `${mention(requester.slack)} asks to extend ${accessName(view)} by *${formatDuration(durationMs)}*, until ${when(extension.until)}`;
  }
  return `${mention(requester.slack)} asks for ${accessName(view)} for *${formatDuration(durationMs)}*`;
}

/** The same in plain words for notifications: one full sentence, the reason cut visibly if it is long. */
export function asksPlainly(view: RequestView): string {
  const { request } = view;
  const reason = request.reason === '' ? '' : `: ${oneLine(shorten(request.reason, 150))}`;
  if (request.action) {
    return `${callerPlainly(request.action.caller)} asks to ${oneLine(request.title)} (${escaped(request.access)})${parametersPlainly(view)}${reason}`;
  }
  if (request.emergency) {
    return `🚨 ${mention(request.requester.slack)} took ${oneLine(request.title)} (${escaped(request.access)}) in an emergency, for ${formatDuration(request.durationMs)}${typedBy(request.emergency)}${reason}`;
  }
  const [what, how] = request.extension ? ['to extend', 'by'] : ['for', 'for'];
  return `${mention(request.requester.slack)} asks ${what} ${oneLine(request.title)} (${escaped(request.access)}) ${how} ${formatDuration(request.durationMs)}${reason}`;
}

/** On the server, and by whom: Slack was not asked who that is. */
const typedBy = ({ via }: Emergency): string => (via === undefined ? '' : ` (typed on the server by ${code(via)})`);

/** What came of the review, or until when it has to. */
export function reviewStatus({ review, reviewBy, overdueAt }: Emergency): string {
  if (review) {
    const verdict = review.verdict === 'fine' ? 'fine ✓' : 'not justified ✗';
    return `*Reviewed by ${mention(review.by.slack)}: ${verdict}*`;
  }
  const late = overdueAt === undefined ? '' : '⚠️ The review is overdue. ';
  return `${late}Somebody who approves this access reviews it by ${when(reviewBy)}: was it justified?`;
}

export function changes({ request, grant }: RequestView): string {
  const lines = request.entitlements.map(
    ({ label, target, account }) => `• ${labelled(label)} at ${code(target)} for account ${code(account)}`,
  );
  const longer = request.extension ? ' longer' : '';
  const title =
    request.status === 'pending'
      ? `If approved, for ${formatDuration(request.durationMs)}${longer}:`
      : 'What it is about';
  const running = grant?.status === 'provisioning' || grant?.status === 'active';
  const idleAfterMs = running ? grant.idle?.afterMs : request.status === 'pending' ? request.idleAfterMs : undefined;
  return fitted(`*${title}*${idleAfterMs === undefined ? '' : ` ${endsEarly(idleAfterMs)}`}`, lines);
}

/** That it is over before its end when nobody uses it. */
export const endsEarly = (idleAfterMs: Milliseconds): string =>
  `It ends early after ${formatDuration(idleAfterMs)} without use.`;

/** What was filled in beside the reason; untrusted words, each on its line. */
export const fields = (view: RequestView): string =>
  fitted(
    '',
    view.fields.map(({ label, value }) => `*${oneLine(label)}:* ${oneLine(value)}`),
  );

function stepLine(step: StepView, index: number, total: number): string {
  const name = total > 1 ? `*Step ${index + 1} of ${total}:* ` : '';
  const named = step.people.length <= NAMED_APPROVERS && step.open ? list(step.people.map(awaited)) : '';
  const who = `${step.need} of ${principals(step.approvers, 'or')}${escalation(step)}`;
  const seats = step.seats.map(
    ({ email, slack, onBehalfOf }) =>
      `${seated(email, slack)}${onBehalfOf ? ` (for ${seated(onBehalfOf.email, onBehalfOf.slack)})` : ''}`,
  );
  const filledBy = seats.length > 0 ? ` – approved by ${list(seats)}` : '';
  if (step.filled) return `${name}${who}${filledBy} ✓`;
  if (!step.open) return `${name}${who}${filledBy}`;
  const missing = step.need - step.seats.length;
  return `${name}${who}${filledBy} – waiting for ${named === '' ? plural(missing, 'approval') : `${plural(missing, 'approval')} from ${named}`}`;
}

/** Whom it escalated to, and when. */
const escalation = ({ escalated }: StepView): string =>
  escalated ? `, escalated ${when(escalated.at)} to ${principals(escalated.to)}` : '';

/** Somebody whose vote is awaited, and who may cast it for them. */
const awaited = ({ slack, delegate }: StepView['people'][number]): string =>
  delegate === undefined ? mention(slack) : `${mention(slack)} (away: ${mention(delegate)} votes for them)`;

const seated = (email: string, slack: string | undefined): string =>
  slack === undefined ? escaped(email) : mention(slack);

/** Who is waited for, one by one when they are few. NB. many are named by their groups, so that nobody pings seventy people. */
export function waitedFor({ need, seats, people, approvers, escalated }: StepView): string {
  const missing = plural(need - seats.length, 'approval');
  const few = people.length > 0 && people.length <= NAMED_APPROVERS;
  const whom = few ? list(people.map(awaited)) : principals([...approvers, ...(escalated?.to ?? [])]);
  return `${missing} from ${whom}`;
}

/** Over, nobody may any more. */
const WHO: Readonly<Record<RequestStatus, string>> = {
  pending: 'Who may approve',
  approved: 'Who approved',
  denied: 'Who could approve',
  cancelled: 'Who could approve',
  lapsed: 'Who could approve',
};

export function steps(view: RequestView): string {
  const { flow, access } = view.request;
  if (flow.autoApprove) return `*Approval:* automatic, by flow ${code(`${access}/${flow.name}`)}`;
  return fitted(
    `*${WHO[view.request.status]}*`,
    view.steps.map((step, index) => stepLine(step, index, view.steps.length)),
  );
}

/** Where the request stands, in one sentence. */
export function status(view: RequestView): string {
  const { request, grant, slackIds } = view;
  const by = person(request.decidedBy, slackIds);
  switch (request.status) {
    case 'pending':
      return `Waiting for approval. It lapses ${when(request.lapsesAt)} if nobody answers.`;
    case 'denied':
      return `Denied by ${by}.`;
    case 'cancelled':
      if (byItsCaller(request)) return 'Withdrawn by its caller.';
      return request.extension ? `Closed: ${by} ended the access itself.` : `Withdrawn by ${by}.`;
    case 'lapsed':
      return request.extension
        ? 'Lapsed: it was not approved in time, so the end stays as it was.'
        : 'Lapsed: it was not approved in time.';
    case 'approved':
      if (request.action) return `${approvedBy(view)}. ${useStatus(request.action)}`;
      if (request.extension) return `${approvedBy(view)}. It ends ${when(request.extension.until)}.`;
      return grant ? grantStatus(view, grant) : 'Approved.';
  }
}

function approvedBy({ request, slackIds }: RequestView): string {
  const voters = request.votes.filter((vote) => vote.verdict === 'approve').map((vote) => voterName(vote, slackIds));
  return `Approved by ${firstOf(voters, NAMED_VOTERS)}`;
}

function grantStatus(view: RequestView, grant: NonNullable<RequestView['grant']>): string {
  const approved = approvedBy(view);
  switch (grant.status) {
    case 'provisioning':
      return `${approved}. It is being given now, and ends ${when(grant.endsAt)}.`;
    case 'active':
      return `${approved}. Active until ${when(grant.endsAt)}.`;
    case 'revoking':
      return `${approved}. ${endReason(grant)}; it is being taken away now.`;
    case 'ended':
      return `${approved}. ${endReason(grant)}: ${seenGone(grant.holds)}`;
  }
}

export function endReason(grant: Pick<GrantState, 'endReason' | 'idle'> | undefined): string {
  switch (grant?.endReason) {
    case 'released':
      return 'Given back early';
    case 'revoked':
      return 'Revoked';
    case 'idle':
      return `Ended early, unused${grant.idle?.unusedSince === undefined ? '' : ` since ${when(grant.idle.unusedSince)}`}`;
    case 'policy':
      return 'Stopped by the current policies before it was given';
    case 'failed':
      return 'It could not be given';
    default:
      return 'Its time is over';
  }
}

/** What the target showed at the end. It says "gone" only of what was read back and not there (invariant 6). */
export function seenGone(holds: readonly Hold[]): string {
  const ends = holds.map(({ label, target, status: held, keptBecause, seenAt }) => {
    const what = `${labelled(label)} at ${code(target)}`;
    if (held === 'taken') return `${what} was seen gone ${seenAt === undefined ? '' : when(seenAt)}`;
    if (keptBecause === 'standing') return `${what} stays, as it was there before Latchkey gave anything`;
    if (keptBecause === 'other-grant') return `${what} stays until another running grant of the same person ends`;
    return `${what} is not confirmed gone yet`;
  });
  return `${fitted('', ends, ends.length, SEEN_GONE).replaceAll('\n', '; ')}.`;
}

export function footer({ request }: RequestView): string {
  const { digest, commit } = request.policy;
  const policy =
    commit === undefined
      ? `policies ${code(digest.slice(0, 12))}`
      : `policies ${code(digest.slice(0, 12))} at commit ${code(commit.slice(0, 12))}`;
  return `Asked ${when(request.openedAt)} · flow ${code(request.flow.name)} · ${policy} · ${code(request.id)}`;
}
