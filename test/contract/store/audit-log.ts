import { GENESIS_HASH, link } from '../../../src/audit/chain.ts';
import { plus } from '../../../src/domain/instant.ts';
import { aRequest, MINUTE, NOON, opened, policiesLoaded, WORKSPACE } from '../../support/samples.ts';
import { HOSTILE, type StoreSubject } from './subject.ts';

/** One chain a workspace, in the order of the writing. */
export function auditLog(subject: StoreSubject): void {
  const { write, everyEntry, expectWholeChain } = subject;

  describe('the audit log', () => {
    it('links events in the order in which they were written, whoever writes', async () => {
      const other = await subject.database.open();
      await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          (index % 2 ? subject.store : other).transaction((tx) =>
            tx.write(WORKSPACE, NOON, {
              effects: [],
              events: [policiesLoaded({ accesses: index }), policiesLoaded({ accesses: index + 1000 })],
            }),
          ),
        ),
      );
      await expectWholeChain(120);
      const accesses = (await everyEntry()).map((entry) => JSON.parse(entry.body).event.accesses as number);
      for (let index = 0; index < 60; index++) {
        expect(accesses.indexOf(index + 1000)).toBe(accesses.indexOf(index) + 1); // One unit's events stay together.
      }
    });

    it('holds exactly what link made', async () => {
      const events = [policiesLoaded({ actor: HOSTILE }), policiesLoaded({ at: plus(NOON, 1) })];
      await write({ events });
      const { entries } = link({ seq: 0, hash: GENESIS_HASH }, events);
      expect(await everyEntry()).toStrictEqual(entries.map((entry) => ({ workspace: WORKSPACE, ...entry })));
    });

    it('keeps a chain for each workspace, also when they are written together', async () => {
      const workspaces = ['T3', 'T1', 'T2'];
      await Promise.all(
        Array.from({ length: 30 }, (_, index) => workspaces[index % 3] ?? '').map((workspace) =>
          subject.store.transaction(async (tx) => {
            await tx.write(workspace, NOON, { effects: [], events: [policiesLoaded({ workspace })] });
          }),
        ),
      );
      for (const workspace of workspaces) expect(await subject.store.auditHead(workspace)).toMatchObject({ seq: 10 });
    });

    it('is read in pages, by time and by type, and knows its latest moment', async () => {
      const request = aRequest();
      const times = [0, 1, 2, 3].map((minute) => plus(NOON, minute * MINUTE));
      await write({ events: times.map((at) => policiesLoaded({ at })) });
      await write({ events: [{ ...opened(request), at: times[2] ?? NOON }] });
      expect((await subject.store.auditPage(WORKSPACE, 2, 2)).map((entry) => entry.seq)).toEqual([2, 3]);
      expect(await subject.store.auditPage(WORKSPACE, 9, 2)).toEqual([]);
      const span = { from: times[1] ?? '', to: times[3] ?? '' };
      const between = await subject.store.auditBetween(WORKSPACE, span, 'PoliciesLoaded', 10);
      expect(between.map((entry) => entry.seq)).toEqual([2, 3]);
      const on = await subject.store.auditBetween(WORKSPACE, { ...span, after: 2 }, 'PoliciesLoaded', 1);
      expect(on.map((entry) => entry.seq)).toEqual([3]);
      expect(await subject.store.auditCounts(WORKSPACE, span)).toEqual({ PoliciesLoaded: 2, RequestOpened: 1 });
      expect(await subject.store.auditCounts('T0OTHER', span)).toEqual({});
      expect(await subject.store.latestInstant()).toBe(times[3]);
    });

    it('and how far time has come is remembered beside it, never an earlier one', async () => {
      await write({ events: [policiesLoaded({ at: NOON })] });
      for (const minute of [-5, 7, 3]) await subject.store.rememberTime(plus(NOON, minute * MINUTE));
      expect(await subject.store.latestInstant()).toBe(plus(NOON, 7 * MINUTE));
      await write({ events: [policiesLoaded({ at: plus(NOON, 9 * MINUTE) })] });
      expect(await subject.store.latestInstant()).toBe(plus(NOON, 9 * MINUTE));
    });
  });
}
