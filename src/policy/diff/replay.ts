import type { CallerRef } from '../../domain/caller.ts';
import type { Instant, Milliseconds } from '../../domain/instant.ts';
import { evaluate } from '../evaluate.ts';
import { evaluateAction } from '../evaluate-action.ts';
import { evaluateEmergency } from '../evaluate-emergency.ts';
import { evaluateExtension } from '../evaluate-extension.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';
import { type ChangeKind, type Direction, plural } from './change.ts';
import { askerOf, differences } from './compare.ts';
import { comparable } from './live.ts';
import { type Outcome, Side } from './side.ts';

/** A request of the past, as the audit log tells it. */
export interface RecordedRequest {
  /** The request's id; absent for one that was refused. */
  id?: string;
  at: Instant;
  /** The requester's e-mail, or `slack:<id>` for somebody whom the directory did not know; of an action, the caller's name. */
  requester: string;
  /** Or the action. */
  access: string;
  /** Of an action: who asked, with what the token said then. */
  caller?: CallerRef;
  /** Absent: the default. */
  durationMs?: Milliseconds;
  /** Absent: not recorded, as for a refused request. */
  reason?: string;
  fields?: Readonly<Record<string, string>>;
  /** It was to be given at once. */
  emergency?: true;
  /** It asked for a later end of something that ran, which would have lasted so long then. */
  extendedToMs?: Milliseconds;
}

export interface ReplayFinding {
  kind: ChangeKind;
  direction: Direction;
  /** With `cannot-ask` and `shorter`: the code of the refusal. */
  code?: string;
  requests: readonly RecordedRequest[];
  /** `3 past requests would now be automatic: …`. */
  sentence: string;
}

export interface Replay {
  /** How many were looked at: opened, and refused. */
  opened: number;
  refused: number;
  since: Instant;
  findings: readonly ReplayFinding[];
  summary: string;
}

/**
 * Asks both sets of policies what people really asked, each request at its own moment, and tells what would end
 * differently. A refused request is asked as if its words had been right, of which the log keeps the fields that were.
 */
export function replay(
  wasInFiles: PolicySet,
  nowInFiles: PolicySet,
  since: Instant,
  recorded: readonly RecordedRequest[],
): Replay {
  const { was, now } = comparable(wasInFiles, nowInFiles);
  const sides = { was: new Side(was), now: new Side(now) };
  const found = new Map<string, Omit<ReplayFinding, 'sentence' | 'requests'> & { requests: RecordedRequest[] }>();
  for (const request of recorded) {
    const before = outcome(was, request);
    const after = outcome(now, request);
    const email = request.requester;
    const targets = {
      was: was.accesses.get(request.access)?.targets ?? [],
      now: now.accesses.get(request.access)?.targets ?? [],
    };
    for (const { kind, direction } of differences(sides, askerOf(sides, email, targets), before, after)) {
      const code = after.ok ? undefined : after.code;
      const key = `${kind} ${direction} ${code}`;
      const known = found.get(key);
      if (known) known.requests.push(request);
      else found.set(key, { kind, direction, ...(code === undefined ? {} : { code }), requests: [request] });
    }
  }
  const order: readonly Direction[] = ['wider', 'narrower', 'other'];
  const findings = [...found.values()]
    .map((finding): ReplayFinding => ({ ...finding, sentence: sentenceOf(finding) }))
    .sort((a, b) => order.indexOf(a.direction) - order.indexOf(b.direction) || b.requests.length - a.requests.length);
  const opened = recorded.filter(({ id }) => id !== undefined).length;
  const refused = recorded.length - opened;
  const all = `${plural(opened, 'past request')} and ${plural(refused, 'refused one')} since ${since.slice(0, 10)} asked again`;
  const summary = findings.length === 0 ? `${all}: each would end as before.` : `${all}.`;
  return { opened, refused, since, findings, summary };
}

function outcome(policies: PolicySet, request: RecordedRequest): Outcome {
  const { caller } = request;
  return caller === undefined ? accessOutcome(policies, request) : actionOutcome(policies, { ...request, caller });
}

function actionOutcome(
  policies: PolicySet,
  { caller, access: action, reason, fields, at, id }: RecordedRequest & { caller: CallerRef },
): Outcome {
  const decision = evaluateAction(policies, {
    caller,
    action,
    reason: reason ?? enoughWords(policies.actions.get(action)),
    ...(fields === undefined ? {} : { parameters: fields }),
    now: at,
    preview: id === undefined,
  });
  return decision.ok ? { ok: true, flow: decision.flow } : { ok: false, code: decision.refusal.code };
}

/** A reason that would do. */
const enoughWords = (asked: Pick<AccessPolicy, 'reason'> | undefined): string =>
  '.'.repeat(Math.max(1, asked?.reason.minLength ?? 0));

function accessOutcome(
  policies: PolicySet,
  { requester, access, durationMs, reason, fields, at, id, emergency, extendedToMs }: RecordedRequest,
): Outcome {
  const who = requester.startsWith('slack:') ? { slack: requester.slice('slack:'.length) } : { email: requester };
  const question = {
    ...who,
    access,
    ...(durationMs === undefined ? {} : { durationMs }),
    reason: reason ?? enoughWords(policies.accesses.get(access)),
    ...(fields === undefined ? {} : { fields }),
    now: at,
    preview: id === undefined,
  };
  const decision = emergency
    ? evaluateEmergency(policies, question)
    : extendedToMs === undefined
      ? evaluate(policies, question)
      : evaluateExtension(policies, { ...question, wholeMs: extendedToMs });
  return decision.ok ? { ok: true, flow: decision.flow } : { ok: false, code: decision.refusal.code };
}

const NAMED = 5;

function sentenceOf({ kind, code, requests }: Omit<ReplayFinding, 'sentence'>): string {
  const subject = plural(requests.length, 'past request');
  const names = requests
    .slice(0, NAMED)
    .map((request) => `${request.requester} for ${request.access}${special(request)} on ${request.at.slice(0, 10)}`);
  const more = requests.length > NAMED ? [`${requests.length - NAMED} more`] : [];
  return `${subject} ${endingOf(kind, code)}: ${[...names, ...more].join('; ')}`;
}

const special = ({ emergency, extendedToMs }: RecordedRequest): string =>
  emergency ? ' in an emergency' : extendedToMs === undefined ? '' : ' extended';

function endingOf(kind: ChangeKind, code: string | undefined): string {
  switch (kind) {
    case 'can-ask':
    case 'longer':
      return 'that the old policies refuse would now be possible';
    case 'cannot-ask':
    case 'shorter':
      return `would now be refused (${code})`;
    case 'automatic':
      return 'would now be automatic';
    case 'no-longer-automatic':
      return 'would no longer be automatic';
    case 'fewer-approvals':
      return 'would now need fewer approvals';
    case 'more-approvals':
      return 'would now need more approvals';
    case 'new-approvers':
      return 'could now be approved by more people';
    case 'fewer-approvers':
      return 'could now be approved by fewer people';
    case 'escalation':
      return 'would escalate differently';
    case 'timeout':
      return 'would lapse at another time';
    default:
      return 'would be approved differently';
  }
}
