import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { watch } from 'chokidar';
import type { Clock } from './app/ports/clock.ts';
import type { Policies, RejectedPolicies } from './app/ports/policies.ts';
import {
  formatProblem,
  type PolicySet,
  type Problem,
  type ProviderSchemas,
  parseFolder,
  readPolicyFolder,
  salvage,
  withCommit,
} from './policy/index.ts';

/** `salvaged`: what of a broken set is sound, for taking away what was given under an earlier one. */
export type LoadedPolicies =
  | { ok: true; policies: PolicySet }
  | { ok: false; problems: string[]; salvaged?: () => PolicySet };

/** Editors write a file in several steps: changes this close together are one. */
const SETTLE_MS = 200;

interface Options {
  dir: string;
  providers: ProviderSchemas;
  env: (name: string) => string | undefined;
}

/** Reads the folder once: the whole set, or every problem as `file:line:col code sentence`. */
export async function loadPolicies({ dir, providers, env }: Options): Promise<LoadedPolicies> {
  const folder = await readPolicyFolder(dir);
  const broken = (problems: readonly Problem[]): LoadedPolicies => ({
    ok: false,
    problems: problems.map(formatProblem),
    salvaged: () => salvage(folder.files, providers, env),
  });
  const parsed = parseFolder(folder, providers, env);
  if (!parsed.ok) return broken(parsed.problems);
  return { ok: true, policies: await markedWithCommit(parsed.policies, dir) };
}

/** The policies of a folder with the commit of its checkout, where there is one to tell. */
export async function markedWithCommit(policies: PolicySet, dir: string): Promise<PolicySet> {
  const commit = await commitOf(dir);
  return commit === undefined ? policies : withCommit(policies, commit);
}

/** The commit of the checkout that the folder is in; none when there is no Git, or when the folder differs from it. */
async function commitOf(dir: string): Promise<string | undefined> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', ['-C', dir, ...args], { timeout: 5_000 })).stdout.trim();
  try {
    // NB. a commit says "this is what it was": a changed folder must not wear one, nor one that Git was told to ignore.
    if ((await git('status', '--porcelain', '--ignored', '--', '.')) !== '') return undefined;
    return await git('rev-parse', 'HEAD');
  } catch {
    return undefined;
  }
}

/**
 * The policies in force, kept current: a good change takes their place, a broken one is remembered and left out. Broken
 * from the start on, they serve nothing, and what is sound of them is kept current until they are mended.
 */
export class PolicySource implements Policies {
  readonly #options: Options;
  readonly #clock: Clock;
  readonly #onChange: (loaded: LoadedPolicies) => Promise<void>;
  #current: PolicySet;
  #rejected: RejectedPolicies | undefined;
  readonly #onError: (error: unknown) => void;
  #watcher: { close(): Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reloading: Promise<void> = Promise.resolve();

  constructor(
    options: Options,
    first: LoadedPolicies,
    clock: Clock,
    onChange: (loaded: LoadedPolicies) => Promise<void>,
    onError: (error: unknown) => void = () => {},
  ) {
    this.#onError = onError;
    this.#options = options;
    this.#clock = clock;
    if (first.ok) this.#current = first.policies;
    else {
      this.#current = first.salvaged?.() ?? salvage([], options.providers, options.env);
      this.#rejected = { at: clock.now(), problems: first.problems, nothingServed: true };
    }
    this.#onChange = onChange;
  }

  current(): PolicySet {
    return this.#current;
  }

  rejected(): RejectedPolicies | undefined {
    return this.#rejected;
  }

  /**
   * Reads the folder again, after any reading under way.
   * @throws what `onChange` threw; the policies are in force all the same.
   */
  reload(): Promise<void> {
    return this.#next(() =>
      loadPolicies(this.#options).catch(
        (error: unknown): LoadedPolicies => ({
          ok: false,
          problems: [`${this.#options.dir} cannot be read: ${String(error)}`],
        }),
      ),
    );
  }

  #next(load: () => Promise<LoadedPolicies>): Promise<void> {
    const reloaded = this.#reloading.then(async () => {
      const loaded = await load();
      if (loaded.ok) {
        const changed =
          loaded.policies.revision.digest !== this.#current.revision.digest || this.#rejected !== undefined;
        this.#rejected = undefined;
        this.#current = loaded.policies;
        if (!changed) return;
      } else {
        // Invariant 3: a broken set changes nothing; the last good one stays.
        const same = this.#rejected?.problems.join('\n') === loaded.problems.join('\n');
        const { at = this.#clock.now(), nothingServed } = this.#rejected ?? {};
        this.#rejected = { at, problems: loaded.problems, ...(nothingServed ? { nothingServed } : {}) };
        const sound = nothingServed ? loaded.salvaged?.() : undefined;
        const mended = sound !== undefined && sound.revision.digest !== this.#current.revision.digest;
        if (sound) this.#current = sound;
        if (same && !mended) return;
      }
      await this.#onChange(loaded);
    });
    // NB. one that failed must not stop all that come after it.
    this.#reloading = reloaded.catch(() => {});
    return reloaded;
  }

  /** Reloads when a file of the folder changes. */
  watch(): void {
    const watcher = watch(this.#options.dir, {
      ignoreInitial: true,
      ignored: (path) => /(^|[\\/])\.git([\\/]|$)/.test(path),
    });
    const changed = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.reload().catch(this.#onError), SETTLE_MS);
    };
    watcher.on('all', changed);
    // NB. unheard, an error would end the process: a link that leads in a circle, a machine that is out of watches.
    watcher.on('error', (error) => {
      const problem = `${this.#options.dir} cannot be watched for changes (${String(error)}): after one, send SIGHUP.`;
      void this.#next(async () => ({ ok: false, problems: [problem] })).catch(this.#onError);
      changed();
    });
    // What changed between the first reading and now, nobody was told of.
    watcher.once('ready', changed);
    this.#watcher = watcher;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher?.close();
    await this.#reloading;
  }
}
