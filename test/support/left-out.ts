import { appendFileSync } from 'node:fs';

/**
 * What this machine cannot run is left out with a reason, and `npm test` lists it at its end. A test that is skipped
 * without one fails the run.
 */

/** `describe` when nothing is missing; otherwise the suite is left out, for the reason that `missing` gives. */
export function describeUnless(missing: string | undefined, name: string, suite: () => void): void {
  if (missing === undefined) describe(name, suite);
  else describe.skip(`${name} [left out: ${missing}]`, suite);
}

/** Notes something left out that is not a suite of its own. */
export function leaveOut(what: string, why: string): void {
  const file = process.env.TEST_LEFT_OUT_FILE;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, why })}\n`);
}
