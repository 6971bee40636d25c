import imported from '@jest/test-sequencer';

/** What it is for Node; its types say otherwise. */
const Sequencer = /** @type {typeof imported.default} */ (/** @type {unknown} */ (imported));

/** Suites that wait for the product more than they compute: several of them at once leave the machine idle. */
const WAITING = /[\\/]test[\\/]end-to-end[\\/]/;
/** Suites that are short to read and long to run: begun last, one of them would be all that still runs. */
const LONG = /[\\/]test[\\/](simulation|model)[\\/]/;
/** So many of the others between two that wait: about the time that one of those takes. */
const BETWEEN = 9;

/** Jest's own order, which in a fresh clone goes by the size of the files, but for what makes the whole run shorter. */
export default class extends Sequencer {
  /** @template {{ path: string }} Suite @param {Suite[]} suites @returns {Suite[]} @override */
  sort(suites) {
    const sorted = /** @type {Suite[]} */ (/** @type {unknown} */ (super.sort(/** @type {any} */ (suites))));
    const waiting = sorted.filter(({ path }) => WAITING.test(path));
    const long = sorted.filter(({ path }) => LONG.test(path));
    const others = sorted.filter((suite) => !waiting.includes(suite) && !long.includes(suite));
    const order = [];
    for (const [index, suite] of [...long, ...others].entries()) {
      if (index % BETWEEN === 0) order.push(...waiting.splice(0, 1));
      order.push(suite);
    }
    return [...order, ...waiting];
  }
}
