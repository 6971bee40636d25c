import type { GrantState } from '../../src/domain/grant.ts';
import { judgeUse, shorterIdle, type Use, type Watched } from '../../src/domain/idle.ts';
import { type Milliseconds, plus } from '../../src/domain/instant.ts';

const NINE = '2026-03-03T09:00:00.000Z';
const MINUTE = 60_000;
const at = (minutes: number) => plus(NINE, minutes * MINUTE);

const grant: GrantState = {
  id: 'grt_1',
  workspace: 'T1',
  requestId: 'req_1',
  access: 'write',
  person: { email: 'ana@example.com', slack: 'U1' },
  status: 'active',
  holds: [],
  approvedAt: NINE,
  activatedAt: NINE,
  endsAt: at(240),
  idle: { afterMs: 30 * MINUTE, since: NINE },
  version: 1,
};
const NOW: Use = { usedMsAgo: 0, knownMs: 0 };
const NONE: Use = { knownMs: 0 };
const ago = (minutes: number, knownMs: Milliseconds = 0): Use => ({ usedMsAgo: minutes * MINUTE, knownMs });

const look = (minute: number, told: Use[], past: Partial<Watched> = {}, changed: Partial<GrantState> = {}) =>
  judgeUse({ ...grant, ...changed }, { usedAt: NINE, lookedAt: at(minute - 1), ...past }, told, {
    askedAt: at(minute),
    now: at(minute),
  });

describe('a look at what a grant holds', () => {
  it('knows the use of this moment, and comes again in a minute', () => {
    expect(look(20, [NOW])).toEqual({ usedAt: at(20), lookedAt: at(20), nextAt: at(21) });
  });

  it('knows a use that the target remembers, and otherwise what it knew before', () => {
    expect(look(20, [ago(5)])).toMatchObject({ usedAt: at(15) });
    expect(look(20, [NONE], { usedAt: at(7) })).toMatchObject({ usedAt: at(7) });
    // Of what was before the grant nothing counts: being given is use.
    expect(look(20, [ago(600)])).toMatchObject({ usedAt: NINE });
  });

  it('counts use at any of several targets', () => {
    expect(look(40, [NONE, ago(3)])).toMatchObject({ usedAt: at(37) });
    expect(look(40, [ago(35), NONE])).toEqual({ unusedSince: at(5) });
  });

  it('ends what was not used for so long, to the millisecond', () => {
    const before = judgeUse(grant, { usedAt: NINE, lookedAt: at(29) }, [NONE], {
      askedAt: at(29.5),
      now: plus(at(30), -1),
    });
    expect(before).toMatchObject({ usedAt: NINE, nextAt: at(30) });
    expect(look(30, [NONE])).toEqual({ unusedSince: NINE });
  });

  it('counts from the last extension', () => {
    expect(look(30, [NONE], {}, { idle: { afterMs: 30 * MINUTE, since: at(10) } })).toMatchObject({ usedAt: at(10) });
  });

  it.each([
    ['is not active', { status: 'revoking' }],
    ['has come to its end anyway', { endsAt: at(30) }],
    ['has no such rule', { idle: undefined }],
  ] as const)('ends nothing that %s', (_what, changed) => {
    expect(look(30, [NONE], {}, changed as Partial<GrantState>)).not.toHaveProperty('unusedSince');
  });

  it('takes time in which nobody looked for use, where the target does not remember it', () => {
    expect(look(40, [NONE], { lookedAt: at(37) })).toEqual({ unusedSince: NINE });
    expect(look(40, [NONE], { lookedAt: at(36.9) })).toMatchObject({ usedAt: at(40) });
    // As far back as it remembers, it says that there was none.
    expect(look(40, [{ knownMs: 20 * MINUTE }], { lookedAt: at(15) })).toMatchObject({ usedAt: at(20) });
    expect(look(40, [{ knownMs: 22 * MINUTE }], { lookedAt: at(15) })).toEqual({ unusedSince: NINE });
    // One that does not remember is enough.
    expect(look(40, [{ knownMs: 999 * MINUTE }, NONE], { lookedAt: at(15) })).toMatchObject({ usedAt: at(40) });
  });

  it('takes a clock that was set back for time in which nobody looked', () => {
    expect(look(40, [NONE], { lookedAt: at(41) })).toEqual({ usedAt: at(40), lookedAt: at(40), nextAt: at(41) });
    // What was seen before lies ahead now: it waits until then, and for so long again.
    expect(look(20, [NONE], { usedAt: at(60) })).toMatchObject({ usedAt: at(60), nextAt: at(21) });
  });

  it('ends at no answer that makes no sense, and takes none for a use that lies ahead', () => {
    expect(look(20, [{ knownMs: -60 * MINUTE }], { lookedAt: at(10) })).toMatchObject({ usedAt: at(20) });
    for (const usedMsAgo of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => look(59, [{ usedMsAgo, knownMs: 0 }])).toThrow(RangeError);
    expect(() => look(59, [{ knownMs: Number.NaN }])).toThrow(RangeError);
  });

  it('takes a use that the target dates into the future for one of now', () => {
    expect(look(20, [{ usedMsAgo: -5 * MINUTE, knownMs: 0 }])).toMatchObject({ usedAt: at(20) });
  });
});

describe('of two times without use', () => {
  it('the shorter counts, and none is longer than any', () => {
    expect([shorterIdle(1, 2), shorterIdle(2, 1), shorterIdle(1, undefined), shorterIdle(undefined, 2)]).toEqual([
      1, 1, 1, 2,
    ]);
    expect(shorterIdle(undefined, undefined)).toBeUndefined();
  });
});
