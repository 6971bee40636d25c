import { formatProblem, type Problem, parseWithFixtures, readPolicyFolder } from '../../policy/index.ts';
import {
  countsOf,
  jsonReport,
  junitReport,
  readTests,
  runTests,
  summary,
  treeReport,
} from '../../policy-test/index.ts';
import { providers } from '../../providers/registry.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { choice, type PolicyVerb, readArgs } from './verb.ts';
import { watchFolder } from './watch-folder.ts';
import { parseWithoutSecrets } from './without-secrets.ts';

/** A test failed, or none was run. */
const FAILED = 3;

const FORMATS = ['tree', 'junit', 'json'] as const;

interface Wanted {
  folder: string;
  format: (typeof FORMATS)[number];
  only: string | undefined;
  secret: (name: string) => string | undefined;
}

/** `latchkey policy test [DIR]`: the tests beside the policies. */
export const test: PolicyVerb = {
  usage: `[DIR] [--only TEXT] [--format ${FORMATS.join('|')}] [--watch]`,
  summary: 'run the tests beside the policies (*.test.yaml)',
  async run(args, { terminal, config }) {
    const { values, positionals } = readArgs(args, {
      options: { only: { type: 'string' }, format: { type: 'string' }, watch: { type: 'boolean' } },
      most: 1,
    });
    const format = choice('format', values.format, FORMATS);
    const { policiesDir, secret } = config();
    const wanted: Wanted = { folder: positionals[0] ?? policiesDir, format, only: values.only, secret };
    if (!values.watch) return runOnce(wanted, terminal);
    return watchFolder(wanted.folder, terminal, () => runOnce(wanted, terminal));
  },
};

async function runOnce({ folder, format, only, secret }: Wanted, terminal: Terminal): Promise<number> {
  const files = await readPolicyFolder(folder, { tests: true });
  if (!files.ok) return problems(files.problems, folder, terminal);
  const { checked, env } = parseWithoutSecrets(files.files, secret);
  const read = readTests(files.files, (fixtures) =>
    fixtures === undefined ? checked : parseWithFixtures(files.files, fixtures, providers, env),
  );
  if (!read.ok) return problems(read.problems, folder, terminal);
  const results = await runTests(read.suites, { providers, only });
  const { passed, failed } = countsOf(results);
  if (format === 'junit') terminal.out(junitReport(results));
  else if (format === 'json') terminal.out(jsonReport(results));
  else if (results.length > 0) terminal.out(treeReport(results));
  terminal.err(`${summary(results)}\n`);
  if (passed + failed === 0) {
    // NB. A run of nothing must not pass: a folder that was renamed would turn all its tests off without a word.
    const none = only === undefined ? `${folder} holds no test (*.test.yaml)` : `No test has “${only}” in its name`;
    terminal.err(`${none}: nothing was run.\n`);
  }
  return failed > 0 || passed === 0 ? FAILED : EXIT.ok;
}

function problems(found: readonly Problem[], folder: string, terminal: Terminal): number {
  terminal.out(`${found.map(formatProblem).join('\n')}\n`);
  terminal.err(`${found.length} ${found.length === 1 ? 'problem' : 'problems'} in ${folder}\n`);
  return EXIT.problems;
}
