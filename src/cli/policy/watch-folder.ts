import { watch } from 'chokidar';
import { EXIT, type Terminal } from '../terminal.ts';

/** Editors write a file in several steps: changes this close together are one. */
const SETTLE_MS = 200;

/** Runs now, and again after each change in the folder, until somebody stops it (Ctrl-C). */
export async function watchFolder(folder: string, terminal: Terminal, run: () => Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const again = (): void => {
    running = running.then(async () => {
      try {
        await run();
      } catch (error) {
        terminal.err(`${error instanceof Error ? error.message : String(error)}\n`);
      }
      terminal.err(`Waiting for changes in ${folder}; Ctrl-C ends it.\n`);
    });
  };
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(again, SETTLE_MS);
  };
  const watcher = watch(folder, { ignoreInitial: true, ignored: (path) => /(^|[\\/])\.git([\\/]|$)/.test(path) });
  watcher.on('all', changed);
  // NB. unheard, an error would end the process: a link that leads in a circle, a machine that is out of watches.
  watcher.on('error', (error) => terminal.err(`${folder} cannot be watched for changes: ${String(error)}\n`));
  // What changes before the watcher stands, nobody would be told of.
  watcher.once('ready', changed);
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  });
  clearTimeout(timer);
  await watcher.close();
  await running;
  return EXIT.ok;
}
