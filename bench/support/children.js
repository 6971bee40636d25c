import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/postgres-server.js';
import { BOT_TOKEN, SCIM_TOKEN, SIGNING_SECRET } from './workspace.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PATIENCE_MS = 60_000;

/** Node's flags in `npm start`. */
const FLAGS = /node ((?:--\S+ )*)bin\/latchkey\.js serve/
  .exec(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.start)?.[1]
  ?.split(' ')
  .filter(Boolean);

/** Every process of a benchmark that still runs: none of them outlives it. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const [signal, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
]))
  process.once(signal, () => process.exit(code));

/** Nothing of the machine's own environment reaches the product but what a program needs to run. */
const bare = () =>
  Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]]],
    ),
  );

/** @param {import('node:child_process').ChildProcess} child @param {string} what */
function watched(child, what) {
  running.add(child);
  const ended = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    return `${what} ended (${signal ?? code})`;
  });
  return { child, ended };
}

/**
 * Starts `bench/processes/<name>`, which says `{ ready }` when it is, and answers each message with one.
 *
 * @param {string} name @param {...string} args
 */
export async function startHelper(name, ...args) {
  const path = fileURLToPath(new URL(`../processes/${name}`, import.meta.url));
  const { child, ended } = watched(fork(path, args, { cwd: root, execArgv: [] }), name);
  const hear = async () => {
    const heard = once(child, 'message').then(([message]) => message);
    const message = await Promise.race([heard, ended.then((how) => Promise.reject(new Error(how)))]);
    if (message.error !== undefined) throw new Error(`${name}: ${message.error}`);
    return message;
  };
  const ready = await hear();
  return {
    /** What it said when it was ready. */
    ready,
    /** @param {object} message @returns {Promise<any>} */
    async ask(message) {
      const answer = hear();
      child.send(message);
      return answer;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * Starts the product as `npm start` does: `bin/latchkey.js serve`. Its log goes to a file, as it would to a collector.
 *
 * @param {{ folder: string, policies: string, databaseUrl: string, slackUrl?: string, flags?: readonly string[] }} options
 * `folder`: where the log is written. Without `slackUrl` it opens the playground. `flags`: of Node.
 */
export async function startProduct({ folder, policies, databaseUrl, slackUrl, flags = [] }) {
  const port = await freePort();
  const log = join(folder, `product-${port}.log`);
  const output = openSync(log, 'w');
  const slack =
    slackUrl === undefined
      ? {}
      : { SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_API_URL: slackUrl };
  const env = {
    ...bare(),
    ...slack,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    POLICIES_DIR: policies,
    SCIM_TOKEN,
  };
  const begun = performance.now();
  const { child, ended } = watched(
    spawn(process.execPath, [...(FLAGS ?? []), ...flags, join(root, 'bin/latchkey.js'), 'serve'], {
      cwd: folder,
      env,
      stdio: ['ignore', output, output],
    }),
    'the product',
  );
  closeSync(output);
  const url = `http://127.0.0.1:${port}`;
  /** @type {string | undefined} */
  let over;
  void ended.then((how) => {
    over = how;
  });
  for (;;) {
    const reply = await fetch(`${url}/readyz`).catch(() => undefined);
    await reply?.arrayBuffer();
    if (reply?.status === 200) break;
    if (over !== undefined || performance.now() - begun > PATIENCE_MS)
      throw new Error(`${over ?? 'the product does not get ready'}\n${readFileSync(log, 'utf8').slice(-4_000)}`);
    await sleep(10);
  }
  const readyMs = performance.now() - begun;
  return {
    url,
    events: `${url}/slack/events`,
    pid: child.pid ?? 0,
    /** From the start of the process to the first time it said that it is ready, in milliseconds. */
    readyMs,
    log,
    /** @returns {Promise<(name: string, labels?: string) => number>} the value of a metric now; 0 when it has none */
    async metrics() {
      const text = await (await fetch(`${url}/metrics`)).text();
      return (name, labels) => {
        const wanted = labels === undefined ? name : `${name}{${labels}}`;
        const line = text.split('\n').find((each) => each.startsWith(`${wanted} `));
        return line === undefined ? 0 : Number(line.slice(wanted.length + 1));
      };
    },
    /** @param {NodeJS.Signals} [signal] */
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}
