import type { PipelineAction, PipelineLine, PipelineRun } from '../browser/wire.ts';
import { NotPossible } from '../slack/errors.ts';
import { type ActionToRun, hostOf, identity, inOrder, offered } from './actions.ts';
import type { PlaygroundIssuer, TokenOf } from './issuer.ts';
import { runJob } from './job.ts';

/** Runs that are over stay in the list until there are more than these. */
const KEPT = 10;
/** Real milliseconds between two questions, when nothing happens in the workspace that would be a reason to ask. */
const POLL_MS = 2_000;

/** The product as a pipeline meets it. */
export interface ProductToAsk {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  url: string;
  /** What it wants in the `aud` of tokens. */
  audience: string;
  /** The actions of the policies in force. */
  actions(): ReadonlyMap<string, ActionToRun>;
}

export interface PipelinesOptions {
  issuer: PlaygroundIssuer;
  /** The virtual time, epoch milliseconds. */
  now(): number;
  /** Called when a line was written, or a run ended. */
  changed(): void;
  log?(line: string): void;
  pollMs?: number;
}

/** Small pipelines, each of one job: it asks the product for an action, and would go ahead with its approval. */
export class Pipelines {
  readonly #options: PipelinesOptions;
  readonly #stopping = new AbortController();
  readonly #jobs = new Set<Promise<void>>();
  readonly #waiting = new Set<() => void>();
  readonly #cancelled = new WeakSet<PipelineRun>();
  #product: ProductToAsk | undefined;
  #runs: PipelineRun[] = [];
  #count = 0;
  /** Grows with everything that happens in the workspace. */
  #news = 0;

  constructor(options: PipelinesOptions) {
    this.#options = options;
  }

  serve(product: ProductToAsk): void {
    this.#product = product;
    this.#options.changed();
  }

  view(): { actions: PipelineAction[]; runs: PipelineRun[] } {
    const actions = inOrder(this.#product?.actions().values() ?? []).map(offered);
    return { actions, runs: this.#runs };
  }

  /** Something happened in the workspace: perhaps it was the answer. */
  wake(): void {
    this.#news += 1;
    for (const look of [...this.#waiting]) look();
  }

  /** Throws `NotPossible` when there is no such action, or none that the playground's pipelines can ask for. */
  start(asked: { by: string; action: string; parameters: Readonly<Record<string, string>>; reason: string }): void {
    const product = this.#product;
    const action = product?.actions().get(asked.action);
    if (!product || !action) throw new NotPossible(`The policies in force have no action ${asked.action}.`);
    const number = this.#count + 1;
    const who = identity(action, { actor: asked.by.toLowerCase(), run: number });
    if (!who) throw new NotPossible(offered(action).notHere ?? 'No pipeline here may ask for it.');
    this.#count = number;
    const run: PipelineRun = { number, action: action.name, by: asked.by, state: 'running', lines: [] };
    this.#runs = [run, ...this.#runs];
    const job = this.#run(run, asked, { ...who, audience: product.audience }, product.url)
      .catch((error: unknown) => {
        this.#options.log?.(`playground: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        this.#say(run, 'bad', 'The playground failed. Its log says why.');
        run.state = 'failed';
      })
      .finally(() => {
        this.#jobs.delete(job);
        this.#forget();
        this.#options.changed();
      });
    this.#jobs.add(job);
  }

  /** Takes back what a job has asked for. One that is over stays as it is. */
  cancel(number: number): void {
    const run = this.#runs.find((one) => one.number === number);
    if (!run) throw new NotPossible(`There is no run ${number} any more.`);
    this.#cancelled.add(run);
    this.wake();
  }

  /** Ends every job, without a word: the product is going as well. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await Promise.all(this.#jobs);
  }

  async #run(
    run: PipelineRun,
    { parameters, reason }: { parameters: Readonly<Record<string, string>>; reason: string },
    who: TokenOf,
    url: string,
  ): Promise<void> {
    let seen = this.#news;
    this.#say(run, 'say', `A job of ${who.subject}, with a token such as ${hostOf(who.issuer)} signs.`);
    const passed = await runJob({
      url,
      action: run.action,
      // What was left empty was not filled in.
      parameters: Object.fromEntries(Object.entries(parameters).filter(([, value]) => value.trim() !== '')),
      reason: reason.trim(),
      token: () => {
        seen = this.#news;
        return this.#options.issuer.token(who);
      },
      say: (kind, text) => this.#say(run, kind, text),
      cancelled: () => this.#cancelled.has(run),
      turn: () => this.#turn(seen),
      signal: this.#stopping.signal,
    });
    run.state = passed ? 'passed' : 'failed';
  }

  /** Until something has happened since `seen`, or it is time to ask all the same. */
  #turn(seen: number): Promise<void> {
    if (this.#news !== seen || this.#stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(look, this.#options.pollMs ?? POLL_MS);
      this.#waiting.add(look);
    });
  }

  #say(run: PipelineRun, kind: PipelineLine['kind'], text: string): void {
    run.lines.push({ at: this.#options.now(), kind, text });
    this.#options.changed();
  }

  #forget(): void {
    let over = 0;
    this.#runs = this.#runs.filter(({ state }) => state === 'running' || ++over <= KEPT);
  }
}
