import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The built product as processes of their own, as people run it: `bin/latchkey.js` with an environment. */

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PROGRAM = file('../../bin/latchkey.js');
const CLOCK = new URL('./machine-clock.js', import.meta.url).href;

/** Nothing of the machine's own environment reaches the product but what a program needs to run. */
const BARE = Object.fromEntries(
  ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

/** How long a product may take for what it does at once; reached only when something is wrong. */
const PATIENCE_MS = 60_000;

export interface LogLine {
  level: string;
  time: string;
  msg: string;
  [field: string]: unknown;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A Tuesday morning: no test depends on when it is run. */
const TUESDAY = Date.parse('2030-03-05T10:00:00Z');

/** The wall clock of a test and of every product it started. */
export class MachineClock {
  #ahead = TUESDAY - Date.now();
  readonly #products = new Set<Product>();

  /** Milliseconds that the clock is ahead of the machine's. */
  get ahead(): number {
    return this.#ahead;
  }

  now = (): number => Date.now() + this.#ahead;

  /** Moves the clock, backwards too, and resolves when every running product has it. */
  async move(ms: number): Promise<void> {
    this.#ahead += ms;
    await Promise.all([...this.#products].map((product) => product.setClock(this.#ahead)));
  }

  add(product: Product): void {
    this.#products.add(product);
    void product.exited.then(() => this.#products.delete(product));
  }
}

export class Product {
  readonly logs: LogLine[] = [];
  /** What was printed beside the JSON lines. */
  printed = '';
  errors = '';
  /** Settles when the process has ended. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #changed = new EventEmitter().setMaxListeners(0);

  constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = once(child, 'close').then(([code, signal]) => {
      this.#ended = { code, signal };
      this.#changed.emit('change');
      return { code, signal };
    });
    eachLine(child.stdout, (line) => {
      const parsed = logLine(line);
      if (parsed) this.logs.push(parsed);
      else this.printed += `${line}\n`;
      this.#changed.emit('change');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString();
      this.#changed.emit('change');
    });
  }

  #ended: Exit | undefined;

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#ended === undefined;
  }

  /** Where it listens, once it said so. */
  get url(): string {
    const url = /(?:serves|waits) at (\S+)/.exec(this.printed)?.[1];
    if (url === undefined) throw new Error(`The product has not said where it listens.\n${this.output()}`);
    return url;
  }

  /** The first answer that is neither undefined nor false, asked at once and after everything that it prints. */
  async until<T>(answer: () => T | undefined | false, what = answer.toString()): Promise<T> {
    const late = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = answer();
      if (found !== undefined && found !== false) return found;
      const left = late - Date.now();
      if (left <= 0) throw new Error(`Waited ${PATIENCE_MS} ms for the product: ${what}\n${this.output()}`);
      if (this.#ended) throw new Error(`The product ended while this was awaited: ${what}\n${this.output()}`);
      await once(this.#changed, 'change', { signal: AbortSignal.timeout(left) }).catch(() => {});
    }
  }

  /** A line of the log with these words, after the first `from` lines. */
  log(message: string | RegExp, from = 0): Promise<LogLine> {
    const matches = ({ msg }: LogLine) => (typeof message === 'string' ? msg.includes(message) : message.test(msg));
    return this.until(() => this.logs.slice(from).find(matches), `a log line with ${message}`);
  }

  /** `/readyz`, whatever it says. */
  async readiness(): Promise<{ status: number; body: { ready: boolean; checks: Record<string, Check> } }> {
    const reply = await fetch(`${this.url}/readyz`, { headers: { connection: 'close' } });
    return { status: reply.status, body: (await reply.json()) as { ready: boolean; checks: Record<string, Check> } };
  }

  /** Asks `/readyz` until it says so; each question is a round trip through the product. */
  async ready(): Promise<this> {
    await this.until(() => /(?:serves|waits) at/.test(this.printed), 'it says where it listens');
    const late = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.readiness();
      if (answer.status === 200) return this;
      if (Date.now() > late)
        throw new Error(`The product does not get ready: ${JSON.stringify(answer.body)}\n${this.output()}`);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGTERM, and the end. */
  stop(): Promise<Exit> {
    this.#child.kill('SIGTERM');
    return this.exited;
  }

  /** kill -9. */
  kill(): Promise<Exit> {
    this.#child.kill('SIGKILL');
    return this.exited;
  }

  async setClock(ahead: number): Promise<void> {
    if (!this.running) return;
    const set = new Promise<void>((resolve) => {
      const hear = (message: unknown) => {
        if ((message as { clockSet?: number }).clockSet !== ahead) return;
        this.#child.off('message', hear);
        resolve();
      };
      this.#child.on('message', hear);
    });
    this.#child.send({ ahead });
    await Promise.race([set, this.exited]);
  }

  /** Everything it said, for the message of a test that failed. */
  output(): string {
    const lines = this.logs.slice(-60).map((line) => JSON.stringify(line));
    const ended = this.#ended ? `\nended with ${JSON.stringify(this.#ended)}` : '';
    return `--- product ${this.pid}${ended}\n${this.printed}${lines.join('\n')}\n${this.errors}---`;
  }
}

interface Check {
  ok: boolean;
  detail?: string;
}

export interface StartOptions {
  env: Readonly<Record<string, string>>;
  clock: MachineClock;
}

/** Starts `latchkey serve` on a free port. It may not be ready, or may not even start: ask `ready` or `exited`. */
export function startProduct({ env, clock }: StartOptions): Product {
  const product = new Product(launch(['serve'], { PORT: '0', HOST: '127.0.0.1', ...env }, clock.ahead));
  clock.add(product);
  return product;
}

export interface Finished {
  code: number | null;
  out: string;
  err: string;
}

/** Runs one command line of the product to its end. */
export const latchkey = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  clock = new MachineClock(),
  cwd?: string,
): Promise<Finished> => startLatchkey(args, env, clock, cwd).finished;

/** A command line that runs for a while. */
export interface Running {
  finished: Promise<Finished>;
  signal(signal: NodeJS.Signals): void;
}

/** Starts one command line of the product. */
export function startLatchkey(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  clock = new MachineClock(),
  cwd?: string,
): Running {
  const child = launch(args, env, clock.ahead, cwd);
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  return {
    finished: once(child, 'close').then(([code]) => ({ code: code as number | null, out, err })),
    signal: (signal) => void child.kill(signal),
  };
}

function launch(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ahead: number,
  cwd?: string,
): ChildProcess {
  if (!existsSync(file('../../dist/cli/main.js'))) throw new Error('The product is not built: run `npm run build`.');
  return spawn(process.execPath, ['--import', CLOCK, PROGRAM, ...args], {
    env: { ...BARE, ...env, TEST_CLOCK_AHEAD_MS: String(ahead) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(cwd === undefined ? {} : { cwd }),
  });
}

function eachLine(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  stream?.on('end', () => rest !== '' && take(rest));
}

function logLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}
