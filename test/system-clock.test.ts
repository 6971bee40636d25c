import { epochMs } from '../src/domain/instant.ts';
import { SystemClock } from '../src/system-clock.ts';

const machine = () => {
  const state = { wall: Date.parse('2026-03-03T09:00:00Z'), counter: 5_000 };
  const clock = new SystemClock(
    () => state.wall,
    () => state.counter,
  );
  const pass = (ms: number) => {
    state.wall += ms;
    state.counter += ms;
  };
  return { state, clock, pass };
};

describe('the clock', () => {
  it('follows the machine’s, forwards', () => {
    const { state, clock, pass } = machine();
    pass(1_500);
    expect(clock.now()).toBe('2026-03-03T09:00:01.500Z');
    state.wall += 3_600_000;
    expect(clock.now()).toBe('2026-03-03T10:00:01.500Z');
  });

  it('goes on from where it was when the machine’s steps back, and waits for nothing', () => {
    const { state, clock, pass } = machine();
    pass(1_000);
    clock.now();
    state.wall -= 3_600_000;
    expect(clock.now()).toBe('2026-03-03T09:00:01.000Z');
    pass(10_000);
    expect(clock.now()).toBe('2026-03-03T09:00:11.000Z');
    state.wall += 3_600_000;
    pass(1_000);
    expect(clock.now()).toBe('2026-03-03T09:00:12.000Z');
  });

  it('never goes back, however the machine’s is turned', () => {
    const { state, clock } = machine();
    let last = clock.epochMs();
    for (let turn = 0; turn < 1_000; turn += 1) {
      state.wall += ((turn * 7_919) % 2_001) - 1_000;
      state.counter += turn % 5;
      const now = clock.epochMs();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });

  it('counts the time for which the machine slept', () => {
    const { state, clock } = machine();
    state.wall += 8 * 3_600_000;
    expect(clock.now()).toBe('2026-03-03T17:00:00.000Z');
  });

  it('starts no earlier than what is in the log', () => {
    const { clock, pass } = machine();
    clock.startNoEarlierThan('2026-03-03T12:00:00.000Z');
    expect(clock.now()).toBe('2026-03-03T12:00:00.000Z');
    pass(1_000);
    expect(clock.now()).toBe('2026-03-03T12:00:01.000Z');
    clock.startNoEarlierThan('2026-03-03T08:00:00.000Z');
    clock.startNoEarlierThan(undefined);
    expect(clock.now()).toBe('2026-03-03T12:00:01.000Z');
  });

  it('that had to start later does not leap when the machine’s is put right', () => {
    // A machine that starts an hour behind, and hears from its time server a minute later.
    const { state, clock, pass } = machine();
    clock.startNoEarlierThan('2026-03-03T10:00:00.000Z');
    pass(60_000);
    state.wall += 3_600_000;
    expect(clock.now()).toBe('2026-03-03T10:01:00.000Z');
    state.wall += 5_000;
    expect(clock.now()).toBe('2026-03-03T10:01:05.000Z');
  });

  it('can be moved ahead, and stays ahead when the machine’s steps', () => {
    const { state, clock, pass } = machine();
    clock.advance(3_600_000);
    clock.advance(1);
    pass(1_000);
    state.wall -= 60_000;
    expect(clock.now()).toBe('2026-03-03T10:00:01.001Z');
    state.wall += 120_000;
    expect(clock.now()).toBe('2026-03-03T10:01:01.001Z');
  });

  it('gives whole milliseconds, though the counter has parts of them', () => {
    const { state, clock } = machine();
    state.counter += 0.75;
    expect(clock.epochMs()).toBe(Date.parse('2026-03-03T09:00:00.000Z'));
    state.counter += 0.75;
    expect(clock.now()).toBe('2026-03-03T09:00:00.001Z');
  });

  it('can be moved ahead, never back', () => {
    const { clock } = machine();
    const before = clock.epochMs();
    clock.advance(60_000);
    expect(clock.epochMs() - before).toBe(60_000);
    for (const ms of [0, -1, Number.NaN]) expect(() => clock.advance(ms)).toThrow(RangeError);
  });

  it('is the machine’s when nothing else is said', () => {
    expect(Math.abs(epochMs(new SystemClock().now()) - Date.now())).toBeLessThan(5_000);
  });
});
