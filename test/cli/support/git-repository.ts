import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SAMPLES = fileURLToPath(new URL('../../../policies', import.meta.url));

/** A Git repository with the sample policies in it, committed on `main`. */
export class GitRepository {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<GitRepository> {
    const made = new GitRepository(await realpath(await mkdtemp(join(tmpdir(), 'latchkey-git-'))));
    made.git('init', '-q', '-b', 'main');
    await cp(SAMPLES, join(made.folder, 'policies'), { recursive: true });
    made.commit('the samples');
    return made;
  }

  /** Nothing of the machine's own configuration, and no hook, has a say. */
  git(...args: string[]): string {
    const env = {
      PATH: process.env.PATH,
      HOME: this.folder,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
    };
    const who = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'protocol.file.allow=always'];
    return execFileSync('git', [...who, ...args], { cwd: this.folder, env, encoding: 'utf8' }).trim();
  }

  commit(message: string): string {
    this.git('add', '-A');
    this.git('commit', '-q', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  path(path: string): string {
    return join(this.folder, path);
  }

  async write(path: string, text: string | Uint8Array): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await writeFile(this.path(path), text);
  }

  async replace(path: string, from: string | RegExp, to: string): Promise<void> {
    const text = await readFile(this.path(path), 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${path} does not hold ${from}`);
    await this.write(path, changed);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
