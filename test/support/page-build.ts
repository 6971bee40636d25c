import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const source = join(root, 'src/playground/browser');
const target = join(root, 'dist/playground/browser');

let built: Promise<void> | undefined;

/**
 * Compiles the playground's page into `dist`, if a source is newer than its script there. `npm test` has just built it;
 * this is for tests that are run by themselves. Several processes may do so at the same time: each moves whole files
 * into place, so nobody is ever served half a script.
 */
export function buildPage(): Promise<void> {
  built ??= isCurrent().then((current) => (current ? undefined : build()));
  return built;
}

async function isCurrent(): Promise<boolean> {
  const scripts = (await files(source)).filter((path) => path.endsWith('.ts'));
  const ages = scripts.map(async (path) => {
    const script = join(target, relative(source, path)).replace(/\.ts$/, '.js');
    const output = await stat(script).catch(() => undefined);
    return output !== undefined && output.mtimeMs >= (await stat(path)).mtimeMs;
  });
  return (await Promise.all(ages)).every(Boolean);
}

async function build(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-page-'));
  try {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const options = ['-p', 'tsconfig.browser.json', '--incremental', 'false', '--tsBuildInfoFile', 'null'];
    await promisify(execFile)(process.execPath, [compiler, ...options, '--outDir', folder], { cwd: root }).catch(
      (error: { stdout?: string }) => {
        throw new Error(`The playground's page does not compile:\n${error.stdout ?? String(error)}`);
      },
    );
    for (const from of await files(folder)) {
      const to = join(target, relative(folder, from));
      const whole = join(root, `dist/.page-${process.pid}`);
      await mkdir(dirname(to), { recursive: true });
      await copyFile(from, whole);
      await rename(whole, to);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
