import { useAction } from '../../src/app/use-action.ts';
import { verifyAudit } from '../../src/app/verify-audit.ts';
import { App, apps, LEASE } from '../support/app.ts';
import { MINUTE, SECOND } from '../support/clock.ts';
import type { TestDatabase } from '../support/databases.ts';
import { databasesOf, postgres, sqlite } from '../support/databases.ts';
import { approved, ask, asked, CI_NAME, deploying, JENKINS, of, SHA, use } from './support/actions.ts';

const world = deploying();

describe.each([sqlite(), postgres()])('two processes at once, on $name', (kind) => {
  const database = databasesOf(kind);

  const two = async (): Promise<{ one: App; other: App; database: TestDatabase }> => {
    const made = await database();
    const one = new App(await made.open(), { world });
    const other = new App(await made.open(), { world, beside: one }, one.clock, one.ports.ids);
    return { one, other, database: made };
  };
  const whole = async (app: App) => {
    for (const { findings } of await verifyAudit(app.ports)) expect(findings).toEqual([]);
  };

  it('an approval is used exactly once, whoever asks at the same moment and however often', async () => {
    const { one, other } = await two();
    for (let round = 0; round < 5; round += 1) {
      const parameters = { sha: `000${round}` };
      const id = await approved(one, parameters);
      const answers = await Promise.all([one, other, one, other, one, other].map((app) => use(app, id, parameters)));
      expect(answers.filter(({ kind }) => kind === 'used')).toHaveLength(1);
      const refusals = answers.flatMap((answer) => (answer.kind === 'refused' ? [answer.refusal.code] : []));
      expect(refusals).toEqual(Array(5).fill('already-used'));
    }
    expect(await one.events('ActionUsed')).toHaveLength(5);
    await whole(one);
  });

  it('the same is asked for once, whichever process a caller that repeats itself reaches', async () => {
    const { one, other } = await two();
    const answers = await Promise.all([one, other, one, other].map((app) => ask(app)));
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['already-open', 'already-open', 'already-open', 'opened']);
    expect(new Set(answers.flatMap((answer) => ('request' in answer ? [answer.request.id] : []))).size).toBe(1);
    expect(await one.store.pendingRequestsOf(one.workspace, CI_NAME)).toHaveLength(1);
    await whole(one);
  });

  it('the tick and a use at its last moment: one of them, never both', async () => {
    const { one, other } = await two();
    const id = await approved(one);
    one.clock.advance(15 * MINUTE);
    const [, answer] = await Promise.all([other.tick(), use(one, id), one.tick()]);
    expect(answer).toMatchObject({ kind: 'refused', refusal: { code: 'approval-over' } });
    expect(await one.events('ActionUnused')).toHaveLength(1);
    expect(await one.events('ActionUsed')).toEqual([]);
    await whole(one);
  });

  it('a deny and an approval at once are one of them, and only then there is something to use', async () => {
    const { one, other } = await two();
    const id = await asked(one, SHA, JENKINS);
    await Promise.all([one.approve('dee', id), other.deny('cy', id)]);
    const { status } = await one.request(id);
    expect(await use(other, id, SHA, JENKINS)).toMatchObject({ kind: status === 'approved' ? 'used' : 'refused' });
    await whole(one);
  });
});

describe('a process that is killed', () => {
  const { start } = apps();

  it('at any line of using and telling: used once, and said once', async () => {
    const app = await start({ world });
    for (let calls = 0, over = false; !over; calls += 1) {
      const parameters = { sha: calls.toString(16).padStart(4, '0') };
      const id = await approved(app, parameters);
      await app.work();
      const { ports, died } = app.dyingAfter(calls);
      try {
        await useAction(ports, of(app), id, parameters);
        await app.work(ports);
      } catch (error) {
        if (!died()) throw error;
      }
      over = !died();
      // Another process takes over when the leases of the dead one are over; the caller tries again.
      app.clock.advance(LEASE + SECOND);
      const again = await use(app, id, parameters);
      if (again.kind === 'refused') expect(again.refusal.code).toBe('already-used');
      await app.work();
      expect((await app.request(id)).action?.usedAt).toBeDefined();
    }
    const used = await app.events('ActionUsed');
    expect(used.length).toBeGreaterThan(5);
    expect(new Set(used.map(({ requestId }) => requestId)).size).toBe(used.length);
    const told = app.messenger.of('story').filter(({ message }) => message.line.beat === 'used');
    expect(told).toHaveLength(used.length);
  }, 120_000);
});
