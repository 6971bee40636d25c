import { epochMs, instantOf } from '../src/domain/instant.ts';
import { sortableIds } from '../src/sortable-ids.ts';

const NINE = epochMs('2026-03-03T09:00:00.000Z');

describe('ids', () => {
  let now = NINE;
  const clock = { now: () => instantOf(now) };
  beforeEach(() => {
    now = NINE;
  });

  it('sort by the clock that they are given, whatever the machine’s says', () => {
    const before = sortableIds(clock).next('req');
    now += 1;
    // Another process, or the next one: nothing of the first is known to it.
    const after = sortableIds(clock).next('req');
    expect(before < after).toBe(true);
    expect(parseInt(after.slice('req_'.length, 'req_'.length + 12), 16)).toBe(now);
  });

  it('increase within a millisecond, too, and are UUIDs of version 7', () => {
    const ids = sortableIds(clock);
    const made = Array.from({ length: 10_000 }, () => ids.next('eff'));
    expect(made).toEqual([...made].sort());
    expect(new Set(made).size).toBe(made.length);
    for (const id of made) expect(id).toMatch(/^eff_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  });

  it('of two processes in the same millisecond differ', () => {
    const made = Array.from({ length: 1_000 }, () => sortableIds(clock).next('grt'));
    expect(new Set(made).size).toBe(made.length);
  });
});
