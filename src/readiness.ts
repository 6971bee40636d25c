import { gapText } from './app/gap-text.ts';
import type { Ports } from './app/ports/index.ts';
import { between, type Instant } from './domain/instant.ts';
import type { Readiness } from './http/server.ts';
import type { SlackApp } from './slack/slack-app.ts';

/** Shorter than the store's own patience with a lock: whoever asks is to learn that it is the database. */
const DATABASE_TIMEOUT_MS = 2_000;

/** A tick is due every second, and a due effect is begun within seconds: later than this, something is stuck. */
const STUCK_MS = 60_000;

interface About {
  ports: Ports;
  slack: SlackApp;
  stopping(): boolean;
  /** When the last tick went well; the start, before the first one. */
  lastTick(): Instant;
}

/**
 * Whether this process can serve now. Failing outside work and a broken policy change are shown, but do not make it
 * unready: taking the process away would help neither. Policies that were broken at the start serve nothing.
 */
export async function readiness({ ports, slack, stopping, lastTick }: About): Promise<Readiness> {
  const database = await databaseCheck(ports);
  const rejected = ports.policies.rejected();
  const checks = {
    process: stopping() ? { ok: false, detail: 'stopping' } : { ok: true },
    database,
    slack: slack.identified ? { ok: true } : { ok: false, detail: 'Slack has not answered yet: who are we?' },
    policies: rejected
      ? {
          ok: false,
          detail: rejected.nothingServed
            ? `${rejected.problems.length} problems on disk since the start at ${rejected.at}: nothing is served, and what is due is taken away; first ${rejected.problems[0]}`
            : `${rejected.problems.length} problems on disk since ${rejected.at}; the last good set is in force`,
        }
      : { ok: true, detail: `digest ${ports.policies.current().revision.digest.slice(0, 12)}` },
    directory: directoryCheck(ports),
    ticks: ticksCheck(ports, lastTick()),
    outbox: database.ok ? await outboxCheck(ports) : { ok: false, detail: 'unknown' },
    rows: database.ok ? await rowsCheck(ports) : { ok: false, detail: 'unknown' },
  };
  const served = rejected?.nothingServed !== true;
  return { ready: checks.process.ok && checks.database.ok && checks.slack.ok && served, checks };
}

/** What live sources do not tell now. Not a reason to take the process away: another one would know no more. */
function directoryCheck({ policies }: Ports): { ok: boolean; detail?: string } {
  const { gaps } = policies.current().directory;
  if (gaps.length === 0) return { ok: true };
  return { ok: false, detail: gaps.map(gapText).join('; ') };
}

async function databaseCheck({ store }: Ports): Promise<{ ok: boolean; detail?: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ ok: boolean; detail?: string }>((resolve) => {
    const detail = `no answer within ${DATABASE_TIMEOUT_MS} ms: locked, or very busy`;
    timer = setTimeout(() => resolve({ ok: false, detail }), DATABASE_TIMEOUT_MS);
  });
  const answer = store.ping().then(
    () => ({ ok: true }),
    (error: unknown) => ({
      ok: false,
      detail: error instanceof Error && 'code' in error ? String(error.code) : 'unusable',
    }),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function ticksCheck({ clock }: Ports, last: Instant): { ok: boolean; detail?: string } {
  return between(last, clock.now()) < STUCK_MS
    ? { ok: true }
    : { ok: false, detail: `nothing has ended on time since ${last}: the log says why` };
}

/** Rows that were set aside: what they are about stands still until somebody mends them. */
async function rowsCheck({ store }: Ports): Promise<{ ok: boolean; detail?: string }> {
  const { count, first } = await store.setAside(5);
  if (count === 0) return { ok: true };
  const rest = count > first.length ? `, and ${count - first.length} more` : '';
  return { ok: false, detail: `set aside until it is mended: ${first.join('; ')}${rest}` };
}

async function outboxCheck({ store, clock }: Ports): Promise<{ ok: boolean; detail?: string }> {
  const now = clock.now();
  const stuck = (await store.outbox(now)).filter(
    ({ oldest }) => oldest !== undefined && between(oldest, now) > STUCK_MS,
  );
  const failing = await store.failingEffects(5);
  // Both, as one can be the other's cause, and neither may hide a revocation that does not come through.
  const details: string[] = [];
  if (stuck.length > 0) {
    const lanes = stuck.map(({ lane, depth, oldest }) => `${lane} (${depth} effects, the oldest due ${oldest})`);
    details.push(`is not worked off: ${lanes.join(', ')}`);
  }
  if (failing.length > 0) {
    const list = failing.map(({ effect, attempt, lastCode }) => `${effect.kind} (${lastCode}, attempt ${attempt})`);
    details.push(`keeps failing: ${list.join(', ')}`);
  }
  return details.length === 0 ? { ok: true } : { ok: false, detail: details.join('; ') };
}
