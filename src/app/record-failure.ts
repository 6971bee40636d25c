import { type Effect, laneOf } from '../domain/effects.ts';
import type { EffectFailed } from '../domain/events.ts';
import type { GrantState } from '../domain/grant.ts';
import { type Milliseconds, plus } from '../domain/instant.ts';
import { commit } from './commit.ts';
import { type EffectRun, grantOf } from './effect-run.ts';
import type { Ports } from './ports/index.ts';
import { MessengerError } from './ports/messenger.ts';
import { ProviderError } from './ports/provider.ts';
import { StaleWrite, StoreUnavailable, UnreadableRow } from './ports/store.ts';
import { SETTLE_MS } from './settling.ts';

/** The first delay; each further one doubles. */
const FIRST_DELAY_MS = 1_000;
/** The longest delay. A revocation never waits longer than a minute for its next attempt. */
const LONGEST_DELAY_MS = { target: 60_000, slack: 300_000, watch: 60_000 } as const;
/** A revocation that failed this often raises the alarm in Slack, and again at each doubling from eight on. */
const ALARM_AFTER = 3;
/** The failures of a call to a target that say for certain that it did nothing, and will not. All others may land. */
const DEFINITE = new Set(['unreachable', 'rate-limited', 'redirected', 'closed', 'read-only', 'not-seen', 'too-late']);

interface Failure {
  kind: 'retry' | 'wait' | 'give-up';
  code: string;
  sentence: string;
  retryAfterMs?: Milliseconds | undefined;
}

/** Puts a failed effect back for its next attempt and records the failure (invariants 5 and 7). */
export async function recordFailure(ports: Ports, run: EffectRun, error: unknown): Promise<void> {
  if (error instanceof StoreUnavailable || error instanceof StaleWrite) throw error;
  const failure = describe(error);
  const { stored, claim } = run;
  const { effect, attempt } = stored;
  const subject = await subjectOf(ports, run);
  await ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const grant = subject.grantId === undefined ? undefined : await tx.grant(subject.grantId);
    // A grant that began to end meanwhile: its revocation must not wait behind the next attempt to give.
    const pointless = subject.grantId !== undefined && isPointless(effect, grant);
    // Somebody may mend what a look was refused for while the grant still runs.
    const lasting = effect.kind === 'revoke' || effect.kind === 'watch';
    const over = (failure.kind === 'give-up' && !lasting) || pointless;
    const runAt = plus(now, delay(effect, attempt, failure, ports.random()));
    const held = over
      ? await tx.finishEffect(stored.id, claim, now)
      : await tx.postponeEffect(stored.id, claim, runAt, failure.kind === 'wait' ? undefined : failure);
    // The effect may be over already (a provision that ended its grant); its failure is recorded all the same.
    if (failure.kind === 'wait' || (!held && !over)) return;
    const unsettled =
      effect.kind === 'provision' && run.changing === true && failure.kind !== 'give-up' && !DEFINITE.has(failure.code);
    const alarm = effect.kind === 'revoke' && worthAnAlarm(attempt) ? alarms(subject.requestId, failure.sentence) : [];
    if (!unsettled && alarm.length === 0 && !worthRecording(attempt, failure.code, stored.lastCode)) return;
    const event: EffectFailed = {
      type: 'EffectFailed',
      at: now,
      workspace: stored.workspace,
      actor: 'latchkey',
      effectId: stored.id,
      kind: effect.kind,
      code: failure.code,
      sentence: failure.sentence,
      attempt,
      ...subject,
      ...(unsettled ? { unsettledUntil: plus(now, SETTLE_MS) } : {}),
    };
    await commit(ports, tx, { workspace: stored.workspace, now }, { grant }, { events: [event], effects: alarm });
  });
  const { requestId, grantId } = subject;
  const fields = { effect: stored.id, kind: effect.kind, attempt, code: failure.code, requestId, grantId };
  if (failure.kind !== 'wait') ports.log.warn(fields, `${effect.kind} failed: ${failure.sentence}`);
}

const isPointless = ({ kind }: Effect, grant: GrantState | undefined): boolean =>
  (kind === 'provision' && grant?.status !== 'provisioning') || (kind === 'watch' && grant?.status !== 'active');

/** What the target or Slack asked for, else growing. NB. no target can talk a revocation into waiting longer than that. */
function delay(effect: Effect, attempt: number, { retryAfterMs }: Failure, random: number): Milliseconds {
  if (retryAfterMs === undefined) return backoff(effect, attempt, random);
  return effect.kind === 'revoke' ? Math.min(retryAfterMs, LONGEST_DELAY_MS.target) : retryAfterMs;
}

/** The delay before the next attempt, in milliseconds: doubling, bounded, and spread by a fifth to either side. */
export function backoff(effect: Effect, attempt: number, random: number): Milliseconds {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempt - 1, 20), LONGEST_DELAY_MS[laneOf(effect)]);
  return Math.round(delay * (0.8 + 0.4 * random));
}

/** The first failure, each change of its code, and each doubling: a target that is down all night fills no log. */
const worthRecording = (attempt: number, code: string, last: string | undefined): boolean =>
  last !== code || isPowerOfTwo(attempt);

/** The attempts are counted, so one that crashed or only waited may be skipped: the next doubling makes up for it. */
const worthAnAlarm = (attempt: number): boolean => attempt === ALARM_AFTER || (attempt >= 8 && isPowerOfTwo(attempt));

const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;

function describe(error: unknown): Failure {
  if (error instanceof ProviderError || error instanceof MessengerError) {
    const { kind, code, message, retryAfterMs } = error;
    return { kind, code, sentence: storable(message), retryAfterMs };
  }
  // Somebody has to mend the row; until then it is tried as anything else is.
  if (error instanceof UnreadableRow) return { kind: 'retry', code: 'unreadable', sentence: error.message };
  // A bug or a surprise. NB. its message may quote anything, so only its name is kept.
  const name = error instanceof Error ? error.name : typeof error;
  return { kind: 'retry', code: 'unexpected', sentence: `an unexpected ${name}` };
}

/** NB. a target's words may hold what no database or log can: then the failure itself could not be recorded. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

interface Subject {
  grantId?: string;
  requestId?: string;
  key?: string;
  access?: string;
}

/** What the effect is about; nothing where the grant cannot be read, for then nothing can be recorded of it either. */
async function subjectOf(ports: Ports, run: EffectRun): Promise<Subject> {
  const { effect } = run.stored;
  if ('grantId' in effect) {
    const read = await grantOf(ports, run, effect.grantId).then(
      (grant) => ({ grant }),
      (error: unknown) => {
        if (error instanceof UnreadableRow) return undefined;
        throw error;
      },
    );
    if (!read) return {};
    const { grant } = read;
    const about = { grantId: effect.grantId, ...('key' in effect ? { key: effect.key } : {}) };
    return grant ? { ...about, requestId: grant.requestId, access: grant.access } : about;
  }
  return 'requestId' in effect ? { requestId: effect.requestId } : {};
}

function alarms(requestId: string | undefined, failure: string): Effect[] {
  if (requestId === undefined) return [];
  return [
    { kind: 'story', requestId, beat: 'late', failure },
    { kind: 'alarm', requestId, failure },
  ];
}
