import type { EffectOf } from '../domain/effects.ts';
import type { EventType } from '../domain/events.ts';
import { between, type Milliseconds } from '../domain/instant.ts';
import { eventOf } from './audit-log.ts';
import { gapText } from './gap-text.ts';
import type { Digest, EventOf } from './messages.ts';
import type { Ports } from './ports/index.ts';

/** A revocation seen later than this after it was due is called late. */
const LATE_MS: Milliseconds = 60_000;
/** How many lines each list shows; the counts are always of all. */
const SHOWN = 20;
/** Entries read at a time. */
const PAGE = 500;

/** Reads the digest of a span of time from the audit log, and what is active and failing now. */
export async function readDigest(ports: Ports, workspace: string, span: EffectOf<'digest'>): Promise<Digest> {
  const counts = await ports.store.auditCounts(workspace, span);
  const count = (type: EventType): number => counts[type] ?? 0;
  const first = async <Type extends EventType>(type: Type) =>
    (await ports.store.auditBetween(workspace, span, type, SHOWN)).map((entry) => eventOf(entry) as EventOf<Type>);
  const { late, unused } = await readEnds(ports, workspace, span);
  const now = ports.clock.now();
  const [open, activeCount, failing, overdue, overdueCount, setAside] = await Promise.all([
    ports.store.openGrants(workspace, SHOWN),
    ports.store.countOpenGrants(workspace),
    ports.store.failingEffects(SHOWN),
    ports.store.overdueReviews(workspace, now, SHOWN),
    ports.store.countOverdueReviews(workspace, now),
    ports.store.setAside(SHOWN),
  ]);
  const rejected = ports.policies.rejected();
  const { gaps } = ports.policies.current().directory;
  return {
    date: span.date,
    timezone: ports.policies.current().settings.timezone,
    from: span.from,
    to: span.to,
    counts: {
      granted: count('GrantActivated'),
      extended: count('GrantExtended'),
      emergencies: count('EmergencyTaken'),
      reviewsOverdue: overdueCount,
      denied: count('RequestDenied'),
      lapsed: count('RequestLapsed'),
      ended: count('GrantEnded'),
      unused,
      refused: count('RequestRefused') + count('CommandRefused'),
      active: activeCount,
      late: late.total,
      escalated: count('StepEscalated'),
      actionsApproved: count('ActionApproved'),
      actionsUsed: count('ActionUsed'),
      actionsUnused: count('ActionUnused'),
    },
    denied: await first('RequestDenied'),
    lapsed: await first('RequestLapsed'),
    escalated: await first('StepEscalated'),
    emergencies: await first('EmergencyTaken'),
    reviewsOverdue: overdue.flatMap(({ id, access, requester, emergency }) =>
      emergency ? [{ access, email: requester.email, reviewBy: emergency.reviewBy, requestId: id }] : [],
    ),
    active: open.map(({ access, person, endsAt }) => ({ access, email: person.email, endsAt })),
    late: late.first,
    failing: await Promise.all(
      failing
        .filter((one) => one.workspace === workspace)
        .map(async ({ effect, attempt, lastCode, lastSentence, createdAt }) => {
          const access = 'grantId' in effect ? (await ports.store.grant(effect.grantId))?.access : undefined;
          const line = { kind: effect.kind, attempt, code: lastCode, sentence: lastSentence, since: createdAt };
          return access === undefined ? line : { ...line, access };
        }),
    ),
    ...(gaps.length > 0 ? { gaps: gaps.map(gapText) } : {}),
    ...(setAside.count > 0 ? { setAside } : {}),
    ...(rejected
      ? {
          rejected: {
            at: rejected.at,
            problems: rejected.problems.length,
            first: rejected.problems[0] ?? '',
            ...(rejected.nothingServed ? { nothingServed: true as const } : {}),
          },
        }
      : {}),
  };
}

/** The grants that were seen gone late: how many, and the first of them; and how many had ended because nobody used them. */
async function readEnds(ports: Ports, workspace: string, { from, to }: EffectOf<'digest'>) {
  const first: Digest['late'][number][] = [];
  let total = 0;
  let unused = 0;
  for (let after = 0; ; ) {
    const page = await ports.store.auditBetween(workspace, { from, to, after }, 'GrantEnded', PAGE);
    for (const entry of page) {
      const { access, grantId, dueAt, at, reason } = eventOf(entry) as EventOf<'GrantEnded'>;
      if (reason === 'idle') unused += 1;
      const lateBy = between(dueAt, at);
      if (lateBy <= LATE_MS) continue;
      total += 1;
      if (first.length < SHOWN) first.push({ access, grantId, lateBy });
    }
    const last = page.at(-1);
    if (page.length < PAGE || !last) return { late: { total, first }, unused };
    after = last.seq;
  }
}
