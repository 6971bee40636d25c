import type { EffectRun } from '../../src/app/effect-run.ts';
import { runEffect } from '../../src/app/run-effect.ts';
import { Worker } from '../../src/scheduler/worker.ts';
import { apps } from '../support/app.ts';

const { start } = apps();

describe('the worker', () => {
  it('does everything that is due in its lane, and what that leads to, until nothing is', async () => {
    const app = await start();
    const workers = (['target', 'slack'] as const).map(
      (lane) => new Worker(app.ports, { lane, concurrency: 4 }, (run) => runEffect(app.ports, run)),
    );
    app.store.onCommitted((commits) => {
      if (commits.some(({ effects }) => effects.length > 0)) for (const worker of workers) worker.wake();
    });
    await app.asked('ana', 'auto');
    const idle = async () => {
      while ((await app.undelivered()) > 0) await Promise.all(workers.map((worker) => worker.idle()));
    };
    await idle();
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await Promise.all(workers.map((worker) => worker.stop()));
    await app.quiesce();
  });

  it('runs no more at once than it may, and never two of one order', async () => {
    const app = await start();
    for (const name of ['ana', 'ben']) await app.asked(name, 'auto');
    await app.asked('ana', 'both');
    let running = 0;
    let most = 0;
    const orders = new Set<string>();
    const worker = new Worker(app.ports, { lane: 'slack', concurrency: 2 }, async (run: EffectRun) => {
      const order = JSON.stringify('requestId' in run.stored.effect && run.stored.effect.requestId);
      expect(orders.has(order)).toBe(false);
      orders.add(order);
      running += 1;
      most = Math.max(most, running);
      await runEffect(app.ports, run);
      running -= 1;
      orders.delete(order);
    });
    worker.wake();
    await worker.idle();
    await worker.stop();
    expect(most).toBe(2);
    await app.work();
    await app.deny('dee', (await app.events('RequestOpened')).at(-1)?.request.id ?? '');
    await app.quiesce();
  });

  it('that is stopped finishes what it has and claims nothing more', async () => {
    const app = await start();
    await app.asked('ana', 'auto');
    await app.asked('ben', 'auto');
    const release: (() => void)[] = [];
    let began: () => void = () => {};
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    const worker = new Worker(app.ports, { lane: 'target', concurrency: 1 }, async (run) => {
      began();
      await new Promise<void>((resolve) => release.push(resolve));
      await runEffect(app.ports, run);
    });
    worker.wake();
    await begun;
    const stopped = worker.stop();
    release[0]?.();
    await stopped;
    worker.wake();
    await worker.idle();
    expect(release).toHaveLength(1);
    expect(app.target().permissions.size).toBe(1);
    await app.quiesce();
  });

  it('logs an attempt that could not be recorded, and goes on; its claim runs out', async () => {
    const app = await start();
    await app.asked('ana', 'auto');
    const errors: string[] = [];
    const log = { ...app.ports.log, error: (_fields: object, message: string) => void errors.push(message) };
    const worker = new Worker({ ...app.ports, log }, { lane: 'target', concurrency: 1 }, async () => {
      throw new Error('no database');
    });
    worker.wake();
    await worker.idle();
    expect(errors).toEqual(['an attempt could not be recorded; its lease runs out']);
    expect(await app.step('target')).toBeUndefined();
    app.clock.advance(30_000);
    expect(await app.step('target')).toBe('provision');
    await worker.stop();
    await app.quiesce();
  });
});
