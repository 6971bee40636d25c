import { jest } from '@jest/globals';

// `performance` of this module is a real clock that no fake timer reaches: the monotonic one of a fake machine instead.
jest.unstable_mockModule('node:perf_hooks', () => ({ performance: { now: () => globalThis.performance.now() } }));
const { startHeartbeat } = await import('../../src/scheduler/heartbeat.ts');

const NOON = Date.parse('2026-03-03T12:00:00.250Z');
const HOUR = 3_600_000;

let running: { stop(): Promise<void> } | undefined;
beforeEach(() => {
  jest.useFakeTimers({ now: NOON });
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function heart(beat: () => Promise<void>) {
  const lines: string[] = [];
  const line = (level: string) => (_fields: object, message: string) => void lines.push(`${level}: ${message}`);
  running = startHeartbeat(beat, { info: line('info'), warn: line('warn'), error: line('error') });
  return lines;
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** A beat that takes until it is told. */
function slow() {
  const ends: (() => void)[] = [];
  return { ends, beat: () => new Promise<void>((resolve) => ends.push(resolve)) };
}

describe('the heartbeat', () => {
  it('beats once a second, at the second', async () => {
    const beats: string[] = [];
    heart(async () => void beats.push(new Date().toISOString().slice(17, 19)));
    await pass(749);
    expect(beats).toEqual([]);
    await pass(3_000);
    expect(beats).toEqual(['01', '02', '03']);
  });

  it('never beats twice at once: what takes long is waited for', async () => {
    const { ends, beat } = slow();
    heart(beat);
    await pass(10_000);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await pass(1_000);
    expect(ends).toHaveLength(2);
    ends[1]?.();
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('no database'))],
    [
      'throws',
      () => {
        throw new Error('no database');
      },
    ],
  ])('goes on after a beat that %s, and says so', async (_, fail) => {
    let beats = 0;
    const lines = heart(() => {
      beats += 1;
      return beats === 1 ? fail() : Promise.resolve();
    });
    await pass(3_000);
    expect(beats).toBe(3);
    expect(lines).toEqual(['error: a tick failed; the next one tries again']);
  });

  it('that is stopped waits for the beat under way, and beats no more', async () => {
    const { ends, beat } = slow();
    heart(beat);
    await pass(1_000);
    let stopped = false;
    const stopping = running?.stop().then(() => {
      stopped = true;
    });
    await pass(5_000);
    expect([ends.length, stopped]).toEqual([1, false]);
    ends[0]?.();
    await stopping;
    await pass(5_000);
    expect(ends).toHaveLength(1);
  });
});

describe('the heartbeat of a machine whose clock is set', () => {
  it.each([
    ['back by an hour', -HOUR],
    ['ahead by an hour', HOUR],
    ['back by a year', -365 * 24 * HOUR],
    ['ahead by a day', 24 * HOUR],
    ['ahead by less than a second', 700],
  ])('goes on every second when it is set %s (invariant 11)', async (_, ms) => {
    let beats = 0;
    const lines = heart(async () => {
      beats += 1;
    });
    await pass(2_000);
    jest.setSystemTime(Date.now() + ms);
    beats = 0;
    await pass(10_000);
    // It may miss the second in which it notices, and makes up for none.
    expect(beats).toBeGreaterThanOrEqual(8);
    expect(beats).toBeLessThanOrEqual(11);
    expect(lines.filter((line) => line.startsWith('warn: the machine’s clock was set'))).toHaveLength(1);
  });

  it('beats never twice at once over it, though its task is a new one', async () => {
    const { ends, beat } = slow();
    heart(beat);
    await pass(2_000);
    jest.setSystemTime(Date.now() + HOUR);
    await pass(10_000);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await pass(2_000);
    expect(ends).toHaveLength(2);
    ends[1]?.();
  });

  it('takes a clock that drifts as it is', async () => {
    let beats = 0;
    const lines = heart(async () => {
      beats += 1;
    });
    for (let second = 0; second < 30; second += 1) {
      jest.setSystemTime(Date.now() + 20);
      await pass(1_000);
    }
    expect(lines.filter((line) => line.startsWith('warn: the machine’s'))).toEqual([]);
    expect(beats).toBeGreaterThanOrEqual(28);
  });
});
