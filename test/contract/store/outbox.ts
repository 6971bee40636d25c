import type { Store } from '../../../src/app/ports/store.ts';
import { plus } from '../../../src/domain/instant.ts';
import { aRefresh, aRevoke, aWatch, HOUR, MINUTE, NOON, WORKSPACE } from '../../support/samples.ts';
import { HOSTILE, NOTHING, type StoreSubject } from './subject.ts';

/** Effects are given out in order, to one claimer at a time, until they are done. */
export function outbox(subject: StoreSubject): void {
  const { write } = subject;

  describe('the outbox', () => {
    const claim = (on: Store, name: string, now = NOON, limit = 10) =>
      on.claimEffects('slack', name, now, plus(now, MINUTE), limit);
    const finish = (id: string, name: string) => subject.store.transaction((tx) => tx.finishEffect(id, name, NOON));

    it('gives out what is due, of its lane, to one claimer at a time', async () => {
      const due = aRefresh('req_a');
      await write({ effects: [due, aRefresh('req_b', plus(NOON, 1)), aRevoke('key')] });
      expect((await claim(subject.store, 'me')).map((effect) => effect.id)).toEqual([due.id]);
      expect(await claim(subject.store, 'you')).toEqual([]);
      expect(await subject.store.claimEffects('target', 'you', NOON, plus(NOON, 1), 9)).toHaveLength(1);
    });

    it('gives out only what is of the orders asked for, and still none past an older one', async () => {
      const [older, wanted, other] = [aRevoke('a'), aRevoke('a'), aRevoke('b')];
      await write({ effects: [older, wanted, other] });
      const claimed = await subject.store.claimEffects('target', 'me', NOON, plus(NOON, 1), 9, ['entitlement:a']);
      expect(claimed.map(({ id }) => id)).toEqual([older.id]);
      expect((await subject.store.claimEffects('target', 'you', NOON, plus(NOON, 1), 9)).map(({ id }) => id)).toEqual([
        other.id,
      ]);
    });

    it('gives out the effects of one order one at a time, oldest first', async () => {
      const [first, second, third] = [aRefresh('req_a'), aRefresh('req_a'), aRefresh('req_a')];
      await write({ effects: [first, second] });
      await write({ effects: [third] }, plus(NOON, 1));
      for (const effect of [first, second, third]) {
        expect((await claim(subject.store, 'me')).map(({ id }) => id)).toEqual([effect.id]);
        expect(await claim(subject.store, 'you')).toEqual([]);
        expect(await finish(effect.id, 'me')).toBe(true);
      }
      expect(await claim(subject.store, 'me')).toEqual([]);
    });

    it('does not pass an older one that waits for its time, unless it is of another workspace', async () => {
      const late = aRefresh('req_a', plus(NOON, HOUR));
      await write({ effects: [late, aRefresh('req_a')] });
      expect(await claim(subject.store, 'me')).toEqual([]);
      await subject.store.transaction((tx) => tx.write('T0OTHER', NOON, { ...NOTHING, effects: [aRefresh('req_a')] }));
      expect(await claim(subject.store, 'me')).toHaveLength(1);
      expect((await claim(subject.store, 'me', plus(NOON, HOUR))).map(({ id }) => id)).toContain(late.id);
    });

    it('hastens what waits, of the orders named', async () => {
      const [late, other] = [aRevoke('a', plus(NOON, HOUR)), aRevoke('b', plus(NOON, HOUR))];
      await write({ effects: [late, other] });
      await subject.store.transaction((tx) => tx.hasten('T0OTHER', ['entitlement:a'], NOON));
      expect(await subject.store.claimEffects('target', 'me', NOON, plus(NOON, 1), 9)).toEqual([]);
      await subject.store.transaction(async (tx) => {
        await tx.hasten(WORKSPACE, [], NOON);
        await tx.hasten(WORKSPACE, ['entitlement:a', 'entitlement:none'], NOON);
      });
      expect((await subject.store.claimEffects('target', 'me', NOON, plus(NOON, 1), 9)).map(({ id }) => id)).toEqual([
        late.id,
      ]);
    });

    it('gives a claim to another when its lease is over, and then hears the first no more', async () => {
      const effect = aRefresh();
      await write({ effects: [effect] });
      await claim(subject.store, 'slow');
      expect(await claim(subject.store, 'quick', plus(NOON, MINUTE - 1))).toEqual([]);
      expect(await claim(subject.store, 'quick', plus(NOON, MINUTE))).toMatchObject([{ id: effect.id, attempt: 2 }]);
      expect(await finish(effect.id, 'slow')).toBe(false);
      expect(await subject.store.transaction((tx) => tx.postponeEffect(effect.id, 'slow', NOON))).toBe(false);
      expect(await finish(effect.id, 'quick')).toBe(true);
      expect(await finish(effect.id, 'quick')).toBe(false);
    });

    it('lets no older effect of an order overtake a claimed one, however late it was committed', async () => {
      const young = aRefresh('req_a');
      await write({ effects: [young] });
      await claim(subject.store, 'me');
      // Another process, whose clock is behind or whose commit was slow.
      const old = aRefresh('req_a', plus(NOON, -HOUR));
      await write({ effects: [old] }, plus(NOON, -HOUR));
      expect(await claim(subject.store, 'you')).toEqual([]);
      await expect(
        subject.database.sql(`UPDATE "Effect" SET "claim" = 'you' WHERE "id" = '${old.id}'`),
      ).rejects.toThrow();
      await finish(young.id, 'me');
      expect(await claim(subject.store, 'you')).toMatchObject([{ id: old.id }]);
    });

    it('takes an effect back for later, with what went wrong', async () => {
      const effect = aRefresh();
      await write({ effects: [effect, aRefresh('req_other', plus(NOON, HOUR))] });
      await claim(subject.store, 'me');
      const later = plus(NOON, MINUTE);
      const failure = { code: 'slack-429', sentence: HOSTILE };
      expect(await subject.store.transaction((tx) => tx.postponeEffect(effect.id, 'me', later, failure))).toBe(true);
      expect(await claim(subject.store, 'me')).toEqual([]);
      expect(await subject.store.outbox(later)).toEqual([
        { lane: 'slack', depth: 2, oldest: later, failing: 1 },
        { lane: 'target', depth: 0, failing: 0 },
        { lane: 'watch', depth: 0, failing: 0 },
      ]);
      expect(await subject.store.failingEffects(5)).toStrictEqual([
        {
          id: effect.id,
          workspace: WORKSPACE,
          effect: effect.effect,
          attempt: 1,
          createdAt: NOON,
          lastCode: 'slack-429',
          lastSentence: HOSTILE,
          runAt: later,
        },
      ]);
      expect(await claim(subject.store, 'me', later)).toMatchObject([
        { id: effect.id, attempt: 2, lastCode: 'slack-429' },
      ]);
      expect(await subject.store.transaction((tx) => tx.postponeEffect(effect.id, 'me', later))).toBe(true);
      expect(await claim(subject.store, 'me', later)).toMatchObject([{ attempt: 3, lastCode: 'slack-429' }]);
      await finish(effect.id, 'me');
      expect(await subject.store.failingEffects(5)).toEqual([]);
    });

    it('takes what comes round back as if it were new, with what it came to, unless the claim was lost', async () => {
      const effect = aWatch();
      await write({ effects: [effect] });
      const watch = (name: string, now = NOON) => subject.store.claimEffects('watch', name, now, plus(now, MINUTE), 9);
      expect(await claim(subject.store, 'me')).toEqual([]);
      expect(await watch('me')).toMatchObject([{ id: effect.id, attempt: 1 }]);
      const failure = { code: 'unreachable', sentence: 'It is down.' };
      await subject.store.transaction((tx) => tx.postponeEffect(effect.id, 'me', plus(NOON, MINUTE), failure));
      expect(await watch('me', plus(NOON, MINUTE))).toMatchObject([{ attempt: 2, lastCode: 'unreachable' }]);
      expect(await subject.store.failingEffects(5)).toHaveLength(1);
      const [now, runAt] = [plus(NOON, MINUTE), plus(NOON, 2 * MINUTE)];
      const anew = { effect: { ...effect.effect, usedAt: now, lookedAt: now }, runAt };
      const repeat = (name: string) => subject.store.transaction((tx) => tx.repeatEffect(effect.id, name, anew, now));
      expect(await repeat('you')).toBe(false);
      expect(await repeat('me')).toBe(true);
      expect(await repeat('me')).toBe(false);
      expect(await subject.store.failingEffects(5)).toEqual([]);
      expect(await subject.store.outbox(runAt)).toContainEqual({ lane: 'watch', depth: 1, oldest: runAt, failing: 0 });
      expect(await watch('me', plus(runAt, -1))).toEqual([]);
      expect(await watch('me', runAt)).toStrictEqual([
        { id: effect.id, workspace: WORKSPACE, effect: anew.effect, attempt: 1, createdAt: now },
      ]);
    });

    it('gives out at once what comes round, and was written by a clock that is ahead', async () => {
      const [watch, other] = [aWatch(plus(NOON, HOUR)), aRefresh('req_a', plus(NOON, HOUR))];
      await write({ effects: [watch, other] }, plus(NOON, HOUR));
      expect(await claim(subject.store, 'me')).toEqual([]);
      expect(await subject.store.claimEffects('watch', 'me', NOON, plus(NOON, 1), 9)).toMatchObject([{ id: watch.id }]);
    });

    it('has two processes work it off with none done twice and every order kept', async () => {
      const orders = 12;
      const each = 5;
      const effects = Array.from({ length: orders * each }, (_, index) => aRefresh(`req_${index % orders}`));
      await write({ effects });
      const done: { id: string; request: string }[] = [];
      const running = new Set<string>();
      const worker = async (on: Store, name: string) => {
        for (let empty = 0; done.length < effects.length && empty < 10_000; ) {
          const claimed = await claim(on, name, NOON, 3);
          empty = claimed.length === 0 ? empty + 1 : 0;
          for (const { id, effect } of claimed) {
            const request = effect.kind === 'refresh' ? effect.requestId : '';
            expect(running.has(request)).toBe(false);
            running.add(request);
            done.push({ id, request });
            running.delete(request);
            expect(await on.transaction((tx) => tx.finishEffect(id, name, NOON))).toBe(true);
          }
        }
      };
      const other = await subject.database.open();
      await Promise.all([
        worker(subject.store, 'a'),
        worker(other, 'b'),
        worker(subject.store, 'c'),
        worker(other, 'd'),
      ]);
      expect(done.map(({ id }) => id).sort()).toEqual(effects.map(({ id }) => id));
      for (let order = 0; order < orders; order++) {
        const ids = done.filter(({ request }) => request === `req_${order}`).map(({ id }) => id);
        expect(ids).toEqual([...ids].sort());
      }
    });

    it('is tidied of what was done long ago, and of nothing else', async () => {
      const [done, waiting] = [aRefresh('req_a'), aRefresh('req_b')];
      await write({ effects: [done, waiting] });
      await claim(subject.store, 'me');
      await finish(done.id, 'me');
      expect(await subject.store.forgetDoneEffects(NOON)).toBe(0);
      expect(await subject.store.forgetDoneEffects(plus(NOON, 1))).toBe(1);
      expect(await subject.database.sql('SELECT "id" FROM "Effect"')).toEqual([{ id: waiting.id }]);
    });
  });
}
