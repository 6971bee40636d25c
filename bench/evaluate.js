import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { askCedar } from './evaluate/cedar.js';
import { companyOf, KINDS } from './evaluate/company.js';
import { askLatchkey } from './evaluate/latchkey.js';
import { median, percentile, rounded } from './support/numbers.js';

/** @typedef {import('./support/result.js').Result} Result */

const QUESTIONS = 2_000;
/** Cedar takes milliseconds for what the evaluator does in microseconds: of the questions, those that both are asked. */
const BOTH = 1_000;
const ROUNDS = 3;
/** Of the evaluator, so that a round of its is not over before it can be timed. */
const REPEATS = 10;
const WARM_UP = 10;
/**
 * What the limit holds for: of what companies write, all but one evaluation in a hundred. Of the worst kind, in which no
 * access is usual (a hundred requesters, fifty denied groups, eight conditions, five patterns), half of them.
 *
 * @type {Record<keyof typeof KINDS, number>}
 */
const PERCENTILE = { usual: 99, worst: 50 };

/**
 * Whether somebody's request for an access is taken, by a thousand accesses and ten thousand people: as production
 * evaluates it, and as Cedar answers it.
 *
 * What is fair about it: both are asked the same questions with one access a policy, `requesters` and the groups of the
 * person, `deny`, the longest duration, the patterns of the fields, conditions and the manager, and all their answers are
 * compared before anything is timed. To the evaluator's disadvantage: it finds the flow, the accounts and the
 * entitlements, counts whether enough people can approve, and gives its reasons in words, none of which Cedar is asked
 * for. To Cedar's advantage: its policies are parsed before, it is given no schema to check, of ten thousand people only
 * the one who asks, and its questions are put together before they are timed.
 *
 * Cedar looks at every policy for each question, where the evaluator looks an access up by its name. So the figures say
 * too what Cedar takes when somebody has looked it up for it and hands it a set of that one policy alone.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function evaluate({ say }) {
  // Node 20 can crash when it takes back an optimization while WebAssembly that was made a part of it is running.
  setFlagsFromString('--no-turbo-inline-js-wasm-calls');
  /** @type {Result[]} */
  const results = [];
  for (const name of /** @type {const} */ (['usual', 'worst'])) {
    say(`a company of the ${name} kind`);
    const company = companyOf(KINDS[name], QUESTIONS);
    const latchkey = await askLatchkey(company);
    const cedar = askCedar(company, name);
    const one = askCedarOfOne(company, name);
    const taken = sameAnswers(company, latchkey, [cedar, one]);

    for (let round = 0; round < WARM_UP; round++) each(QUESTIONS, latchkey);
    const times = Array.from({ length: REPEATS }, () => timesOf(QUESTIONS, latchkey)).flat();
    /** @type {{ latchkey: number[], cedar: number[], one: number[] }} */
    const speeds = { latchkey: [], cedar: [], one: [] };
    for (let round = 1; round <= ROUNDS; round++) {
      say(`round ${round} of ${ROUNDS}`);
      speeds.latchkey.push(perSecond(BOTH, latchkey, REPEATS));
      speeds.cedar.push(perSecond(BOTH, cedar, 1));
      speeds.one.push(perSecond(BOTH, one, 1));
    }
    const shown = (/** @type {number[]} */ of) => `${Math.round(median(of)).toLocaleString('en')} a second`;
    const micro = (/** @type {number} */ percent) => `${rounded(percentile(times, percent))} µs`;
    results.push(
      {
        bench: 'evaluate',
        what: `evaluation against 1,000 accesses × 10,000 people, ${name} kind, p${PERCENTILE[name]}`,
        value: rounded(percentile(times, PERCENTILE[name])),
        unit: 'µs',
        most: 50,
        seen: `p50 ${micro(50)}, p99 ${micro(99)}; ${taken} of ${QUESTIONS.toLocaleString('en')} requests taken`,
        rounds: [50, 90, 99, 99.9, 100].map((percent) => [percent, percentile(times, percent)]),
      },
      {
        bench: 'evaluate',
        what: `evaluations in a second, against Cedar, ${name} kind`,
        value: rounded(median(speeds.latchkey) / median(speeds.cedar)),
        unit: '×',
        least: 10,
        seen: shown(speeds.latchkey),
        baseline: `${shown(speeds.cedar)}; given the one policy that is asked about, ${shown(speeds.one)}`,
        rounds: speeds,
      },
    );
  }
  return results;
}

/**
 * Cedar with a set for each access, the one that is asked about already found.
 *
 * @param {import('./evaluate/company.js').Company} company @param {string} name
 */
function askCedarOfOne({ people, accesses, questions }, name) {
  const sets = new Map(
    accesses.map((access) => {
      const asked = questions.filter((question) => question.access === access.name);
      return [
        access.name,
        { ask: askCedar({ people, accesses: [access], questions: asked }, `${name} ${access.name}`), asked },
      ];
    }),
  );
  const found = questions.map((question) => {
    const set = sets.get(question.access);
    if (!set) throw new Error(`no access ${question.access}`);
    return { ask: set.ask, index: set.asked.indexOf(question) };
  });
  return (/** @type {number} */ index) => {
    const { ask, index: inSet } = /** @type {(typeof found)[number]} */ (found[index]);
    return ask(inSet);
  };
}

/**
 * @param {import('./evaluate/company.js').Company} company
 * @param {Awaited<ReturnType<typeof askLatchkey>>} latchkey
 * @param {readonly ReturnType<typeof askCedar>[]} cedars
 * @returns {number} how many of the requests are taken
 */
function sameAnswers({ questions }, latchkey, cedars) {
  let taken = 0;
  for (const [index, question] of questions.entries()) {
    const decision = latchkey(index);
    if (decision.ok) taken += 1;
    for (const cedar of cedars) {
      const { decision: other, diagnostics } = cedar(index);
      if (diagnostics.errors.length > 0 || (other === 'allow') !== decision.ok)
        throw new Error(
          JSON.stringify({ question, other, diagnostics, refusal: decision.ok ? 'none' : decision.refusal }),
        );
    }
  }
  return taken;
}

/** @param {number} count @param {(index: number) => unknown} ask */
function each(count, ask) {
  for (let index = 0; index < count; index++) ask(index);
}

/** @param {number} count @param {(index: number) => unknown} ask @returns {number[]} microseconds */
function timesOf(count, ask) {
  return Array.from({ length: count }, (_, index) => {
    const begun = performance.now();
    ask(index);
    return (performance.now() - begun) * 1_000;
  });
}

/** @param {number} count @param {(index: number) => unknown} ask @param {number} repeats */
function perSecond(count, ask, repeats) {
  const begun = performance.now();
  for (let repeat = 0; repeat < repeats; repeat++) each(count, ask);
  return (count * repeats) / ((performance.now() - begun) / 1_000);
}
