import { runEffect } from '../../src/app/run-effect.ts';
import { Worker } from '../../src/scheduler/worker.ts';
import { type App, apps } from '../support/app.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { usual } from '../support/world.ts';

const { start, beside } = apps();

describe('ending early', () => {
  it('is for the person who holds it only', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    expect(await app.end('ben', grant.id)).toMatchObject({ refusal: { code: 'not-your-grant' } });
    expect(await app.end('olga', grant.id)).toMatchObject({ refusal: { code: 'unknown-person' } });
    expect(await app.end('ana', 'grt_99999999')).toMatchObject({ refusal: { code: 'no-such-grant' } });
    expect(await app.end('ana', grant.id)).toEqual({ kind: 'done' });
    expect(await app.end('ana', grant.id)).toMatchObject({ refusal: { code: 'already-ending' } });
    await app.work();
    expect(await app.end('ana', grant.id)).toMatchObject({ refusal: { code: 'already-ending' } });
    expect((await app.events('CommandRefused')).map(({ code }) => code)).toEqual([
      'not-your-grant',
      'unknown-person',
      'no-such-grant',
      'already-ending',
      'already-ending',
    ]);
  });

  it('five End now clicks at once end it once', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    await Promise.all(Array.from({ length: 5 }, () => app.end('ana', grant.id)));
    await app.work();
    expect(await app.events('GrantEnding')).toHaveLength(1);
    expect(await app.events('GrantEnded')).toHaveLength(1);
  });

  it('by name: ends every running grant of it, withdraws the pending request, and says when there is neither', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    const id = await app.asked('ana', 'read');
    expect(await app.endOwn('ana', 'read')).toMatchObject({ kind: 'done', ended: 1, withdrawn: 1 });
    await app.work();
    expect(await app.grant(grant.id)).toMatchObject({
      status: 'ended',
      endReason: 'released',
      endedBy: 'ana@example.com',
    });
    expect(await app.request(id)).toMatchObject({ status: 'cancelled' });
    expect(await app.endOwn('ana', 'read')).toMatchObject({ refusal: { code: 'no-such-grant' } });
    expect(await app.endOwn('olga', 'read')).toMatchObject({ refusal: { code: 'unknown-person' } });
  });

  it('while it is still being given: nothing stays', async () => {
    const app = await start();
    app.target().fail('provision', { kind: 'retry' });
    const id = await app.approved('ana');
    await app.work();
    await app.end('ana', (await app.grantOf(id)).id);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
    expect(await app.grantOf(id)).toMatchObject({ endReason: 'released' });
  });
});

describe('time', () => {
  it('that steps back ends nothing later and nothing twice', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    app.clock.advance(59 * MINUTE);
    await app.tick();
    app.clock.advance(-30 * MINUTE);
    await app.tick();
    await app.work();
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active', endsAt: grant.endsAt });
    app.clock.set(grant.endsAt);
    await app.tick();
    await app.work();
    app.clock.advance(-30 * MINUTE);
    await app.tick();
    await app.work();
    expect(await app.events('GrantEnding')).toHaveLength(1);
    expect(await app.events('GrantEnded')).toHaveLength(1);
  });

  it('runs from the approval, not from the request', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    app.clock.advance(2 * HOUR);
    await app.approve('dee', id);
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ endsAt: '2026-03-03T12:00:00.000Z' });
    await app.quiesce();
  });

  it('after a long stop everything due is done at once and exactly once, by two processes that tick at the same time', async () => {
    const people = Object.fromEntries(
      Array.from({ length: 250 }, (_, index) => [`p${index}`, { slack: `U0P${index}` }]),
    );
    const names = Object.keys(people);
    const world = { ...usual, people: { ...usual.people, ...people }, groups: { ...usual.groups, backend: names } };
    const app = await start({ world });
    const second = await beside(app, { world });
    const drain = async (...processes: App[]) => {
      const workers = processes.flatMap(({ ports }) =>
        (['target', 'slack'] as const).map(
          (lane) => new Worker(ports, { lane, concurrency: 32 }, (run) => runEffect(ports, run)),
        ),
      );
      while ((await app.undelivered()) > 0) {
        for (const worker of workers) worker.wake();
        await Promise.all(workers.map((worker) => worker.idle()));
      }
      await Promise.all(workers.map((worker) => worker.stop()));
    };
    await Promise.all(names.map((name) => app.ask(name, 'auto')));
    await drain(app);
    await Promise.all(names.map((name) => app.ask(name, 'read')));
    expect(app.target().permissions.size).toBe(250);
    app.clock.advance(3 * 24 * HOUR);
    const [one, two] = await Promise.all([app.tick(), second.tick()]);
    expect(one.expired + two.expired).toBe(250);
    expect(one.lapsed + two.lapsed).toBe(250);
    await drain(app, second);
    expect(app.target().permissions.size).toBe(0);
    expect(await app.events('GrantEnded')).toHaveLength(250);
    expect(await app.events('RequestLapsed')).toHaveLength(250);
    expect(await app.tick()).toEqual({ expired: 0, lapsed: 0, nudged: 0 });
  }, 300_000);
});
