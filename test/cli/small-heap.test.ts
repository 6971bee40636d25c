import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** In a process of its own: the settings are for all of it, and must come before there is anything on the heap. */
function measured(small: boolean): { young: number; total: number } {
  const program = `
    ${small ? "(await import('./dist/cli/small-heap.js')).keepHeapSmall();" : ''}
    // The store has a thread, and each new thread changes V8's flags for all of them.
    const { Worker } = await import('node:worker_threads');
    const thread = new Worker("import { parentPort } from 'node:worker_threads'; parentPort.once('message', () => {});", { eval: true });
    await new Promise((resolve) => thread.once('online', resolve));
    thread.postMessage('end');
    // What load does: each piece outlives some collections of the young generation, and nothing is kept.
    const recent = [];
    for (let count = 0; count < 6_000_000; count++) {
      recent.push({ count, text: String(count) });
      if (recent.length > 100_000) recent.splice(0, 50_000);
    }
    const spaces = (await import('node:v8')).getHeapSpaceStatistics();
    const young = spaces.find((space) => space.space_name === 'new_space').space_size;
    const { heapTotal: total } = process.memoryUsage();
    console.log(JSON.stringify({ young, total }));
  `;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('the heap of the served product', () => {
  it('keeps its young generation and its garbage bounded under load', () => {
    const [small, plain] = [measured(true), measured(false)];
    expect(small.young).toBeLessThanOrEqual(9 * 1024 * 1024);
    expect(small.total).toBeLessThan(plain.total);
  });

  it('is collected in one thread, whether npm or the image starts it', () => {
    const read = (name: string) => readFileSync(new URL(name, root), 'utf8');
    const start: string = JSON.parse(read('package.json')).scripts.start;
    const [, flags = ''] = /&& node (.*)bin\/latchkey\.js serve$/.exec(start) ?? [];
    expect(flags.trim()).toBe('--single-threaded-gc');
    expect(read('Dockerfile')).toContain(
      `CMD ${JSON.stringify(['node', flags.trim(), 'bin/latchkey.js', 'serve']).replaceAll(',', ', ')}\n`,
    );
    expect(spawnSync(process.execPath, [flags.trim(), '-e', '']).status).toBe(0);
  });
});
