import { MessengerError } from './app/ports/messenger.ts';
import { databaseProblem } from './cli/database-problem.ts';
import { environmentProblems } from './cli/terminal.ts';
import { BrokenPolicies, compose, OtherWorkspace, type Product } from './compose.ts';
import { loadConfig } from './config.ts';
import { SlackTokenRefused } from './connect-slack.ts';
import { HttpStartError } from './http/start-error.ts';
import { createLogger } from './logger.ts';

/** After this a stop is no longer graceful: everything in hand is committed or will be claimed again. */
const STOP_DEADLINE_MS = 25_000;

export interface RunIo {
  env: NodeJS.ProcessEnv;
  out(text: string): void;
  err(text: string): void;
}

/** Starts the product, runs until a signal, stops it. The number is the exit code; 2: it could not start. */
export async function run({ env, out, err }: RunIo): Promise<number> {
  const loaded = loadConfig(env);
  if (!loaded.ok) {
    err(`Latchkey cannot start. ${environmentProblems(loaded.problems)}`);
    return 2;
  }
  const { config } = loaded;
  const log = createLogger({ level: config.logLevel });
  let product: Product;
  try {
    product = await compose(config, log);
  } catch (error) {
    const sentence = whyNot(error, config.policiesDir, config.database.shown);
    if (sentence === undefined) throw error;
    err(sentence);
    return 2;
  }
  // NB. a malformed payload, signed all the same, must not end the process through somebody else's promise: everything
  // that matters is in the database, and what was not finished is claimed again.
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'something failed that nobody waited for'));
  // Before it says that it runs: whoever waits for that may send a signal at once.
  const signalled = untilSignal(product);
  const problems = product.problems();
  if (problems.length > 0) err(servesNothing(problems, config.policiesDir));
  out(problems.length > 0 ? `Latchkey waits at ${product.url}\n` : welcome(product));
  const signal = await signalled;
  log.info({ signal }, 'stopping');
  const timer = setTimeout(() => {
    log.error({}, 'could not stop in time; what was in hand is claimed again later');
    process.exit(1);
  }, STOP_DEADLINE_MS);
  await product.stop();
  clearTimeout(timer);
  return 0;
}

function whyNot(error: unknown, policiesDir: string, database: string): string | undefined {
  if (error instanceof BrokenPolicies) {
    return `Latchkey cannot start: ${error.message} in ${policiesDir}, so nothing is served.\n${error.problems.join('\n')}\n`;
  }
  const problem = databaseProblem(error, database);
  if (problem !== undefined) return `Latchkey cannot start: ${problem}\n`;
  const known = [SlackTokenRefused, MessengerError, HttpStartError, OtherWorkspace].some(
    (kind) => error instanceof kind,
  );
  if (known && error instanceof Error) return `Latchkey cannot start: ${error.message}\n`;
  return undefined;
}

/** With work in the database it runs all the same: nothing may outlive its grant because of a typo. */
const servesNothing = (problems: readonly string[], policiesDir: string): string =>
  `Latchkey serves nothing: ${new BrokenPolicies(problems).message} in ${policiesDir}. What is due is taken away all the same. Mend them; no restart is needed.\n${problems.join('\n')}\n`;

/** SIGHUP reloads the policies; the first SIGTERM or SIGINT ends the run. */
function untilSignal(product: Product): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const reload = () => void product.reload();
    process.on('SIGHUP', reload);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.off('SIGHUP', reload);
        resolve(signal);
      });
    }
  });
}

function welcome({ url, playground }: Product): string {
  if (!playground) return `Latchkey serves at ${url}\n`;
  return `
  Latchkey is running, with a Slack workspace to play in:

    ${url.replace('127.0.0.1', 'localhost')}/

  Try this first:
    1. As Ana, type    /access prod-db-read 30m INC-42 slow queries
    2. Be Dee, open #db-access and press Approve: Ana joins the group in the directory
    3. Move the clock ahead by an hour and see it taken away
    4. Open Pipelines at the right, run “Deploy to production”, and approve it as Gus in #deploys
    5. In another terminal:  npx latchkey audit verify

`;
}
