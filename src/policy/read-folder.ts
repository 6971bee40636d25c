import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { LIMITS } from './limits.ts';
import { isPolicyPath, isTestPath, type PolicyFile } from './policy-files.ts';
import { startOf } from './positions.ts';
import type { ProblemCode } from './problem-codes.ts';
import { type Problem, problem, sortProblems } from './problems.ts';
import { UNPRINTABLE } from './schema/words.ts';

/** `files` beside problems: those that could be read. They are no policies, for a rule may be missing. */
export type ReadFolder = { ok: true; files: PolicyFile[] } | { ok: false; problems: Problem[]; files: PolicyFile[] };

const MIB = 1024 * 1024;

/**
 * Reads the policy files of a folder and its sub-folders: `*.yaml` and `*.yml`, with tests (`*.test.yaml`) only when they
 * are asked for, and without anything whose name starts with a dot (a mounted Kubernetes ConfigMap keeps its copies there, Git its own files).
 * Paths start with the folder's own name, or with what it is to be `shown` as, and use `/`, in the order of the alphabet.
 *
 * Never rejects: whatever cannot be read is a problem, since a rule that went missing may be the one that says no.
 */
export async function readPolicyFolder(dir: string, how: HowToRead = {}): Promise<ReadFolder> {
  const root = resolve(dir);
  return readPolicySource(basename(root) || root, new Disk(root), how);
}

export interface HowToRead {
  /** With the tests of policies. */
  tests?: boolean;
  /** The way to the folder, for paths and problems; its own name when absent. The identity of the policies is the same. */
  shown?: string;
}

/** Where policy files are: a folder of the disk, or of a Git revision. Paths are below the folder, parted by `sep`. */
export interface FolderSource {
  /** @throws when the folder cannot be read; the root's own is told by its code. */
  open(): Promise<void>;
  list(path: string): Promise<{ name: string; kind: 'file' | 'folder' | 'link' | 'other' }[]>;
  /** Where a symbolic link leads; `within`: to a file of this folder, to be read. */
  link(path: string): Promise<'within' | 'to a folder' | 'out of the policy folder' | typeof UNSEEN>;
  read(path: string, most: number): Promise<Uint8Array | Unread>;
}

/** NB. it could be a folder of policies, that say no to somebody: not followed, and not passed over either. */
export const UNSEEN = 'where this revision does not show';

/** The same rules and the same limits wherever the files are. @param name the folder's own */
export async function readPolicySource(
  name: string,
  source: FolderSource,
  { tests = false, shown = name }: HowToRead = {},
): Promise<ReadFolder> {
  const wanted = tests ? (path: string) => isPolicyPath(path) || isTestPath(path) : isPolicyPath;
  const reader = new FolderReader(source, { name, shown }, wanted);
  await reader.readRoot();
  if (reader.problems.length === 0 && reader.files.length === 0) {
    reader.say('', 'no-policies', 'This folder holds no policy file (*.yaml): nobody could ask for anything.');
  }
  const files = reader.files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  if (reader.problems.length > 0) return { ok: false, problems: sortProblems(reader.problems), files };
  return { ok: true, files };
}

class Disk implements FolderSource {
  readonly #root: string;
  #real = '';

  constructor(root: string) {
    this.#root = root;
  }

  async open(): Promise<void> {
    this.#real = await realpath(this.#root);
  }

  async list(path: string): ReturnType<FolderSource['list']> {
    const listed = await readdir(join(this.#root, path), { withFileTypes: true });
    return listed.map((entry) => ({
      name: entry.name,
      kind: entry.isSymbolicLink() ? 'link' : entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other',
    }));
  }

  async link(path: string): ReturnType<FolderSource['link']> {
    const target = await realpath(join(this.#root, path));
    if ((await stat(target)).isDirectory()) return 'to a folder';
    const within = relative(this.#real, target);
    const leaves = within === '..' || within.startsWith(`..${sep}`) || resolve(within) === within;
    return leaves ? 'out of the policy folder' : 'within';
  }

  read(path: string, most: number): Promise<Uint8Array | Unread> {
    return readAtMost(join(this.#root, path), most);
  }
}

class FolderReader {
  readonly files: PolicyFile[] = [];
  readonly problems: Problem[] = [];
  readonly #source: FolderSource;
  readonly #folder: { name: string; shown: string };
  readonly #wanted: (path: string) => boolean;
  #found = 0;
  #bytes = 0;
  #full = false;

  constructor(source: FolderSource, folder: { name: string; shown: string }, wanted: (path: string) => boolean) {
    this.#source = source;
    this.#folder = folder;
    this.#wanted = wanted;
  }

  say(path: string, code: ProblemCode, sentence: string, line = 1): void {
    const { file } = startOf(below(this.#folder.shown, path) || '.');
    this.problems.push(problem({ file, line, col: 1 }, code, sentence));
  }

  async readRoot(): Promise<void> {
    try {
      await this.#source.open();
    } catch (error) {
      this.say('', 'unreadable', `The policy folder cannot be read (${codeOf(error)}): check POLICIES_DIR.`);
      return;
    }
    await this.#readFolder('', 0);
  }

  async #readFolder(path: string, depth: number): Promise<void> {
    if (depth > LIMITS.folderDepth) {
      this.say(path, 'folder-too-large', `Folders are read ${LIMITS.folderDepth} levels deep: move these files up.`);
      return;
    }
    let entries: Awaited<ReturnType<FolderSource['list']>>;
    try {
      entries = await this.#source.list(path);
    } catch (error) {
      this.say(path, 'unreadable', `This folder cannot be read (${codeOf(error)}).`);
      return;
    }
    for (const { name, kind } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (this.#full) return;
      if (name.startsWith('.')) continue;
      const inner = path === '' ? name : path + sep + name;
      // NB. it would be shown wherever its rules are, and quoted as the place of what they decide.
      if (UNPRINTABLE.test(name) && (kind === 'folder' || kind === 'link' || this.#wanted(name))) {
        this.say(inner, 'unreadable', 'This name holds line breaks or other control characters: rename it.');
        continue;
      }
      if (kind === 'folder') await this.#readFolder(inner, depth + 1);
      else if (kind === 'link') await this.#readLink(inner);
      else if (this.#wanted(name)) await this.#readFile(inner);
    }
  }

  /** NB. A link out of the folder would let whoever can write one file here have any file of the machine read. */
  async #readLink(path: string): Promise<void> {
    try {
      const where = await this.#source.link(path);
      if (where === 'to a folder' || where === UNSEEN || (where !== 'within' && this.#wanted(path))) {
        this.say(
          path,
          'link-leaves-folder',
          `This symbolic link leads ${where} and is not followed: put the files themselves here.`,
        );
      } else if (this.#wanted(path)) await this.#readFile(path);
    } catch (error) {
      this.say(path, 'unreadable', `This symbolic link leads nowhere (${codeOf(error)}).`);
    }
  }

  async #readFile(path: string): Promise<void> {
    this.#found += 1;
    if (this.#found > LIMITS.files) {
      this.#full = true;
      this.say(
        '',
        'folder-too-large',
        `The folder holds more than ${LIMITS.files} policy files: several documents fit into one file.`,
      );
      return;
    }
    try {
      const bytes = await this.#source.read(path, LIMITS.fileBytes);
      if (bytes === 'not-a-file') {
        this.say(path, 'unreadable', 'This is not a regular file.');
      } else if (bytes === 'too-large') {
        this.say(path, 'file-too-large', `A policy file has at most ${LIMITS.fileBytes / MIB} MiB: split it.`);
      } else if (bytes === 'changed') {
        this.say(path, 'unreadable', 'This file was written while it was read: it is read again with the next change.');
      } else {
        this.#bytes += bytes.length;
        if (this.#bytes > LIMITS.folderBytes) {
          this.#full = true;
          this.say('', 'folder-too-large', `All policy files together have at most ${LIMITS.folderBytes / MIB} MiB.`);
        } else this.#keep(path, bytes);
      }
    } catch (error) {
      this.say(path, 'unreadable', `This file cannot be read (${codeOf(error)}).`);
    }
  }

  #keep(path: string, bytes: Uint8Array): void {
    const text = textOf(bytes);
    // NB. Many programs empty a file before they write it. Half-way through, its rules would seem to be gone.
    if (text?.trim() === '') this.say(path, 'empty-file', 'This file is empty: remove it, or write its policies.');
    else if (text !== undefined) {
      const { name, shown } = this.#folder;
      this.files.push({ path: below(shown, path), text, ...(shown === name ? {} : { named: below(name, path) }) });
    } else this.say(path, 'not-utf-8', 'This line is not UTF-8 text: save the file as UTF-8.', firstBadLine(bytes));
  }
}

/** `policies/a.yaml`; a folder that is shown as nothing is the one that the files are read from. */
const below = (folder: string, path: string): string =>
  [folder, ...path.split(sep)].filter((part) => part !== '').join('/');

export type Unread = 'not-a-file' | 'too-large' | 'changed';

/** The whole file, if it is one. NB. Opening must not wait: a named pipe without a writer would hang the reload. */
async function readAtMost(path: string, most: number): Promise<Uint8Array | Unread> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const before = await file.stat();
    if (!before.isFile()) return 'not-a-file';
    if (before.size > most) return 'too-large';
    // One byte more than there should be shows a file that grows.
    const buffer = Buffer.alloc(before.size + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    const after = await file.stat();
    if (length !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs) return 'changed';
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** UTF-8 without its byte order mark; undefined when it is not UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** No character of UTF-8 but the line feed holds the byte of a line feed, so lines can be tried one by one. */
function firstBadLine(bytes: Uint8Array): number {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(10, start);
    const part = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (textOf(part) === undefined || end < 0) return line;
    start = end + 1;
    line += 1;
  }
}

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : 'unknown error';
};
