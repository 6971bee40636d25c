import { performance } from 'node:perf_hooks';
import { built } from './support/built.js';
import { rounded } from './support/numbers.js';
import { policySetOf } from './support/policy-set.js';

/** @typedef {import('./support/result.js').Result} Result */

const ACCESSES = 1_000;
const PEOPLE = 1_000;
const GROUPS = 50;
const ROUNDS = 3;

const NOW = '2026-03-03T12:00:00.000Z';
/** @param {number} index */
const email = (index) => `p${index}@example.com`;
/** @param {number} count */
const indices = (count) => Array.from({ length: count }, (_, index) => index);

/**
 * A company in which every access is changed: two steps with managers, conditions on the duration, on groups and, in one
 * access of twenty, on the person. Few people are in the same groups.
 *
 * @param {boolean} changed
 */
function policies(changed) {
  const people = indices(PEOPLE).map((index) => ({
    email: email(index),
    slack: `U0P${index}`,
    ...(index === 0 ? {} : { manager: email(Math.floor((index - 1) / 10)) }),
  }));
  const groups = Object.fromEntries(
    indices(GROUPS).map((group) => [
      `group-${group}`,
      indices(PEOPLE)
        .filter((index) => (index * 37 + group * 17) % (20 + (group % 13)) < 2)
        .map(email),
    ]),
  );
  const accesses = indices(ACCESSES).map((index) => ({
    kind: 'access',
    name: `access-${index}`,
    grants: [{ target: 'directory', group: `granted-${index}` }],
    requesters: [`group:group-${index % GROUPS}`, `group:group-${(index * 3 + 1) % GROUPS}`],
    deny: [`group:group-${(index * 5 + 2) % GROUPS}`],
    duration: { default: '30m', max: changed ? '8h' : '4h' },
    flows: [
      {
        name: 'short',
        when: `request.duration <= duration("${changed ? '2h' : '1h'}") && ${
          index % 20 === 0
            ? `requester.email == "${email(index % PEOPLE)}"`
            : `"group-${(index * 11) % GROUPS}" in requester.groups`
        }`,
        auto_approve: true,
      },
      {
        name: 'normal',
        steps: [
          { approvers: [`group:group-${(index * 7 + 3) % GROUPS}`], need: changed ? 1 : 2 },
          { approvers: ['manager', `group:group-${(index * 2 + 5) % GROUPS}`], need: 1 },
        ],
      },
    ],
  }));
  return policySetOf([
    { kind: 'directory', people, groups },
    {
      kind: 'targets',
      targets: { directory: { provider: 'scim-group', url: 'http://127.0.0.1:9/scim/v2', token: '${env:TOKEN}' } },
    },
    ...accesses,
  ]);
}

/**
 * `latchkey policy diff` over a thousand accesses and a thousand people, all of the accesses changed, without reading the
 * files. The baseline asks the evaluator itself for every person, access and duration, and compares less.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function policyDiff({ say }) {
  /** @type {typeof import('../src/policy/index.ts')} */
  const { diffPolicies, evaluate } = await built('policy/index.js');
  const [was, now] = await Promise.all([policies(false), policies(true)]);
  say(`${ACCESSES} accesses, ${PEOPLE} people`);

  /** @type {number[]} */
  const times = [];
  let changes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    ({ length: changes } = diffPolicies(was, now, NOW).changes);
    times.push((performance.now() - begun) / 1_000);
  }
  if (changes === 0) throw new Error('no change was found');

  const sample = 20;
  const begun = performance.now();
  for (const access of [...was.accesses.keys()].slice(0, sample)) {
    for (let index = 0; index < PEOPLE; index++) {
      for (const hours of [1, 2, 4, 8]) {
        const question = { email: email(index), access, durationMs: hours * 3_600_000, now: NOW };
        evaluate(was, question);
        evaluate(now, question);
      }
    }
  }
  const all = (((performance.now() - begun) / 1_000) * ACCESSES) / sample;
  const worst = Math.max(...times);
  return [
    {
      bench: 'policy-diff',
      what: `diff of ${ACCESSES.toLocaleString('en')} accesses × ${PEOPLE.toLocaleString('en')} people`,
      value: rounded(worst),
      unit: 's',
      most: 10,
      seen: `${times.map((time) => `${rounded(time)} s`).join(', ')}; ${changes} changes`,
      baseline: `${rounded(all)} s to evaluate each person, access and duration, by ${sample} of the accesses`,
      rounds: times,
    },
  ];
}
