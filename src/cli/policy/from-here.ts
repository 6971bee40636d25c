import { isAbsolute, relative, resolve, sep } from 'node:path';

/**
 * The way to a folder from where the command runs, with `/`, or the whole of it when it is elsewhere. All that a command
 * prints names files so: it is what terminals and editors open, and what annotations, code scanning and coverage expect.
 */
export function fromHere(folder: string, here = process.cwd()): string {
  const root = resolve(here, folder);
  const way = relative(here, root);
  const elsewhere = way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
  return (elsewhere ? root : way).split(sep).join('/');
}
