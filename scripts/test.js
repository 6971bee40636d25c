/**
 * `npm test`: builds, checks types, format, lint and import directions, and runs every test, whatever of it fails. Ends
 * with what was left out and why, and with a line `N passed, N failed`, in which each check counts as one.
 * With arguments, it builds and hands them to Jest: `npm test -- store`, `npm test -- -t 'two approvers'`.
 * `TEST_LEFT_OUT=fail` makes anything left out a failure.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
/** @param {string} path */
const modules = (path) => join(root, 'node_modules', path);
const args = process.argv.slice(2);

/** One more than the cores that are counted on: of three suites, one waits for the product most of the time. */
const WORKERS = 3;

/** Jest ends by itself within this time of its last test, or something was left open. */
const TO_END_MS = Number(process.env.TEST_MS_TO_END ?? 60_000);
/** A run that takes longer hangs. */
const TO_FINISH_MS = Number(process.env.TEST_MS_TO_FINISH ?? 18 * 60_000);

/** @type {[string, string[]][]} */
const checks = [
  ['build', [join(root, 'scripts/build.js')]],
  ['types of the tests', [modules('typescript/bin/tsc'), '-p', 'tsconfig.test.json', '--noEmit']],
  ['format and lint', [modules('@biomejs/biome/bin/biome'), 'ci', '.']],
  [
    'import directions',
    [modules('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', 'src', 'bin'],
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
try {
  process.exitCode = await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns {Promise<number>} the exit code */
async function main() {
  /** @type {string[]} */
  const failures = [];
  let passed = 0;
  for (const [name, command] of args.length > 0 ? checks.slice(0, 1) : checks) {
    console.log(`\n> ${name}`);
    if ((await run(command)).code === 0) passed += 1;
    else failures.push(name);
  }

  console.log('\n> tests');
  const jest = await runJest();
  passed += jest.passed;

  console.log('');
  if (args.length > 0)
    console.log('With arguments, only the build and these tests are run: `npm test` runs everything.');
  const leftOut = [...noted(), ...jest.leftOut];
  for (const { what, why } of leftOut) console.log(`Left out: ${what} (${why})`);
  if (leftOut.length > 0 && process.env.TEST_LEFT_OUT === 'fail') failures.push('nothing left out');
  for (const name of [...failures, ...jest.failures]) console.log(`Failed: ${name}`);
  for (const command of jest.again) console.log(`Again: ${command}`);
  const failed = failures.length + jest.failures.length;
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function runJest() {
  const output = join(folder, 'jest.json');
  const command = [modules('jest/bin/jest.js'), `--maxWorkers=${WORKERS}`, '--json', `--outputFile=${output}`, ...args];
  const { NODE_OPTIONS = '' } = process.env;
  const env = {
    ...process.env,
    NODE_OPTIONS: `${NODE_OPTIONS} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
    TEST_LEFT_OUT_FILE: join(folder, 'left-out.jsonl'),
  };
  const { code, hung } = await run(command, { env, output });

  /** @type {string[]} */
  const failures = [];
  /** @type {string[]} */
  const again = [];
  /** @type {Map<string, { what: string | undefined, why: string }>} */
  const leftOut = new Map();
  if (!existsSync(output)) return { passed: 0, failures: [hung ?? 'Jest did not finish'], again, leftOut: [] };
  /** @type {{ numPassedTests: number, testResults: { name: string, status: string, assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }[] }} */
  const result = JSON.parse(readFileSync(output, 'utf8'));
  const chosenByName = args.some((arg) => /^(-t|--testNamePattern)\b/.test(arg));
  for (const file of result.testResults) {
    const name = file.name.slice(root.length + 1);
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
      failures.push(`${name} (the file itself)`);
    for (const { status, fullName, failureMessages } of file.assertionResults) {
      if (status === 'failed') failures.push(`${name}: ${fullName}`);
      if (status === 'failed') again.push(...counterexample(name, fullName, failureMessages));
      if (status !== 'pending' || chosenByName) continue;
      const [, what, why] = /^(.*?) \[left out: (.*?)\](?: |$)/s.exec(fullName) ?? [];
      if (why === undefined)
        failures.push(`${name}: ${fullName} (skipped without a reason; see test/support/left-out.ts)`);
      else leftOut.set(`${what} ${why}`, { what, why });
    }
  }
  if (hung !== undefined) failures.push(hung);
  if (code !== 0 && failures.length === 0) failures.push(`Jest ended with ${code}`);
  return { passed: result.numPassedTests, failures, again, leftOut: [...leftOut.values()] };
}

/**
 * How the case that chance found is played again, in the last lines, where no log is cut off (CONTRIBUTING, Properties).
 *
 * @param {string} file @param {string} fullName @param {string[]} messages
 */
function counterexample(file, fullName, messages) {
  const [, seed, path] = /\{ seed: (-?\d+), path: "([\d:]+)"/.exec(messages.join('\n')) ?? [];
  if (seed === undefined) return [];
  // The number of cases and the seed in its name change with the run; nor is a shell or a pattern to read anything into it.
  const pattern = fullName.replace(/ \([^()]*seed [^()]*\)/, '').replace(/[^\w ,]/g, '.');
  return [`PROPERTY_SEED=${seed} PROPERTY_PATH=${path} npm test -- ${file} -t '${pattern}'`];
}

function noted() {
  const file = join(folder, 'left-out.jsonl');
  if (!existsSync(file)) return [];
  const lines = new Set(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  );
  return [...lines].map((line) => JSON.parse(line));
}

/**
 * Runs `node …command`. When `output` is written and the process does not end, or never ends at all, it is killed.
 *
 * @param {string[]} command @param {{ env?: NodeJS.ProcessEnv, output?: string }} [options]
 * @returns {Promise<{ code: number, hung?: string }>}
 */
function run(command, { env = process.env, output } = {}) {
  return new Promise((done) => {
    const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    const begun = Date.now();
    /** @type {number | undefined} */
    let written;
    /** @type {string | undefined} */
    let hung;
    const watch = setInterval(() => {
      if (output !== undefined && written === undefined && existsSync(output)) written = Date.now();
      if (written !== undefined && Date.now() - written > TO_END_MS)
        hung = 'Jest did not end after its last test: a test left something open (--detectOpenHandles finds it)';
      if (Date.now() - begun > TO_FINISH_MS)
        hung ??= `${command[0]} did not finish within ${TO_FINISH_MS / 60_000} minutes`;
      if (hung !== undefined) child.kill('SIGKILL');
    }, 500);
    /** @param {number} code */
    const end = (code) => {
      clearInterval(watch);
      done({ code, ...(hung !== undefined && { hung }) });
    };
    child.once('error', (error) => {
      console.error(error.message);
      end(1);
    });
    child.once('exit', (code) => end(code ?? 1));
  });
}
