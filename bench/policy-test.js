import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, ms, rounded } from './support/numbers.js';

/** @typedef {import('./support/result.js').Result} Result */

const TIMELINES = 1_000;
const FILES = 10;
const ROUNDS = 5;
const LIMIT_MS = 5_000;

const PROGRAM = fileURLToPath(new URL('../bin/latchkey.js', import.meta.url));
const SAMPLES = fileURLToPath(new URL('../policies', import.meta.url));

/** From the request over two votes to the end, with everything that is due in between. */
const STEPS = `    steps:
      - do: ana requests prod-db-write for 4h because "slow queries, INC-42"
        expect: {status: pending, needs: {dba: 1, 'manager, security': 1}, may_approve: [cy, dee]}
      - at: +5m
        do: dee approves
        expect: {status: pending, may_approve: [cy, hal]}
      - do: cy approves
        expect: {status: approved, grant: active, ends_at: +4h5m, present: true}
      - at: +4h5m
        expect: {grant: ended, ended: expired, present: false}
`;

/**
 * A whole run of `latchkey policy test` over a thousand timelines, from the start of the process to its end; the baseline
 * is the same process that only loads and checks the policies.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function policyTest({ folder, say }) {
  const policies = join(folder, 'tested');
  await cp(SAMPLES, policies, { recursive: true, filter: (path) => !path.endsWith('.test.yaml') });
  for (let file = 0; file < FILES; file += 1) {
    const timelines = Array.from({ length: TIMELINES / FILES }, (_, index) => `  - name: number ${index}\n${STEPS}`);
    const text = `version: 1\nkind: tests\nnow: 2026-03-03T09:00:00Z\ntimelines:\n${timelines.join('')}`;
    await writeFile(join(policies, `${file}.test.yaml`), text);
  }
  /** @type {number[]} */
  const tests = [];
  /** @type {number[]} */
  const checks = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`round ${round} of ${ROUNDS}`);
    checks.push(await run('check', policies, /accesses/));
    tests.push(await run('test', policies, new RegExp(`^${TIMELINES} passed, 0 failed$`, 'm')));
  }
  return [
    {
      bench: 'policy-test',
      what: `\`policy test\` of ${TIMELINES} timelines, median of ${ROUNDS}`,
      value: rounded(median(tests)),
      unit: 'ms',
      most: LIMIT_MS,
      seen: tests.map(ms).join(', '),
      baseline: `${ms(median(checks))} for \`policy check\` of the same folder`,
      rounds: { tests, checks },
    },
  ];
}

/** @param {string} verb @param {string} folder @param {RegExp} says what a run that did its work says @returns {Promise<number>} milliseconds */
async function run(verb, folder, says) {
  const begun = performance.now();
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM, 'policy', verb, folder], {
    maxBuffer: 100_000_000,
  });
  const took = performance.now() - begun;
  if (!says.test(`${stdout}${stderr}`)) throw new Error(`policy ${verb} did not do its work: ${stderr}`);
  return took;
}
