/**
 * `npm run bench`: measures what the product promises of its speed, each thing against a baseline in the same run, and
 * ends with 1 when a limit is missed. `npm run bench -- ack record` runs some; `--json <file>` writes every figure.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { ack } from './ack.js';
import { approve } from './approve.js';
import { evaluate } from './evaluate.js';
import { expire } from './expire.js';
import { policyDiff } from './policy-diff.js';
import { policyLoad } from './policy-load.js';
import { policyTest } from './policy-test.js';
import { record } from './record.js';
import { search } from './search.js';
import { start } from './start.js';
import { inPlace } from './support/databases.js';
import { passes } from './support/result.js';
import { tick } from './tick.js';

/** @typedef {import('./support/result.js').Result} Result */

/** @type {Record<string, (place: import('./support/databases.js').Place) => Promise<Result[]>>} */
const benches = {
  ack,
  record,
  approve,
  search,
  expire,
  tick,
  start,
  evaluate,
  'policy-load': policyLoad,
  'policy-test': policyTest,
  'policy-diff': policyDiff,
};
const names = Object.keys(benches);

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}: there are ${names.join(', ')}.`);
  process.exit(2);
}

const load = loadavg()[0] ?? 0;
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'} × ${availableParallelism()}, Node ${process.versions.node}, load ${load.toFixed(2)}`,
);
if (load > 0.5)
  console.log('Something else is running on this machine: ratios suffer less than figures, but they suffer.');

try {
  // Whatever else runs on this machine comes after what is measured: both sides and the one that measures.
  setPriority(-10);
} catch {
  console.log('Without the right to a higher priority: other programs are measured, too.');
}

/** @type {Result[]} */
const results = [];
/** Benchmarks that could not be run to their end. @type {string[]} */
const broken = [];
for (const name of positionals.length > 0 ? positionals : names) {
  const run = benches[name];
  if (!run) continue;
  try {
    const found = await inPlace((text) => console.error(`  ${name}: ${text}`), run);
    for (const result of found) console.log(line(result));
    results.push(...found);
  } catch (error) {
    broken.push(name);
    console.error(error);
  }
}

table(results);
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ node: process.version, load, results, broken }, null, 2)}\n`);
for (const name of broken) console.log(`MISS  ${name} could not be measured`);
// What a benchmark that broke off has started still runs.
process.exit(results.every(passes) && broken.length === 0 ? 0 : 1);

/** @param {Result} result */
function line(result) {
  const baseline = result.baseline === undefined ? '' : `; baseline ${result.baseline}`;
  return `${passes(result) ? 'PASS' : 'MISS'} ${result.what}: ${measured(result)} (${limitOf(result)}); ${result.seen}${baseline}`;
}

/** @param {Result} result */
function measured({ value, unit }) {
  return unit === '×' ? `${value} ×` : `${value} ${unit}`.trim();
}

/** @param {Result} result */
function limitOf({ most, least, unit }) {
  return most === undefined ? `at least ${least} ${unit}` : `at most ${most} ${unit}`;
}

/** @param {readonly Result[]} all */
function table(all) {
  const rows = [
    ['', 'what', 'value', 'limit'],
    ...all.map((result) => [passes(result) ? 'PASS' : 'MISS', result.what, measured(result), limitOf(result)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  console.log('');
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
