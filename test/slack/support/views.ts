import type { Digest, Message, RequestView, StepView, StoryLine } from '../../../src/app/messages.ts';
import type { ActionAsked } from '../../../src/domain/action.ts';
import { type CallerRef, callerName } from '../../../src/domain/caller.ts';
import type { Emergency } from '../../../src/domain/emergency.ts';
import type { EndReason, GrantState, Hold, IdleRule } from '../../../src/domain/grant.ts';
import { plus } from '../../../src/domain/instant.ts';
import type { RequestState, RequestStatus } from '../../../src/domain/request.ts';
import { aGrant, aHold, anEntitlementRef, aRequest, aVote, HOUR, MINUTE, NOON } from '../../support/samples.ts';

/** A view of a request as messages are given it; what a test does not name is ordinary. */
export function aView(values: Partial<RequestView> = {}): RequestView {
  return {
    request: aRequest({ id: 'req_1' }),
    steps: [aStep()],
    fields: [],
    howToUse: ['Connect as ana.'],
    slackIds: new Map([
      ['ana@example.com', 'U0ANA'],
      ['bo@example.com', 'U0BO'],
    ]),
    ...values,
  };
}

export function aStep(values: Partial<StepView> = {}): StepView {
  return {
    need: 1,
    approvers: ['group:dba'],
    people: [{ email: 'bo@example.com', slack: 'U0BO' }],
    seats: [],
    filled: false,
    open: true,
    ...values,
  };
}

export function aDigest(values: Partial<Digest> = {}): Digest {
  return {
    date: '2026-03-03',
    timezone: 'Europe/London',
    from: plus(NOON, -24 * HOUR),
    to: NOON,
    counts: {
      granted: 0,
      extended: 0,
      emergencies: 0,
      reviewsOverdue: 0,
      denied: 0,
      lapsed: 0,
      ended: 0,
      unused: 0,
      refused: 0,
      active: 0,
      late: 0,
      escalated: 0,
      actionsApproved: 0,
      actionsUsed: 0,
      actionsUnused: 0,
    },
    denied: [],
    lapsed: [],
    emergencies: [],
    reviewsOverdue: [],
    escalated: [],
    active: [],
    late: [],
    failing: [],
    ...values,
  };
}

/** Where words that are not ours get into what is shown, as far as people, policies and targets may write them. */
export interface Untrusted {
  /** Of a requester or an approver. */
  reason: string;
  /** Of an access or a flow: one line of the policies. */
  title: string;
  /** What a provider calls a permission. */
  label: string;
  /** At a target. */
  account: string;
  /** Of somebody the directory knows no Slack user of. */
  email: string;
  /** What a target said. */
  failure: string;
}

const upTo = (text: string, limit: number): string => [...text].slice(0, limit).join('');
/** What the policies take as one line of text. */
const line = (words: string, limit: number): string =>
  upTo(words.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, '').trim() || 'x', limit);

/** The same words in every place, each as long as the place allows. */
export const everywhere = (words: string): Untrusted => ({
  reason: upTo(words.trim(), 2_000),
  title: line(words, 100),
  label: `group ${line(words, 1_000)}`,
  account: line(words, 256),
  // As hostile as the directory takes it.
  email: `${upTo(words.replace(/[^A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]/g, ''), 64) || 'x'}@example.com`,
  failure: words,
});

/** As long as the name of an access or target may be. */
const NAME = 'n'.repeat(63);

/** People that a message may notify. */
export const CAST: readonly string[] = ['U0ANA', 'U0BO', 'U0CY'];

const IDLE: IdleRule = { afterMs: 30 * MINUTE, since: NOON, unusedSince: plus(NOON, MINUTE) };

const ENDS: readonly EndReason[] = ['expired', 'revoked', 'released', 'idle', 'policy', 'failed'];

const holds = ({ label, account }: Untrusted): Hold[] =>
  (
    [
      { status: 'taken', seenAt: plus(NOON, HOUR) },
      { status: 'taken' },
      { status: 'kept', keptBecause: 'standing' },
      { status: 'kept', keptBecause: 'other-grant' },
      { status: 'given', seenAt: plus(NOON, MINUTE) },
    ] as const
  ).map((values) => aHold({ label, target: NAME, account, ...values }));

function hostileRequest(status: RequestStatus, words: Untrusted): RequestState {
  const { reason, title, label, account } = words;
  return aRequest({
    id: 'req_1',
    access: NAME,
    title,
    reason,
    status,
    flow: {
      name: title,
      autoApprove: false,
      steps: [{ approvers: [{ kind: 'group', name: NAME }], need: 2 }],
      timeoutMs: HOUR,
    },
    policy: { digest: 'd'.repeat(64), commit: 'c'.repeat(40) },
    entitlements: [anEntitlementRef({ label, target: NAME, account })],
    idleAfterMs: 30 * MINUTE,
    votes: [
      aVote({ reason, onBehalfOf: words.email }),
      aVote({ voter: words.email, slack: 'U0CY', verdict: status === 'denied' ? 'deny' : 'approve' }),
      { voter: `policy:${NAME}/${title}`, verdict: 'approve', step: 0, at: NOON },
    ],
    ...(status === 'pending' || status === 'lapsed' ? {} : { decidedBy: words.email, decidedAt: NOON }),
    ...(status === 'denied' ? { decisionReason: reason } : {}),
  });
}

const grantsOf = (words: Untrusted): (GrantState | undefined)[] => [
  undefined,
  ...(['provisioning', 'active'] as const).map((status) => aGrant({ id: 'grt_1', status, holds: holds(words) })),
  ...(['revoking', 'ended'] as const).flatMap((status) =>
    ENDS.map((endReason) =>
      aGrant({
        id: 'grt_1',
        status,
        endReason,
        failure: words.failure,
        holds: holds(words),
        endedBy: words.email,
        idle: IDLE,
      }),
    ),
  ),
];

/** A request in every state that it and its grant can be in, with the words wherever words can be. */
function everyView(words: Untrusted): { name: string; view: RequestView }[] {
  const rest = {
    steps: [
      aStep({
        approvers: [`group:${NAME}`, `user:${words.email}`, 'manager', 'owner', 'everyone'],
        need: 3,
        escalated: { to: [`group:${NAME}`, `user:${words.email}`], at: NOON },
        people: [{ email: 'bo@example.com', slack: 'U0BO', delegate: 'U0CY' }],
        seats: [
          { email: 'bo@example.com', slack: 'U0BO', onBehalfOf: { email: words.email } },
          { email: words.email, onBehalfOf: { email: 'cy@example.com', slack: 'U0CY' } },
        ],
      }),
      aStep({ open: false, approvers: [`user:${words.email}`] }),
    ],
    fields: [{ label: words.title, value: words.label }],
    howToUse: [`You are in ${words.label} as ${words.account}.`],
    // The other voter is somebody that the directory lost.
    slackIds: new Map([
      ['ana@example.com', 'U0ANA'],
      ['bo@example.com', 'U0BO'],
    ]),
  };
  const undecided = (['pending', 'denied', 'cancelled', 'lapsed'] as const).map((status) => ({
    name: status,
    view: { request: hostileRequest(status, words), ...rest },
  }));
  const request = hostileRequest('approved', words);
  const approved = grantsOf(words).map((grant) => ({
    name: `approved, grant ${grant?.status ?? 'absent'} ${grant?.endReason ?? ''}`.trim(),
    view: { request, ...rest, ...(grant ? { grant } : {}) },
  }));
  const running = aGrant({ id: 'grt_1', status: 'active', holds: holds(words), extensions: 1, idle: IDLE });
  const extension = { grantId: 'grt_1', until: plus(NOON, HOUR), wholeMs: HOUR };
  const extensions = (['pending', 'denied', 'cancelled', 'lapsed', 'approved'] as const).map((status) => ({
    name: `extension ${status}`,
    view: { request: { ...hostileRequest(status, words), extension }, grant: running, extendsBy: HOUR, ...rest },
  }));
  const review = { note: words.reason, by: { email: words.email, slack: 'U0CY' }, at: NOON };
  const states: Partial<Emergency>[] = [
    {},
    { via: `cli:${words.account}` },
    { overdueAt: NOON },
    { review: { ...review, verdict: 'fine' } },
    { review: { ...review, verdict: 'not-justified' } },
  ];
  const emergencies = states.map((values, index) => ({
    name: `emergency ${index}`,
    view: {
      request: { ...request, emergency: { number: 1, reviewBy: plus(NOON, HOUR), reviewers: [], ...values } },
      grant: running,
      ...rest,
      steps: [],
    },
  }));
  const byPolicy = { ...request, flow: { ...request.flow, autoApprove: true, steps: [] } };
  return [
    ...undecided,
    ...approved,
    ...extensions,
    ...emergencies,
    ...actionViews(words, rest),
    { name: 'approved by policy', view: { request: byPolicy, ...rest, steps: [] } },
  ];
}

/** Callers with words in everything that a token or a policy may say of them. */
function callers({ reason, title, label }: Untrusted): CallerRef[] {
  const claims = { repository: label, [title]: reason, actor: title, ref: [reason, label], run_id: '42' };
  return [
    { kind: 'oidc', issuer: `https://ci.example.com/${title}`, subject: reason, claims },
    { kind: 'oidc', issuer: 'https://ci.example.com', subject: 'x', claims: {} },
    { kind: 'api-key', name: NAME },
  ];
}

/** What an action's parameters may be at most, and what its caller proved. */
function actionViews(words: Untrusted, rest: Omit<RequestView, 'request'>): { name: string; view: RequestView }[] {
  const fields = Array.from({ length: 10 }, () => ({ label: words.title, value: words.failure }));
  const decided: [RequestStatus, Partial<ActionAsked>][] = [
    ['pending', {}],
    ['denied', {}],
    ['cancelled', {}],
    ['lapsed', {}],
    ['approved', { usableUntil: plus(NOON, HOUR) }],
    ['approved', { usableUntil: plus(NOON, HOUR), usedAt: plus(NOON, MINUTE) }],
    ['approved', { usableUntil: plus(NOON, HOUR), unusedAt: plus(NOON, HOUR) }],
  ];
  return callers(words).flatMap((caller) => {
    const claims =
      caller.kind === 'oidc'
        ? Object.entries(caller.claims).map(([name, value]) => ({
            name,
            value: String(value),
            decides: name === 'repository',
          }))
        : undefined;
    return decided.map(([status, became], index) => {
      const requester = { email: callerName(caller), slack: '' };
      const asked = { ...hostileRequest(status, words), requester, entitlements: [], action: { caller, ...became } };
      const request = status === 'cancelled' ? { ...asked, decidedBy: requester.email } : asked;
      const view = { ...rest, request, fields, ...(claims ? { claims } : {}), howToUse: [], slackIds: new Map() };
      return { name: `action of ${caller.kind} ${status} ${index}`, view };
    });
  });
}

function everyBeat(view: RequestView, words: Untrusted): StoryLine[] {
  const votes = view.request.votes.map((vote): StoryLine => ({ beat: 'vote', vote, steps: 2 }));
  const denied: StoryLine = { beat: 'vote', vote: aVote({ verdict: 'deny', reason: words.reason }), steps: 1 };
  const plain = (
    [
      ...(['cancelled', 'lapsed', 'active', 'extended', 'reviewed', 'review-overdue', 'failed', 'ended'] as const),
      ...(['used', 'unused'] as const),
    ] as const
  ).map((beat): StoryLine => ({ beat }));
  const nudges = (['reminder', 'escalated'] as const).map((beat): StoryLine => ({ beat, step: 0 }));
  return [...votes, denied, ...nudges, ...plain, { beat: 'late', failure: words.failure }];
}

/** A digest of a day on which everything happened. */
export function fullDigest(words: Untrusted, lines = 1): Digest {
  const times = <T>(line: T): T[] => Array.from({ length: lines }, () => line);
  const { email, failure: sentence } = words;
  const access = NAME;
  const base = { at: NOON, workspace: 'T0', actor: email, requestId: 'req_1', access };
  return aDigest({
    counts: {
      granted: 900,
      extended: 900,
      emergencies: 900,
      reviewsOverdue: 900,
      denied: 900,
      lapsed: 900,
      ended: 900,
      unused: 300,
      refused: 900,
      active: 900,
      late: 900,
      escalated: 900,
      actionsApproved: 900,
      actionsUsed: 900,
      actionsUnused: 900,
    },
    denied: times({ ...base, type: 'RequestDenied' as const, openedAt: NOON }),
    lapsed: times({ ...base, type: 'RequestLapsed' as const }),
    escalated: times({
      ...base,
      type: 'StepEscalated' as const,
      step: 0,
      to: [
        { kind: 'group' as const, name: NAME },
        { kind: 'user' as const, email },
      ],
      openedAt: NOON,
    }),
    emergencies: times({
      ...base,
      type: 'EmergencyTaken' as const,
      person: { email, slack: 'U0ANA' },
      number: 2,
      reviewBy: NOON,
      policy: { digest: 'd'.repeat(64) },
    }),
    reviewsOverdue: times({ access, email, reviewBy: NOON, requestId: 'req_1' }),
    active: times({ access, email, endsAt: NOON }),
    late: times({ access, grantId: 'grt_1', lateBy: HOUR }),
    failing: times({ kind: 'revoke', attempt: 9, code: 'refused', sentence, since: NOON, access }),
    gaps: times(sentence),
    setAside: { count: 900, first: times(sentence) },
    rejected: { at: NOON, problems: 3, first: sentence },
  });
}

const CY = { email: 'cy@example.com', slack: 'U0CY' };
const BO = { email: 'bo@example.com', slack: 'U0BO' };

/** Every message there is, in every state. */
export function everyMessage(words: Untrusted): { name: string; message: Message }[] {
  const views = everyView(words);
  return [
    ...views.flatMap(({ name, view }) => [
      { name: `approvers: ${name}`, message: { kind: 'approvers', view } as const },
      { name: `requester: ${name}`, message: { kind: 'requester', view } as const },
      { name: `warning: ${name}`, message: { kind: 'warning', view } as const },
      ...everyBeat(view, words).map((line) => ({
        name: `story ${line.beat}: ${name}`,
        message: { kind: 'story', view, line } as const,
      })),
      ...(['denied', 'lapsed', 'extended', 'reviewed', 'failed', 'ended'] as const).map((news) => ({
        name: `news ${news}: ${name}`,
        message: { kind: 'news', view, news } as const,
      })),
      {
        name: `alarm: ${name}`,
        message: { kind: 'alarm', view, line: { beat: 'late', failure: words.failure } } as const,
      },
    ]),
    ...(['handed', 'received', 'over'] as const).map((news) => ({
      name: `delegation ${news}`,
      message: { kind: 'delegation', news, delegator: CY, delegate: BO, until: NOON } as const,
    })),
    { name: 'digest', message: { kind: 'digest', digest: fullDigest(words) } },
    { name: 'digest, huge', message: { kind: 'digest', digest: fullDigest(words, 20) } },
    { name: 'digest, quiet', message: { kind: 'digest', digest: aDigest() } },
  ];
}

/** The moments that samples name: the only dates that a message may show. */
export const MOMENTS = [-24 * 60, 0, 1, 60, 4 * 60].map((minutes) => plus(NOON, minutes * MINUTE));
