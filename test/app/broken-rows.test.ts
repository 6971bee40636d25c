import { handOver } from '../../src/app/away.ts';
import { type Store, UnreadableRow } from '../../src/app/ports/store.ts';
import { takeEmergency } from '../../src/app/take-emergency.ts';
import { tick } from '../../src/app/tick.ts';
import { verifyAudit } from '../../src/app/verify-audit.ts';
import { type App, apps } from '../support/app.ts';
import { DAY, HOUR, MINUTE } from '../support/clock.ts';
import { type DatabaseKind, databasesOf, postgres, sqlite, type TestDatabase } from '../support/databases.ts';
import { changed, email, slackOf, step, usual } from '../support/world.ts';
import { approved as approvedAction, asked as askedForAction, deploying, use } from './support/actions.ts';

const { start } = apps();

describe.each([sqlite(), postgres()])('somebody broke rows of the database, on $name', (kind: DatabaseKind) => {
  // The audit log of each is verified after its test, so they are closed at the end.
  const emptyDatabase = databasesOf(kind);
  let database: TestDatabase;
  let store: Store;
  let app: App;

  beforeEach(async () => {
    database = await emptyDatabase();
    store = await database.open();
    app = await start({ store });
  });

  const sql = (text: string, ...values: (string | number)[]) => database.sql(text, values);
  /** An effect that was set aside is named by every verification until it is mended or removed. */
  const removeEffectsSetAside = () => sql(`DELETE FROM "Effect" WHERE "status" = 'unreadable'`);
  const setAside = async () => (await store.setAside(10)).first.join('\n');

  /** Approved and not given yet, so that the outbox has a provision. */
  const approved = async (name: string, access = 'read') => app.grantOf(await app.approved(name, access));

  describe('of the outbox', () => {
    it.each([
      ['no JSON', 'x'],
      ['another thing', '[]'],
      ['of another kind than the row says', '{"kind":"revoke","grantId":"g","key":"k"}'],
      ['without the grant', '{"kind":"provision","key":"k"}'],
    ])('a payload that is %s is set aside and kept, and its lane goes on', async (_, payload) => {
      const broken = await approved('ana');
      const [{ payload: before } = { payload: '' }] = await database.sql<{ payload: string }>(
        `SELECT "payload" FROM "Effect" WHERE "kind" = 'provision'`,
      );
      await sql(`UPDATE "Effect" SET "payload" = $1 WHERE "kind" = 'provision'`, payload);
      const whole = await approved('ben');
      await app.work();
      expect(await app.grant(whole.id)).toMatchObject({ status: 'active' });
      expect(await app.grant(broken.id)).toMatchObject({ status: 'provisioning' });
      expect(await store.setAside(10)).toEqual({
        count: 1,
        first: [expect.stringMatching(/^the row Effect eff_\S+ cannot be read: its payload/)],
      });

      await sql(`UPDATE "Effect" SET "payload" = $1, "status" = 'pending' WHERE "status" = 'unreadable'`, before);
      await app.work();
      expect(await app.grant(broken.id)).toMatchObject({ status: 'active' });
      expect(await store.setAside(10)).toEqual({ count: 0, first: [] });
      await app.pass(5 * HOUR);
      await app.quiesce();
    });

    it('does not keep what comes after it in its order waiting: what it should give ends', async () => {
      const grant = await approved('ana');
      await sql(`UPDATE "Effect" SET "payload" = 'x' WHERE "kind" = 'provision'`);
      await app.work();
      await app.pass(5 * HOUR);
      await app.work();
      expect(await app.grant(grant.id)).toMatchObject({ status: 'ended' });
      await removeEffectsSetAside();
    });

    it('more of them than a claim takes hide nothing behind them', async () => {
      await approved('ana');
      await app.granted('ben');
      await sql(`UPDATE "Effect" SET "payload" = 'x' WHERE "status" = 'pending'`);
      const whole = await approved('ben', 'auto');
      const claimed = await store.claimEffects('target', 'me', app.clock.now(), app.clock.now(), 1);
      expect(claimed).toMatchObject([{ effect: { kind: 'provision', grantId: whole.id } }]);
      await app.work();
      await removeEffectsSetAside();
    });

    it('a revocation among them is written again, and so is one that was removed; once, whoever looks', async () => {
      const [one, two] = [await app.granted('ana'), await app.granted('ben', 'both')];
      app.clock.advance(5 * HOUR);
      await app.tick();
      await sql(`UPDATE "Effect" SET "payload" = 'x' WHERE "kind" = 'revoke' AND "orderKey" LIKE '%ana%'`);
      await sql(`DELETE FROM "Effect" WHERE "kind" = 'revoke' AND "orderKey" LIKE '%deployer%'`);
      await app.work();
      expect((await app.grant(one.id)).status).toBe('revoking');
      expect((await app.grant(two.id)).status).toBe('revoking');

      const second = { ...app.ports, store: await database.open() };
      await Promise.all([app.tick(), tick(second), app.tick()]);
      const [{ count } = { count: 0 }] = await database.sql<{ count: number | string }>(
        `SELECT count(*) AS count FROM "Effect" WHERE "kind" = 'revoke' AND "status" = 'pending'`,
      );
      expect(Number(count)).toBe(2);
      await app.work();
      expect((await app.grant(one.id)).status).toBe('ended');
      expect((await app.grant(two.id)).status).toBe('ended');
      expect([...app.target('db').permissions, ...app.target('ci').permissions]).toEqual([]);
      expect(await app.events('EffectFailed')).toMatchObject([
        { code: 'effect-missing', kind: 'revoke' },
        { code: 'effect-missing', kind: 'revoke' },
      ]);
      await removeEffectsSetAside();
    });

    it('heals nothing that is whole: no tick writes a revocation twice', async () => {
      await app.granted('ana', 'both');
      app.target('db').down = true;
      app.clock.advance(5 * HOUR);
      for (let time = 0; time < 3; time += 1) await app.tick();
      await app.work();
      for (let time = 0; time < 3; time += 1) await app.tick();
      const rows = await database.sql(`SELECT "id" FROM "Effect" WHERE "kind" = 'revoke'`);
      expect(rows).toHaveLength(2);
      app.target('db').down = false;
      await app.quiesce();
    });
  });

  describe('of grants and requests', () => {
    /** What stands there, broken until `mend`. */
    const broken = async (table: string, column: string, where: string, value: string) => {
      const rows = await database.sql<{ id: string; was: string }>(
        `SELECT "${table === 'Hold' ? 'grantId' : 'id'}" AS id, "${column}" AS was FROM "${table}" WHERE ${where}`,
      );
      await sql(`UPDATE "${table}" SET "${column}" = $1 WHERE ${where}`, value);
      return async () => {
        for (const { id, was } of rows)
          await sql(
            `UPDATE "${table}" SET "${column}" = $1 WHERE "${table === 'Hold' ? 'grantId' : 'id'}" = $2`,
            was,
            id,
          );
      };
    };

    it('a grant that cannot be read is set aside, the others end on time; mended, it ends at the next tick', async () => {
      const one = await app.granted('ana');
      const two = await app.granted('ben');
      const mend = await broken('Hold', 'permission', `"grantId" = '${one.id}'`, '{');
      await app.pass(5 * HOUR);
      await app.work();
      expect((await app.grant(two.id)).status).toBe('ended');
      expect([...app.target('db').permissions]).toEqual(['ana reader']);
      expect(await setAside()).toMatch(
        new RegExp(`^the row Grant ${one.id} cannot be read: its permission is not JSON`),
      );
      const [report] = await verifyAudit(app.ports);
      expect(report?.findings).toEqual([
        { kind: 'row', row: `grant ${one.id}`, problem: expect.stringContaining('cannot be read') },
      ]);
      await mend();
      await app.tick();
      await app.work();
      expect((await app.grant(one.id)).status).toBe('ended');
      expect(await setAside()).toBe('');
    });

    it('more of them than a batch do not fill every batch', async () => {
      const one = await app.granted('ana', 'read', { duration: '30m' });
      const two = await app.granted('ben', 'read', { duration: '1h' });
      const mend = await broken('Grant', 'status', `"id" = '${one.id}'`, 'activ');
      await mend();
      const mendHold = await broken('Hold', 'status', `"grantId" = '${one.id}'`, 'gone');
      app.clock.advance(5 * HOUR);
      const due = await store.transaction((tx) => tx.dueGrants(app.clock.now(), 1));
      expect(due.map(({ id }) => id)).toEqual([two.id]);
      await mendHold();
      await app.quiesce();
    });

    it('an effect about one fails by itself and is tried until the row is mended; the one beside it is done', async () => {
      const one = await approved('ana');
      const two = await approved('ben');
      const mend = await broken('Hold', 'permission', `"grantId" = '${one.id}'`, '{');
      await app.work();
      expect((await app.grant(two.id)).status).toBe('active');
      const failing = await store.failingEffects(5);
      expect(failing.find(({ effect }) => effect.kind === 'provision')).toMatchObject({
        lastCode: 'unreadable',
        lastSentence: expect.stringContaining(one.id),
      });
      await mend();
      await app.pass(10 * MINUTE, MINUTE);
      expect((await app.grant(one.id)).status).toBe('active');
      await app.pass(5 * HOUR);
      await app.quiesce();
    });

    it('effects that ask in the same moment are not each other’s trouble', async () => {
      const one = await app.granted('ana');
      const two = await app.granted('ben');
      const mend = await broken('Hold', 'permission', `"grantId" = '${one.id}'`, '{');
      const read = await Promise.allSettled([store.grant(one.id), store.grant(two.id), store.grant('no')]);
      expect(read).toMatchObject([
        { status: 'rejected', reason: { name: 'UnreadableRow' } },
        { status: 'fulfilled', value: { id: two.id } },
        { status: 'fulfilled', value: undefined },
      ]);
      await mend();
    });

    it('a delegation that cannot be read is none: votes go on, and verification names it and looks at the rest', async () => {
      const flows = [{ name: 'normal', steps: [{ ...step('dba'), delegation: 'allowed' }], timeout: '8h' }];
      app = await start({ store, world: changed(usual, { read: { flows } }) });
      const hand = (who: string, to: string) =>
        handOver(app.ports, app.caller(who), { end: { for: '2h' }, delegate: { slack: slackOf(to) } });
      await hand('cy', 'gus');
      await hand('eli', 'fay');
      const id = await app.asked('ana', 'read');
      const [{ was } = { was: '' }] = await database.sql<{ was: string }>(
        `SELECT CAST("until" AS TEXT) AS was FROM "Delegation" WHERE "delegatorEmail" = $1`,
        [email('cy')],
      );
      await sql(`UPDATE "Delegation" SET "until" = 'infinity' WHERE "delegatorEmail" = $1`, email('cy'));
      expect(await app.approve('gus', id)).toMatchObject({ kind: 'refused' });
      expect(await app.approve('fay', id)).toMatchObject({ kind: 'done' });
      expect(await setAside()).toContain(`${email('cy')} cannot be read: one of its times is none`);
      const [report] = await verifyAudit(app.ports);
      expect(report?.findings).toEqual([
        { kind: 'row', row: `delegation of ${email('cy')}`, problem: expect.stringContaining('cannot be read') },
      ]);
      await sql(`UPDATE "Delegation" SET "until" = $1 WHERE "delegatorEmail" = $2`, was, email('cy'));
      await app.pass(9 * HOUR);
      await app.quiesce();
      expect(await setAside()).toBe('');
    });

    it('verification looks at every row behind those that cannot be read', async () => {
      const one = await app.asked('ana', 'read');
      const two = await app.asked('ben', 'read');
      const grant = await app.granted('ana', 'auto');
      const mends = [
        await broken('Request', 'flow', `"id" = '${one}'`, '{"steps": 5}'),
        await broken('Request', 'reason', `"id" = '${two}'`, 'another'),
        await broken('Request', 'reviewBy', `"id" = '${two}'`, 'infinity'),
        await broken('Hold', 'permission', `"grantId" = '${grant.id}'`, '{'),
      ];
      const [report] = await verifyAudit(app.ports);
      expect(report?.findings).toEqual([
        { kind: 'row', row: `request ${one}`, problem: expect.stringContaining('cannot be read') },
        { kind: 'row', row: `request ${two}`, problem: 'differs from the log in reason, reviewBy' },
        { kind: 'row', row: `grant ${grant.id}`, problem: expect.stringContaining('cannot be read') },
      ]);
      for (const mend of mends) await mend();
      await app.pass(9 * HOUR);
      await app.quiesce();
    });

    it('an emergency of the past that cannot be read counts against the quota, is set aside and shown; no other', async () => {
      const glass = (quota = {}) => ({
        break_glass: { allow: ['user:gus@example.com', 'user:fay@example.com'], ...quota },
      });
      const quota = { quota: { times: 1, per: '30d' } };
      const world = changed(usual, { read: glass(quota), write: glass() });
      app = await start({ store, world });
      const take = (who: string, access: string) =>
        takeEmergency(app.ports, app.caller(who), { access, reason: 'the shop is down' });
      const taken = async (who: string, access: string) => {
        const answer = await take(who, access);
        if (answer.kind !== 'opened') throw new Error(JSON.stringify(answer));
        await app.work();
        return answer.request.id;
      };
      const ids = [await taken('gus', 'read'), await taken('gus', 'write')] as const;
      await app.pass(32 * DAY, DAY);
      const where = `"id" IN ('${ids.join("', '")}')`;
      const was = await database.sql<{ id: string; was: string }>(
        `SELECT "id", CAST("openedAt" AS TEXT) AS was FROM "Request" WHERE ${where}`,
      );
      await sql(`UPDATE "Request" SET "openedAt" = 'infinity' WHERE ${where}`);

      expect(await take('gus', 'read')).toMatchObject({
        kind: 'refused',
        refusal: { code: 'quota-unknown', sentence: expect.stringContaining('cannot be read') },
      });
      expect(await app.events('RequestRefused')).toMatchObject([{ code: 'quota-unknown' }]);
      expect(await setAside()).toMatch(
        new RegExp(`^the row Request ${ids[0]} cannot be read: one of its times is none`),
      );
      // Neither another person's nor an access whose emergencies nobody counts.
      await taken('fay', 'read');
      expect(await take('gus', 'write')).toMatchObject({ kind: 'opened', request: { emergency: { number: 2 } } });
      await app.pass(4 * DAY, DAY);
      expect(app.messenger.of('digest').at(-1)?.message.digest.setAside).toMatchObject({ count: 2 });

      for (const { id, was: openedAt } of was)
        await sql('UPDATE "Request" SET "openedAt" = $1 WHERE "id" = $2', openedAt, id);
      expect(await take('gus', 'read')).toMatchObject({ kind: 'opened', request: { emergency: { number: 2 } } });
      await app.quiesce();
    });

    it('an approval that cannot be read is set aside, and the others are over in time; mended, it is, too', async () => {
      app.reload(deploying());
      const one = await approvedAction(app, { sha: 'f00d' });
      const two = await approvedAction(app, { sha: 'beef' });
      const mend = await broken('Request', 'action', `"id" = '${one}'`, '{"caller": 5}');
      await app.pass(HOUR);
      await app.work();
      expect((await app.request(two)).action).toMatchObject({ unusedAt: expect.any(String) });
      expect(await setAside()).toBe(
        `the row Request ${one} cannot be read: its action is not what Latchkey writes there`,
      );
      await expect(use(app, one, { sha: 'f00d' })).rejects.toThrow(UnreadableRow);
      await mend();
      await app.pass(10 * MINUTE);
      expect((await app.request(one)).action).toMatchObject({ unusedAt: expect.any(String) });
      await app.quiesce();
    });

    it('a request that cannot be read is set aside, and the others lapse', async () => {
      const one = await app.asked('ana', 'read');
      const two = await app.asked('ben', 'read');
      const mend = await broken('Request', 'flow', `"id" = '${one}'`, '{"steps": 5}');
      await app.pass(9 * HOUR);
      await app.work();
      expect((await app.request(two)).status).toBe('lapsed');
      // NB. what it says is never quoted: it may be somebody's reason.
      expect(await setAside()).toBe(
        `the row Request ${one} cannot be read: its flow is not what Latchkey writes there`,
      );
      await mend();
      await app.pass(10 * MINUTE);
      expect((await app.request(one)).status).toBe('lapsed');
      await app.quiesce();
    });

    it('rows that are called due and are not, a whole batch of them, keep no tick busy for ever', async () => {
      app.reload(deploying({ flows: [{ name: 'self-service', auto_approve: true }] }));
      const ids = await Promise.all(
        Array.from({ length: 250 }, (_, number) => askedForAction(app, { sha: number.toString(16).padStart(4, '0') })),
      );
      await sql(`UPDATE "Request" SET "unusedAfter" = '2020-01-01T00:00:00.000+00:00'`);
      await tick(app.ports);
      expect(await app.events('ActionUnused')).toEqual([]);
      // Those that time is over for are found all the same.
      await app.pass(HOUR, HOUR);
      expect(await app.events('ActionUnused')).toHaveLength(ids.length);
      await app.quiesce();
    });
  });
});
