import { writeFile } from 'node:fs/promises';
import { formatProblem, type Problem, parseWithFixtures, readPolicyFolder } from '../../policy/index.ts';
import {
  type Coverage,
  countsOf,
  coverageOf,
  coverageText,
  jsonReport,
  junitReport,
  lcov,
  type Mutation,
  mutate,
  mutationText,
  percentOf,
  Recorder,
  readTests,
  runTests,
  type SuiteResult,
  summary,
  Touched,
  treeReport,
} from '../../policy-test/index.ts';
import { providers } from '../../providers/registry.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { fromHere } from './from-here.ts';
import { choice, type PolicyVerb, readArgs, WrongUsage } from './verb.ts';
import { watchFolder } from './watch-folder.ts';
import { parseWithoutSecrets } from './without-secrets.ts';

/** A test failed, or none was run. */
const FAILED = 3;
/** All passed, but they cover or notice less than they have to. */
const TOO_LITTLE = 4;

const FORMATS = ['tree', 'junit', 'json'] as const;

interface Wanted {
  folder: string;
  format: (typeof FORMATS)[number];
  only: string | undefined;
  secret: (name: string) => string | undefined;
  /** The least share that must be covered, in percent; absent: coverage is not asked for. */
  coverage: number | undefined;
  lcovFile: string | undefined;
  /** The least share of mutants that must be noticed, in percent; absent: there are none. */
  mutation: number | undefined;
}

/** `latchkey policy test [DIR]`: the tests beside the policies. */
export const test: PolicyVerb = {
  usage: `[DIR] [--only TEXT] [--format ${FORMATS.join('|')}] [--watch] [--coverage [--threshold PERCENT] [--lcov FILE]] [--mutate [--mutation-threshold PERCENT]]`,
  summary: 'run the tests beside the policies (*.test.yaml)',
  async run(args, { terminal, config }) {
    const { values, positionals } = readArgs(args, {
      options: {
        only: { type: 'string' },
        format: { type: 'string' },
        watch: { type: 'boolean' },
        coverage: { type: 'boolean' },
        threshold: { type: 'string' },
        lcov: { type: 'string' },
        mutate: { type: 'boolean' },
        'mutation-threshold': { type: 'string' },
      },
      most: 1,
    });
    const format = choice('format', values.format, FORMATS);
    const covering = values.coverage || values.threshold !== undefined || values.lcov !== undefined;
    const mutating = values.mutate || values['mutation-threshold'] !== undefined;
    const coverage = covering ? percent('threshold', values.threshold) : undefined;
    const mutation = mutating ? percent('mutation-threshold', values['mutation-threshold']) : undefined;
    const { policiesDir, secret } = config();
    const folder = positionals[0] ?? policiesDir;
    const wanted: Wanted = { folder, format, only: values.only, secret, coverage, lcovFile: values.lcov, mutation };
    if (!values.watch) return runOnce(wanted, terminal);
    return watchFolder(folder, terminal, () => runOnce(wanted, terminal));
  },
};

/** @throws WrongUsage */
function percent(option: string, text = '0'): number {
  const value = Number(text);
  if (/^\d{1,3}(\.\d+)?$/.test(text) && value <= 100) return value;
  throw new WrongUsage(`--${option} ${text}: it is a number from 0 to 100.`);
}

async function runOnce(wanted: Wanted, terminal: Terminal): Promise<number> {
  const { folder, only, secret } = wanted;
  const files = await readPolicyFolder(folder, { tests: true, shown: fromHere(folder) });
  const { checked, env } = parseWithoutSecrets(files, secret);
  const read = readTests(files.files, (fixtures) =>
    fixtures === undefined ? checked : parseWithFixtures(files.files, fixtures, providers, env),
  );
  if (!read.ok) return problems(read.problems, folder, terminal);
  const { suites, policies } = read;
  const recorder = new Recorder();
  const touched = new Touched();
  const witnessOf = (one: (typeof suites)[number]['tests'][number]) => touched.witness(one, recorder.witness());
  const results = await runTests(suites, { providers, only, witnessOf });
  const { passed, failed } = countsOf(results);
  const coverage = wanted.coverage === undefined ? undefined : coverageOf(policies, recorder);
  // What fails anyway notices nothing.
  const mutating = wanted.mutation !== undefined && failed === 0 && passed > 0;
  const mutation = mutating ? await mutate(policies, suites, touched, providers) : undefined;
  report(wanted, terminal, { results, coverage, mutation });
  if (coverage && wanted.lcovFile !== undefined) await writeFile(wanted.lcovFile, lcov(coverage));
  if (passed + failed === 0) {
    // NB. A run of nothing must not pass: a folder that was renamed would turn all its tests off without a word.
    const none = only === undefined ? `${folder} holds no test (*.test.yaml)` : `No test has “${only}” in its name`;
    terminal.err(`${none}: nothing was run.\n`);
  }
  if (failed > 0 || passed === 0) return FAILED;
  return tooLittle(wanted, terminal, coverage, mutation) ? TOO_LITTLE : EXIT.ok;
}

interface Reported {
  results: readonly SuiteResult[];
  coverage: Coverage | undefined;
  mutation: Mutation | undefined;
}

/** What programs read stands alone on the standard output; the rest is for people. */
function report({ format }: Wanted, terminal: Terminal, { results, coverage, mutation }: Reported): void {
  const text = `${coverage ? coverageText(coverage) : ''}${mutation ? mutationText(mutation) : ''}`;
  switch (format) {
    case 'json':
      terminal.out(jsonReport(results, { ...(coverage ? { coverage } : {}), ...(mutation ? { mutation } : {}) }));
      break;
    case 'junit':
      terminal.out(junitReport(results));
      terminal.err(text);
      break;
    default:
      terminal.out(`${results.length === 0 ? '' : treeReport(results)}${text}`);
  }
  terminal.err(`${summary(results)}\n`);
}

function tooLittle(
  wanted: Wanted,
  terminal: Terminal,
  coverage: Coverage | undefined,
  mutation: Mutation | undefined,
): boolean {
  const shares = [
    { share: coverage && percentOf(coverage), least: wanted.coverage, what: 'of what the policies decide is covered' },
    {
      share: mutation && percentOf({ covered: mutation.total - mutation.survivors.length, total: mutation.total }),
      least: wanted.mutation,
      what: 'of the weakened rules are noticed',
    },
  ];
  const missed = shares.filter(({ share, least }) => share !== undefined && share < (least ?? 0));
  for (const { share = 0, least, what } of missed)
    terminal.err(`${(Math.floor(share * 10) / 10).toFixed(1)} % ${what}, and it has to be ${least} %.\n`);
  return missed.length > 0;
}

function problems(found: readonly Problem[], folder: string, terminal: Terminal): number {
  terminal.out(`${found.map(formatProblem).join('\n')}\n`);
  terminal.err(`${found.length} ${found.length === 1 ? 'problem' : 'problems'} in ${folder}\n`);
  return EXIT.problems;
}
