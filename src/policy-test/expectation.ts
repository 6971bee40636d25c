import { approvalContext } from '../app/approval-context.ts';
import type { RequestView } from '../app/messages.ts';
import type { Instant } from '../domain/instant.ts';
import type { RequestState } from '../domain/request.ts';
import { approvers } from '../policy/index.ts';
import { instantAt, type Moment } from './grammar/moments.ts';
import { approversText, onBehalfText } from './grammar/names.ts';
import { needsText } from './needs-text.ts';
import type { Stage } from './stage.ts';
import type { Done } from './verbs/index.ts';

/** What a step of a timeline may expect; what is absent is not looked at. */
export interface Expectation {
  /** What was done is refused with this code. Without it, what is done must not be refused. */
  refused?: string | undefined;
  status?: string | undefined;
  flow?: string | undefined;
  /** Still missing, in all steps: approvers → how many. */
  needs?: Readonly<Record<string, number>> | undefined;
  may_approve?: readonly string[] | undefined;
  /** Whose votes fill seats: `dee@example.com`, `cleo@example.com for ben@example.com`. */
  approved_by?: readonly string[] | undefined;
  /** How often the approvers have been reminded. */
  reminders?: number | undefined;
  grant?: string | undefined;
  ended?: string | undefined;
  /** Of an action: until when its approval may be used. */
  usable_until?: Moment | undefined;
  ends_at?: Moment | undefined;
  present?: boolean | readonly string[] | undefined;
  /** Of an emergency: whether it still has to be reviewed, or the verdict. */
  review?: string | undefined;
  review_by?: Moment | undefined;
  may_review?: readonly string[] | undefined;
}

export interface Mismatch {
  /** The key of the expectation. */
  key: keyof Expectation;
  expected: string;
  got: string;
}

interface Facts {
  done: Done | undefined;
  view: RequestView | undefined;
  stage: Stage;
  /** When the timeline began. */
  now: Instant;
}

const NO_REQUEST = 'no request';
const NO_EMERGENCY = 'no emergency';

/** What differs from what a step expects. */
export function mismatches(expected: Expectation, facts: Facts): Mismatch[] {
  const found: Mismatch[] = [];
  const compare = (key: keyof Expectation, want: string, got: string): void => {
    if (want !== got) found.push({ key, expected: want, got });
  };
  const { done, view, stage } = facts;
  if (done !== undefined || expected.refused !== undefined) {
    const refusal = done?.refusal;
    const got = refusal ? `${refusal.code} (${refusal.sentence})` : 'not refused';
    if ((expected.refused ?? undefined) !== refusal?.code)
      found.push({ key: 'refused', expected: expected.refused ?? 'not refused', got });
  }
  const of = (read: (view: RequestView) => string): string => (view ? read(view) : NO_REQUEST);
  if (expected.status !== undefined)
    compare(
      'status',
      expected.status,
      of(({ request }) => statusOf(request)),
    );
  if (expected.flow !== undefined)
    compare(
      'flow',
      expected.flow,
      of(({ request }) => request.flow.name),
    );
  if (expected.needs !== undefined)
    compare(
      'needs',
      needsText(expected.needs),
      of((one) => needsText(needsOf(one))),
    );
  if (expected.may_approve !== undefined)
    compare(
      'may_approve',
      listText(expected.may_approve),
      of((one) => listText(mayApprove(one, stage))),
    );
  if (expected.approved_by !== undefined)
    compare(
      'approved_by',
      listText(expected.approved_by),
      of((one) => listText(approvedBy(one))),
    );
  if (expected.reminders !== undefined)
    compare(
      'reminders',
      String(expected.reminders),
      of(({ request }) => String(stage.remindersOf(request))),
    );
  if (expected.grant !== undefined)
    compare(
      'grant',
      expected.grant,
      of(({ grant }) => grant?.status ?? 'none'),
    );
  if (expected.ended !== undefined)
    compare(
      'ended',
      expected.ended,
      of(({ grant }) => grant?.endReason ?? (grant ? 'not ended' : 'no grant')),
    );
  if (expected.ends_at !== undefined)
    compare(
      'ends_at',
      instantAt(expected.ends_at, facts.now),
      of(({ grant }) => grant?.endsAt ?? 'no grant'),
    );
  if (expected.usable_until !== undefined)
    compare(
      'usable_until',
      instantAt(expected.usable_until, facts.now),
      of(({ request }) => request.action?.usableUntil ?? (request.action ? 'not approved' : 'no action')),
    );
  if (expected.present !== undefined) {
    const { want, got } = presence(expected.present, facts);
    compare('present', want, got);
  }
  if (expected.review !== undefined) compare('review', expected.review, of(reviewOf));
  if (expected.review_by !== undefined)
    compare(
      'review_by',
      instantAt(expected.review_by, facts.now),
      of(({ request }) => request.emergency?.reviewBy ?? NO_EMERGENCY),
    );
  if (expected.may_review !== undefined)
    compare(
      'may_review',
      listText(expected.may_review),
      of((one) => mayReview(one, stage)),
    );
  return found;
}

function presence(expected: boolean | readonly string[], { view, stage }: Facts): { want: string; got: string } {
  const want = typeof expected === 'boolean' ? String(expected) : listText(expected, 'nothing');
  if (!view) return { want, got: NO_REQUEST };
  const { request } = view;
  // NB. all of nothing is there, and an action gives nothing.
  if (request.action) return { want, got: typeof expected === 'boolean' ? 'false' : listText([], 'nothing') };
  if (typeof expected !== 'boolean')
    return { want, got: listText(stage.permissionsOf(request.requester.email), 'nothing') };
  const present = stage.present(request);
  if (present.every((one) => one)) return { want, got: 'true' };
  return { want, got: present.some((one) => one) ? 'only some of it' : 'false' };
}

/** Of an action: also what came of its approval. */
const statusOf = ({ status, action }: RequestState): string =>
  action?.usedAt !== undefined ? 'used' : action?.unusedAt !== undefined ? 'unused' : status;

/** How many are missing in the steps that are not filled; nobody, once the request is decided. */
function needsOf({ request, steps }: RequestView): Record<string, number> {
  const needs: Record<string, number> = {};
  if (request.status !== 'pending') return needs;
  for (const step of steps) {
    const missing = step.need - step.seats.length;
    const key = approversText(step.approvers);
    if (missing > 0) needs[key] = (needs[key] ?? 0) + missing;
  }
  return needs;
}

/** The approvers of the open step, and who votes for one of them who is away without being one of them. */
function mayApprove({ steps }: RequestView, { policies: { directory } }: Stage): string[] {
  const people = steps.filter(({ open }) => open).flatMap((step) => step.people);
  const themselves = people.map(({ email }) => email);
  const forOthers = people.flatMap(({ email, delegate }) => {
    const voter = delegate === undefined ? undefined : directory.bySlack(delegate)?.email;
    return voter === undefined || themselves.includes(voter) ? [] : [onBehalfText(voter, email)];
  });
  return [...themselves, ...forOthers];
}

const approvedBy = ({ steps }: RequestView): string[] =>
  steps.flatMap(({ seats }) => seats.map(({ email, onBehalfOf }) => onBehalfText(email, onBehalfOf?.email)));

function reviewOf({ request: { emergency } }: RequestView): string {
  if (!emergency) return NO_EMERGENCY;
  if (emergency.review) return emergency.review.verdict;
  return emergency.overdueAt === undefined ? 'due' : 'overdue';
}

function mayReview({ request }: RequestView, { policies }: Stage): string {
  const { emergency } = request;
  if (!emergency) return NO_EMERGENCY;
  if (emergency.review) return listText([]);
  const step = { approvers: emergency.reviewers, need: 1 };
  return listText(approvers(policies, step, approvalContext(request)).map(({ email }) => email));
}

const listText = (items: readonly string[], none = 'nobody'): string =>
  items.length === 0 ? none : [...new Set(items)].sort().join(', ');
