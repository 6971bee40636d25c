import { stat } from 'node:fs/promises';
import { basename, join, posix, relative, resolve, sep } from 'node:path';
import {
  type Env,
  type ParsedPolicies,
  type ReadFolder,
  readPolicyFolder,
  readPolicySource,
  withCommit,
} from '../../policy/index.ts';
import { markedWithCommit } from '../../policy-source.ts';
import { fromHere } from './from-here.ts';
import { Git, GitFailed, GitTree } from './git-tree.ts';
import { WrongUsage } from './verb.ts';
import { parseWithoutSecrets } from './without-secrets.ts';

export interface Source {
  /** As it was written. */
  name: string;
  read(): Promise<ReadFolder>;
  /** Where it came from, for the record. */
  commit?: string;
  dir?: string;
}

interface Where {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** What is read of a revision that names no folder. */
  policiesDir: string;
}

/**
 * A folder, or a revision of Git: `main`, `HEAD~1`, `v1.2:ops/policies`, as `git show` takes them. A revision alone means
 * the policy folder in it.
 *
 * @throws WrongUsage when it is neither, or could be both
 */
export async function sourceNamed(name: string, { cwd, env, policiesDir }: Where): Promise<Source> {
  const dir = resolve(cwd, name);
  const isFolder = await stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );
  // NB. what begins with a dash would be an option of Git's.
  if (name.startsWith('-')) throw new WrongUsage(`${name}: this is neither a folder nor a revision.`);
  try {
    const git = new Git(cwd, env);
    const [revision = '', ...rest] = name.split(':');
    const commit = /^[./]/.test(name) ? undefined : await commitOf(git, revision);
    if (commit === undefined) {
      if (isFolder) return { name, dir, read: () => readPolicyFolder(dir, { shown: fromHere(dir, cwd) }) };
      throw new WrongUsage(
        `${name}: there is no such folder, and no such revision in the Git repository here. A shallow clone has only its last commit: fetch more.`,
      );
    }
    if (isFolder) {
      throw new WrongUsage(
        `${name}: there is a folder and a revision of this name. Write ./${name} for the folder, ${name}:${relative(cwd, resolve(cwd, policiesDir))} for the revision.`,
      );
    }
    const path = rest.length > 0 ? rest.join(':') : await inRepository(git, cwd, resolve(cwd, policiesDir));
    const tree = await git.ask('rev-parse', '--verify', '--quiet', `${commit}:${path.replace(/\/+$/, '')}`);
    if (tree === undefined || (await git.ask('cat-file', '-t', tree)) !== 'tree')
      throw new WrongUsage(`${name}: there is no folder ${path === '' ? '.' : path} in ${commit.slice(0, 12)}.`);
    const top = await git.ask('rev-parse', '--show-toplevel');
    const own = posix.basename(path) || basename(top ?? cwd);
    // By Git's own words for where we are, as in `inRepository`. A bare repository is nowhere: its paths are all there is.
    const here = resolve(top ?? '', (await git.ask('rev-parse', '--show-prefix')) ?? '');
    const shown = top === undefined ? path : fromHere(join(top, path), here);
    return { name, commit, read: () => readPolicySource(own, new GitTree(git, tree), { shown }) };
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    if (isFolder) return { name, dir, read: () => readPolicyFolder(dir, { shown: fromHere(dir, cwd) }) };
    throw new WrongUsage(`${name}: there is no such folder, and Git cannot look for it (${error.message}).`);
  }
}

const commitOf = async (git: Git, revision: string): Promise<string | undefined> =>
  revision === '' ? undefined : git.ask('rev-parse', '--verify', '--quiet', `${revision}^{commit}`);

/** Where a folder of the work tree is in its repository. */
async function inRepository(git: Git, cwd: string, dir: string): Promise<string> {
  const top = (await git.run('rev-parse', '--show-toplevel')).trim();
  const prefix = (await git.run('rev-parse', '--show-prefix')).trim();
  // By Git's own words for where we are: the real path of the work tree may be another than the one in use.
  const here = resolve(top, prefix);
  const inside = relative(top, resolve(here, relative(cwd, dir)));
  if (inside === '..' || inside.startsWith(`..${sep}`))
    throw new WrongUsage(
      `${dir} is not in the Git repository here: write the folder behind the revision, as in main:policies.`,
    );
  return inside.split(sep).join('/');
}

/** Reads and checks the policies of a source; nothing is asked of the environment that is not set. */
export async function policiesOf(source: Source, secret: Env): Promise<ParsedPolicies> {
  const files = await source.read();
  const { checked } = parseWithoutSecrets(files, secret);
  if (!checked.ok) return checked;
  if (source.commit !== undefined) return { ok: true, policies: withCommit(checked.policies, source.commit) };
  return {
    ok: true,
    policies: source.dir === undefined ? checked.policies : await markedWithCommit(checked.policies, source.dir),
  };
}
