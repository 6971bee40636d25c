import { execFile, spawn } from 'node:child_process';
import { posix, sep } from 'node:path';
import { promisify } from 'node:util';
import { type FolderSource, isPolicyPath, isTestPath, LIMITS, UNSEEN } from '../../policy/index.ts';

/** Git could not answer. The message is for people. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
}

interface Entry {
  kind: 'file' | 'link' | 'submodule';
  id: string;
  bytes: number;
}

/** Far more than a list of 5,000 policy files takes; a folder that is larger holds something else. */
const LISTING_BYTES = 64 * 1024 * 1024;
const PATIENCE_MS = 60_000;

/** Runs Git where it changes nothing: no lock, no question, no fetching of what is not there. */
export class Git {
  readonly #dir: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(dir: string, env: NodeJS.ProcessEnv) {
    this.#dir = dir;
    this.#env = { ...env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1' };
  }

  get #options() {
    return { cwd: this.#dir, env: this.#env, timeout: PATIENCE_MS, maxBuffer: LISTING_BYTES };
  }

  /** @throws GitFailed */
  async run(...args: string[]): Promise<string> {
    try {
      return (await promisify(execFile)('git', args, this.#options)).stdout;
    } catch (error) {
      throw new GitFailed(reasonOf(error), { cause: error });
    }
  }

  /** As `run`; undefined where Git says no. */
  async ask(...args: string[]): Promise<string | undefined> {
    try {
      return (await promisify(execFile)('git', args, this.#options)).stdout.trim();
    } catch (error) {
      if (typeof (error as { code?: unknown }).code === 'number') return undefined;
      throw new GitFailed(reasonOf(error), { cause: error });
    }
  }

  /** The contents of some blobs, by id. */
  blobs(ids: readonly string[]): Promise<Map<string, Uint8Array>> {
    return new Promise((resolve, reject) => {
      const child = spawn('git', ['cat-file', '--batch'], { ...this.#options, stdio: ['pipe', 'pipe', 'ignore'] });
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      child.on('error', (error) => reject(new GitFailed(reasonOf(error), { cause: error })));
      // A Git that ended early is told by what it did not write.
      child.stdin.on('error', () => {});
      child.on('close', () => resolve(blobsIn(Buffer.concat(chunks))));
      child.stdin.end(ids.map((id) => `${id}\n`).join(''));
    });
  }
}

/** `<id> blob <size>`, a line feed, the bytes, a line feed; and so on. What is missing has no bytes. */
function blobsIn(output: Buffer): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  let at = 0;
  for (;;) {
    const end = output.indexOf(10, at);
    if (end < 0) return found;
    const [id = '', type, size] = output.toString('utf8', at, end).split(' ');
    at = end + 1;
    if (type !== 'blob') continue;
    const bytes = output.subarray(at, at + Number(size));
    if (bytes.length === Number(size)) found.set(id, bytes);
    at += Number(size) + 1;
  }
}

function reasonOf(error: unknown): string {
  const { stderr, code, message } = error as { stderr?: string; code?: unknown; message?: string };
  if (code === 'ENOENT') return 'Git is not installed here, or not in the PATH';
  const said = (stderr ?? '').trim().split('\n').at(-1);
  return said || message || String(error);
}

/** The files of a folder as they are in a commit, read from Git's own store: the work tree is neither read nor touched. */
export class GitTree implements FolderSource {
  readonly #git: Git;
  readonly #tree: string;
  readonly #entries = new Map<string, Entry>();
  readonly #folders = new Map<string, Map<string, Entry | 'folder'>>();
  #contents: Map<string, Uint8Array> = new Map();

  /** @param tree the id of the folder's tree */
  constructor(git: Git, tree: string) {
    this.#git = git;
    this.#tree = tree;
  }

  async open(): Promise<void> {
    const listing = await this.#git.run('ls-tree', '-r', '-z', '-l', '--full-tree', this.#tree);
    for (const line of listing.split('\0')) {
      const match = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t([\s\S]+)$/.exec(line);
      if (!match) continue;
      const [, mode = '', type, id = '', size = '0', path = ''] = match;
      const kind = type === 'commit' ? 'submodule' : mode === '120000' ? 'link' : 'file';
      this.#add(path, { kind, id, bytes: size === '-' ? 0 : Number(size) });
    }
    // All at once: a process for each of a thousand files would take seconds. More than a folder may hold is not fetched;
    // whoever reads on is told so.
    let left = LIMITS.folderBytes + LIMITS.fileBytes;
    const wanted = [...this.#entries].flatMap(([path, { kind, id, bytes }]) => {
      const small = kind === 'link' || ((isPolicyPath(path) || isTestPath(path)) && kind === 'file');
      if (!small || bytes > LIMITS.fileBytes) return [];
      left -= bytes;
      return left < 0 ? [] : [id];
    });
    this.#contents = await this.#git.blobs([...new Set(wanted)]);
  }

  #add(path: string, entry: Entry): void {
    this.#entries.set(path, entry);
    let below: Entry | 'folder' = entry;
    let at = path;
    for (;;) {
      const folder = posix.dirname(at) === '.' ? '' : posix.dirname(at);
      const names = this.#folders.get(folder) ?? new Map<string, Entry | 'folder'>();
      this.#folders.set(folder, names);
      names.set(posix.basename(at), below);
      if (folder === '') return;
      below = 'folder';
      at = folder;
    }
  }

  async list(path: string): ReturnType<FolderSource['list']> {
    const key = inGit(path);
    const entry = this.#entries.get(key);
    // NB. on the disk a submodule is a folder whose policies count: it must not look empty here.
    if (entry?.kind === 'submodule') throw Object.assign(new Error('a submodule'), { code: 'a Git submodule' });
    return [...(this.#folders.get(key) ?? [])].map(([name, found]) => ({
      name,
      kind: found === 'folder' || found.kind === 'submodule' ? 'folder' : found.kind,
    }));
  }

  async link(path: string): ReturnType<FolderSource['link']> {
    const target = this.#target(inGit(path));
    if (target === undefined) return isPolicyPath(path) ? 'out of the policy folder' : UNSEEN;
    if (this.#folders.has(target)) return 'to a folder';
    return this.#entries.get(target)?.kind === 'file' ? 'within' : 'out of the policy folder';
  }

  /** The path that a link leads to, below the folder; undefined when it leaves it. */
  #target(path: string): string | undefined {
    const entry = this.#entries.get(path);
    const bytes = entry && this.#contents.get(entry.id);
    if (!bytes) return undefined;
    const target = posix.normalize(posix.join(posix.dirname(path), Buffer.from(bytes).toString('utf8')));
    const absolute = bytes[0] === 47;
    return absolute || target === '..' || target.startsWith('../') ? undefined : target.replace(/\/$/, '');
  }

  async read(path: string, most: number): ReturnType<FolderSource['read']> {
    const key = inGit(path);
    const entry = this.#entries.get(key);
    const file = entry?.kind === 'link' ? this.#entries.get(this.#target(key) ?? '') : entry;
    if (file?.kind !== 'file') return 'not-a-file';
    if (file.bytes > most) return 'too-large';
    const bytes = this.#contents.get(file.id) ?? (await this.#git.blobs([file.id])).get(file.id);
    if (!bytes) throw Object.assign(new Error('missing'), { code: 'missing in this clone' });
    return bytes;
  }
}

const inGit = (path: string): string => path.split(sep).join('/');
