import fc from 'fast-check';
import { Pacing } from '../../src/slack/pacing.ts';
import { cases } from '../support/cases.ts';

describe('pacing', () => {
  it('gives one slot a second and channel, in order, and none to who would wait too long', () => {
    const pacing = new Pacing(1_000);
    expect(pacing.take('C1', 0, 1_500)).toEqual({ wait: 0, taken: true });
    expect(pacing.take('C1', 0, 1_500)).toEqual({ wait: 1_000, taken: true });
    expect(pacing.take('C1', 0, 1_500)).toEqual({ wait: 2_000, taken: false });
    expect(pacing.take('C2', 0, 1_500)).toEqual({ wait: 0, taken: true });
    // What was not taken is still free.
    expect(pacing.take('C1', 1_000, 1_500)).toEqual({ wait: 1_000, taken: true });
    expect(pacing.take('C1', 10_000, 1_500)).toEqual({ wait: 0, taken: true });
  });

  it('keeps the turn of who goes away for it, and lets nobody before them', () => {
    const pacing = new Pacing(1_000);
    pacing.take('C1', 0, 0, 'a');
    expect(pacing.take('C1', 0, 500, 'b')).toEqual({ wait: 1_000, taken: false });
    expect(pacing.take('C1', 0, 500, 'c')).toEqual({ wait: 2_000, taken: false });
    // Asking again does not move one back, and a newcomer stands behind.
    expect(pacing.take('C1', 100, 500, 'c')).toEqual({ wait: 1_900, taken: false });
    expect(pacing.take('C1', 900, 10_000, 'd')).toEqual({ wait: 2_100, taken: true });
    expect(pacing.take('C1', 1_000, 500, 'b')).toMatchObject({ taken: false });
  });

  it('a hundred posts to one channel go out in a hundred seconds, each asking twice', () => {
    const pacing = new Pacing(1_000);
    const waits = Array.from({ length: 100 }, (_, index) => pacing.take('C1', 0, 0, `p${index}`).wait);
    expect(waits).toEqual(Array.from({ length: 100 }, (_, index) => index * 1_000));
    for (let index = 1; index < 100; index += 1)
      expect(pacing.take('C1', index * 1_000, 0, `p${index}`)).toEqual({ wait: 0, taken: true });
  });

  it('the same name in another channel has another turn', () => {
    const pacing = new Pacing(1_000);
    pacing.take('C1', 0, 0, 'a');
    pacing.take('C1', 0, 0, 'b');
    expect(pacing.take('C2', 0, 0, 'b')).toEqual({ wait: 0, taken: true });
  });

  it('whoever never comes back for a turn is forgotten after a minute', () => {
    const pacing = new Pacing(1_000);
    pacing.take('C1', 0, 0, 'a');
    pacing.take('C1', 0, 0, 'gone');
    expect(pacing.take('C1', 70_000, 0, 'b')).toEqual({ wait: 0, taken: true });
    expect(pacing.take('C1', 70_000, 0, 'gone')).toEqual({ wait: 1_000, taken: false });
  });

  it('two posts are never nearer than the interval, whoever asks when', () => {
    const ask = fc.record({
      after: fc.nat(3_000),
      patience: fc.nat(3_000),
      who: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 40 }), (asks) => {
        const pacing = new Pacing(1_000);
        const posts: number[] = [];
        let now = 0;
        for (const { after, patience, who } of asks) {
          now += after;
          const { wait, taken } = pacing.take('C1', now, patience, who);
          expect(taken).toBe(wait <= patience);
          if (taken) posts.push(now + wait);
        }
        const sorted = posts.toSorted((a, b) => a - b);
        for (const [index, at] of sorted.entries())
          expect(at - (sorted[index - 1] ?? -1_000)).toBeGreaterThanOrEqual(1_000);
      }),
      cases(100),
    );
  });
});
