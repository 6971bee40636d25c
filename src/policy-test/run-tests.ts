import type { Provider } from '../app/ports/provider.ts';
import { type Failure, NO_WITNESS, type Suite, type Test, type Witness } from './test.ts';

export interface TestResult {
  test: Test;
  failures: readonly Failure[];
}

export interface SuiteResult {
  suite: Suite;
  results: readonly TestResult[];
}

export interface RunOptions {
  providers: ReadonlyMap<string, Provider>;
  /** Only tests whose file, document or name holds this text, regardless of case. */
  only?: string | undefined;
  witnessOf?: (test: Test) => Witness;
}

/** Runs the tests one after the other, in the order in which they stand. Documents without any are left out. */
export async function runTests(suites: readonly Suite[], options: RunOptions): Promise<SuiteResult[]> {
  const { providers, only, witnessOf = () => NO_WITNESS } = options;
  const results: SuiteResult[] = [];
  for (const suite of suites) {
    const tests = suite.tests.filter((test) => isWanted(suite, test, only));
    if (tests.length === 0) continue;
    const done: TestResult[] = [];
    for (const test of tests) {
      const witness = witnessOf(test);
      done.push({ test, failures: await test.run({ policies: suite.policies, providers, witness }) });
    }
    results.push({ suite, results: done });
  }
  return results;
}

function isWanted({ file, name }: Suite, test: Test, only: string | undefined): boolean {
  if (only === undefined) return true;
  return `${file} ${name} ${test.name}`.toLowerCase().includes(only.toLowerCase());
}

export interface Counts {
  passed: number;
  failed: number;
}

export function countsOf(results: readonly SuiteResult[]): Counts {
  const all = results.flatMap((each) => each.results);
  const failed = all.filter(({ failures }) => failures.length > 0).length;
  return { passed: all.length - failed, failed };
}
