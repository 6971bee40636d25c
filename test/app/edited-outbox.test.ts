import { mendOutbox } from '../../src/app/mend-outbox.ts';
import { verifyAudit } from '../../src/app/verify-audit.ts';
import type { Effect } from '../../src/domain/effects.ts';
import { laneOf, orderOf } from '../../src/domain/effects.ts';
import { plus } from '../../src/domain/instant.ts';
import { type App, apps, WORKSPACE } from '../support/app.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { type DatabaseKind, databasesOf, postgres, sqlite, type TestDatabase } from '../support/databases.ts';

const { start } = apps();

const NEVER = '2999-01-01T00:00:00.000+00:00';
const LONG_AGO = '2001-01-01T00:00:00.000+00:00';

/** NB. whoever administers the database is the attacker here: they write into the outbox, and into nothing else. */
describe.each([sqlite(), postgres()])('somebody edits the outbox, on $name', (kind: DatabaseKind) => {
  const emptyDatabase = databasesOf(kind);
  let database: TestDatabase;
  let app: App;

  beforeEach(async () => {
    database = await emptyDatabase();
    app = await start({ store: await database.open() });
  });

  const sql = (text: string, ...values: (string | number)[]) => database.sql(text, values);
  const add = (effect: Effect, values: Record<string, string> = {}) => {
    const row = {
      id: 'eff_added',
      workspace: WORKSPACE,
      lane: laneOf(effect),
      orderKey: orderOf(effect),
      kind: effect.kind,
      payload: JSON.stringify(effect),
      status: 'pending',
      runAt: LONG_AGO,
      createdAt: LONG_AGO,
      attempt: 0,
      failures: 0,
      ...values,
    };
    const names = Object.keys(row);
    return sql(
      `INSERT INTO "Effect" (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})`,
      ...Object.values(row),
    );
  };
  const findings = async () =>
    (await verifyAudit(app.ports)).flatMap((report) =>
      report.findings.map((finding) =>
        finding.kind === 'row' ? `${finding.row} ${finding.problem}` : finding.problem,
      ),
    );
  const permissions = () => [...app.target('db').permissions].sort();

  /** Approved, and not given yet. */
  const approved = async (name: string) => {
    const id = await app.asked(name, 'read');
    await app.approve('dee', id);
    return app.grantOf(id);
  };
  const keyOf = (grant: { holds: readonly { key: string }[] }) => grant.holds[0]?.key ?? '';
  /** What was set aside is named until somebody mends or removes it. */
  const removeSetAside = async () => {
    expect((await findings()).join('\n')).toMatch(/^effect eff_\S+ the row Effect eff_\S+ cannot be read: /);
    await sql(`DELETE FROM "Effect" WHERE "status" = 'unreadable'`);
    expect(await findings()).toEqual([]);
  };

  describe('to be given something', () => {
    it('by an effect for a grant that there is not: nothing is given, and verification names it', async () => {
      await add({ kind: 'provision', grantId: 'grt_none', key: 'read at db for ana' });
      expect(await findings()).toEqual([]);
      await app.asked('ana', 'read');
      expect(await findings()).toEqual(['effect eff_added is about grant grt_none, which is not in the log']);
      await app.work();
      expect(permissions()).toEqual([]);
      await app.pass(9 * HOUR);
      await app.quiesce();
    });

    it('by an effect for a grant that is over, or for something else than it holds', async () => {
      const grant = await app.granted('ana');
      await app.pass(5 * HOUR);
      await app.quiesce();
      await add({ kind: 'provision', grantId: grant.id, key: keyOf(grant) });
      await app.work();
      const other = await approved('ben');
      await add({ kind: 'provision', grantId: other.id, key: 'deployer' }, { id: 'eff_other' });
      expect(await findings()).toEqual(['effect eff_other is about nothing that its grant holds']);
      await app.work();
      expect([...permissions(), ...app.target('ci').permissions]).toEqual(['ben reader']);
      await app.pass(5 * HOUR);
      await app.quiesce();
    });

    it('by turning an effect to another person’s grant: it is set aside, and nobody gets anything by it', async () => {
      const ana = await approved('ana');
      const ben = await approved('ben');
      await sql(
        `UPDATE "Effect" SET "payload" = $1 WHERE "kind" = 'provision' AND "orderKey" = $2`,
        JSON.stringify({ kind: 'provision', grantId: ben.id, key: keyOf(ben) }),
        `entitlement:${keyOf(ana)}`,
      );
      await app.work();
      expect(permissions()).toEqual(['ben reader']);
      expect((await app.ports.store.setAside(5)).first).toEqual([
        expect.stringContaining('its payload is not about what its order is about'),
      ]);
      await removeSetAside();
      await app.pass(5 * HOUR);
      await app.quiesce();
      expect(await app.grant(ana.id)).toMatchObject({ status: 'ended', endReason: 'failed' });
    });

    it('by an effect of another workspace: it does nothing, here or there', async () => {
      const grant = await approved('ana');
      await sql(`UPDATE "Effect" SET "workspace" = 'T0OTHER' WHERE "status" = 'pending'`);
      await app.work();
      expect(permissions()).toEqual([]);
      expect(app.messenger.of('approvers')).toEqual([]);
      expect(await app.ports.store.workspaces()).toEqual([WORKSPACE]);
      await app.pass(5 * HOUR);
      await app.quiesce();
      expect(await app.grant(grant.id)).toMatchObject({ status: 'ended' });
    });
  });

  describe('to keep something', () => {
    const about = (grant: { id: string; holds: readonly { key: string }[] }) =>
      ({ kind: 'revoke', grantId: grant.id, key: keyOf(grant) }) as const;
    const REVOKE = `WHERE "kind" = 'revoke'`;

    it.each<[string, string, boolean]>([
      ['into the lane of looks', `UPDATE "Effect" SET "lane" = 'watch' ${REVOKE}`, true],
      ['into the lane of messages', `UPDATE "Effect" SET "lane" = 'slack' ${REVOKE}`, true],
      ['into no lane', `UPDATE "Effect" SET "lane" = 'nowhere' ${REVOKE}`, true],
      ['into another order', `UPDATE "Effect" SET "orderKey" = 'entitlement:x' ${REVOKE}`, true],
      ['into another workspace', `UPDATE "Effect" SET "workspace" = 'T0OTHER' ${REVOKE}`, false],
      ['to be another kind', `UPDATE "Effect" SET "kind" = 'provision' ${REVOKE}`, true],
      [
        'to be about another grant',
        `UPDATE "Effect" SET "payload" = replace("payload", 'grt_', 'grt_x') ${REVOKE}`,
        false,
      ],
      ['to another day', `UPDATE "Effect" SET "runAt" = '${NEVER}' ${REVOKE}`, false],
      ['to be claimed for ever', `UPDATE "Effect" SET "claim" = 'me', "leaseUntil" = '${NEVER}' ${REVOKE}`, false],
      ['to be done', `UPDATE "Effect" SET "status" = 'done' ${REVOKE}`, false],
      ['away', `DELETE FROM "Effect" ${REVOKE}`, false],
    ])('by moving a revocation %s: it is taken away all the same', async (_how, edit, setAside) => {
      const grant = await app.granted('ana');
      app.clock.advance(5 * HOUR);
      await app.tick();
      await sql(edit);
      await mendOutbox(app.ports);
      await app.work();
      await app.pass(2 * MINUTE, MINUTE);
      expect(permissions()).toEqual([]);
      expect(await app.grant(grant.id)).toMatchObject({ status: 'ended', endReason: 'expired' });
      if (setAside) await removeSetAside();
      await app.quiesce();
    });

    it.each<[string, Record<string, string>, boolean]>([
      ['of no lane', { lane: 'nowhere' }, true],
      ['of another lane', { lane: 'slack' }, true],
      ['that is never due', { runAt: NEVER }, false],
      ['that is claimed for ever', { claim: 'me', leaseUntil: NEVER }, false],
      ['that nobody can read', { payload: '{' }, true],
    ])('by putting something %s before a revocation: it does not wait', async (_how, values, setAside) => {
      const grant = await app.granted('ana');
      app.clock.advance(5 * HOUR);
      await app.tick();
      await add({ kind: 'provision', grantId: grant.id, key: keyOf(grant) }, values);
      await mendOutbox(app.ports);
      await app.work();
      expect(permissions()).toEqual([]);
      expect((await app.grant(grant.id)).status).toBe('ended');
      if (setAside) await removeSetAside();
      await app.quiesce();
    });

    it('by what is due in some hours before a revocation: so long Latchkey never waits', async () => {
      const grant = await app.granted('ana');
      app.clock.advance(5 * HOUR);
      await app.tick();
      const runAt = plus(app.clock.now(), 3 * HOUR).replace('Z', '+00:00');
      await add({ kind: 'provision', grantId: grant.id, key: keyOf(grant) }, { runAt });
      await app.work();
      expect(permissions()).toEqual(['ana reader']);
      await mendOutbox(app.ports);
      await app.work();
      expect(permissions()).toEqual([]);
      await app.quiesce();
    });

    it('verification names a revocation that is missing, until it is written again', async () => {
      const grant = await app.granted('ana');
      app.clock.advance(5 * HOUR);
      await app.tick();
      expect(await findings()).toEqual([]);
      await sql(`DELETE FROM "Effect" ${REVOKE}`);
      expect(await findings()).toEqual([
        `grant ${grant.id} is being ended, and the outbox holds no revocation of ${keyOf(grant)}`,
      ]);
      await app.tick();
      expect(await findings()).toEqual([]);
      await app.quiesce();
    });

    it('an added revocation of a grant that runs takes nothing away', async () => {
      const grant = await app.granted('ana');
      await add(about(grant));
      await app.work();
      expect(permissions()).toEqual(['ana reader']);
      expect((await app.grant(grant.id)).status).toBe('active');
      await app.pass(5 * HOUR);
      await app.quiesce();
    });

    it('what waits rightly is left alone', async () => {
      await app.granted('ana');
      app.target('db').down = true;
      app.clock.advance(5 * HOUR);
      await app.tick();
      await app.work();
      expect(await app.ports.store.mendEffects(app.clock.now())).toEqual({ setAside: 0, hastened: 0, freed: 0 });
      app.target('db').down = false;
      await app.quiesce();
    });
  });

  describe('to have something said that is not so', () => {
    it('that it ended while it runs, or was denied: neither its thread nor its person is told', async () => {
      const grant = await app.granted('ana');
      await app.work();
      const before = app.messenger.seen.length;
      for (const beat of ['ended', 'failed', 'cancelled', 'lapsed', 'extended', 'reviewed', 'review-overdue'] as const)
        await add({ kind: 'story', requestId: grant.requestId, beat }, { id: `eff_${beat}` });
      for (const news of ['ended', 'failed', 'denied', 'lapsed', 'extended', 'reviewed'] as const)
        await add({ kind: 'tell-requester', requestId: grant.requestId, news }, { id: `eff_tell_${news}` });
      await app.work();
      expect(app.messenger.seen.slice(before)).toEqual([]);
      await app.pass(5 * HOUR);
      await app.quiesce();
    });
  });
});
