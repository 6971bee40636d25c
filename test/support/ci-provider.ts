import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { MachineClock } from './product.ts';

export type JobClaims = Readonly<Record<string, string>> & { sub: string };

/**
 * A CI whose jobs have ID tokens: a certified OpenID provider in a process of its own, under the clock of the product, and
 * beside it the address at which a job of GitHub asks for its token.
 */
export class CiProvider {
  readonly #child: ChildProcess;
  readonly url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(): Promise<CiProvider> {
    const child = fork(new URL('./ci-provider-child.js', import.meta.url), [], {
      execArgv: ['--import', new URL('./machine-clock.js', import.meta.url).href],
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const url = await new Promise<string>((resolve, reject) => {
      child.on('message', (message) => {
        if (typeof (message as { url?: unknown }).url === 'string') resolve((message as { url: string }).url);
      });
      child.once('exit', () => reject(new Error(`the provider did not start: ${errors}`)));
    });
    return new CiProvider(child, url);
  }

  /** From now on its tokens are of the time that this clock tells. */
  async follow({ ahead }: Pick<MachineClock, 'ahead'>): Promise<void> {
    const set = once(this.#child, 'message');
    this.#child.send({ ahead });
    await set;
  }

  /** What the environment of a job of GitHub says. */
  github(job: JobClaims): Readonly<Record<string, string>> {
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.url}/github/token?api-version=2.0`,
      // The provider takes it for what it is to say of the job.
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: Buffer.from(JSON.stringify(job)).toString('base64url'),
    };
  }

  /** An ID token of a job, for `latchkey`. */
  async token(job: JobClaims): Promise<string> {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = this.github(job);
    const reply = await fetch(`${url}&audience=latchkey`, {
      headers: { connection: 'close', authorization: `Bearer ${token}` },
    });
    return ((await reply.json()) as { value: string }).value;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}
