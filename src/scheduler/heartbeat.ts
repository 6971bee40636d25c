import { performance } from 'node:perf_hooks';
import cron, { type ScheduledTask } from 'node-cron';
import type { Log } from '../app/ports/log.ts';

/** Every second, never two at once. The expression is only the heartbeat: what is due is decided by the Clock port. */
const EVERY_SECOND = '* * * * * *';
/** A difference between the wall clock and the monotonic one, since the last look, that is a step and no drift. */
const STEP_MS = 500;
/** The look comes this long before the second, so that it is over before node-cron looks at the clock itself. */
const LOOK_AHEAD_MS = 10;

/**
 * Beats until stopped. `beat` must not throw for what it can handle; what it throws is logged, and it beats on.
 *
 * NB. node-cron plans by the wall clock: set back by an hour, it would not beat for an hour, and nothing would end on
 * time (invariant 11); set ahead by a day, it would count every missed second and block the process for as long. So the
 * clock is compared with the monotonic one right before each second, and after a step the task is scheduled anew.
 */
export function startHeartbeat(beat: () => Promise<void>, log: Log): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const tick = (): Promise<void> => {
    // A beat of the task that was replaced may still be under way.
    if (busy) return running;
    busy = true;
    // Whatever it throws and however: an error outside the promise must not leave it busy for ever.
    running = Promise.resolve()
      .then(beat)
      .catch((error: unknown) => log.error({ err: error }, 'a tick failed; the next one tries again'))
      .finally(() => {
        busy = false;
      });
    return running;
  };
  const schedule = (): ScheduledTask => cron.schedule(EVERY_SECOND, tick, { noOverlap: true, logger: cronLogger(log) });

  let task = schedule();
  let offset = Date.now() - performance.now();
  const look = () => {
    const step = Date.now() - performance.now() - offset;
    offset += step;
    if (Math.abs(step) > STEP_MS) {
      log.warn({ stepMs: Math.round(step) }, 'the machine’s clock was set; the heartbeat goes on');
      void task.destroy();
      task = schedule();
    }
    timer = setTimeout(look, untilLook());
  };
  let timer = setTimeout(look, untilLook());

  return {
    stop: async () => {
      clearTimeout(timer);
      await task.destroy();
      await running;
    },
  };
}

const untilLook = (): number => (2_000 - LOOK_AHEAD_MS - (Date.now() % 1_000)) % 1_000 || 1_000;

/** node-cron would write to the console, between the lines of JSON. */
function cronLogger(log: Log) {
  const line = (level: keyof Log) => (message: string | Error) => log[level]({ from: 'node-cron' }, String(message));
  return { info: line('info'), warn: line('warn'), error: line('error'), debug: () => {} };
}
