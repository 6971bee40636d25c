export { type Load, type ReadTests, readTests } from './read-tests.ts';
export { jsonReport } from './report/json.ts';
export { junitReport } from './report/junit.ts';
export { summary, treeReport } from './report/tree.ts';
export { countsOf, type RunOptions, runTests, type SuiteResult, type TestResult } from './run-tests.ts';
export type { Failure, Suite, Test, TestKind } from './test.ts';
