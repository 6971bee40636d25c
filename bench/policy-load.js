import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, ms, rounded } from './support/numbers.js';

/** @typedef {import('./support/result.js').Result} Result */

const ACCESSES = 1_000;
const PEOPLE = 10_000;
const GROUPS = 200;
const MANAGERS = 100;
const ROUNDS = 5;
const MEGABYTE = 1024 * 1024;

/**
 * A thousand policy files, each an access with a few flows, and a directory of ten thousand people: read, loaded and
 * checked with everything that a reviewer would ask, by a process of its own each time.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function policyLoad({ folder, say }) {
  const policies = join(folder, 'policies');
  await writeCompany(policies);
  /** @type {{ ms: number, rss: number }[]} */
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`round ${round} of ${ROUNDS}`);
    rounds.push(await inAProcess(policies));
  }
  const times = rounds.map((round) => round.ms);
  const sizes = rounds.map((round) => round.rss / MEGABYTE);
  const what = `${ACCESSES.toLocaleString('en')} policy files and ${PEOPLE.toLocaleString('en')} people, loaded and checked`;
  return [
    {
      bench: 'policy-load',
      what: `${what}, median of ${ROUNDS}`,
      value: rounded(median(times)),
      unit: 'ms',
      most: 2_000,
      seen: times.map(ms).join(', '),
      rounds: times,
    },
    {
      bench: 'policy-load',
      what: `${what}, the most memory its process had`,
      value: rounded(Math.max(...sizes)),
      unit: 'MiB',
      most: 300,
      seen: sizes.map((size) => `${rounded(size)} MiB`).join(', '),
      rounds: sizes,
    },
  ];
}

/** @param {string} policies @returns {Promise<{ ms: number, rss: number }>} */
async function inAProcess(policies) {
  const child = fork(fileURLToPath(new URL('./processes/policy-check.js', import.meta.url)), [policies]);
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`policy-check.js ended (${code})`)));
  const [answer] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  return answer;
}

/** @param {string} folder */
async function writeCompany(folder) {
  await mkdir(folder, { recursive: true });
  /** @param {number} index */
  const email = (index) => `person-${index}@example.com`;
  const indices = Array.from({ length: PEOPLE }, (_, index) => index);
  const people = indices.map((index) => {
    const manager = index < MANAGERS ? '' : `, manager: ${email(index % MANAGERS)}`;
    return `  - {email: ${email(index)}, slack: U${String(index).padStart(8, '0')}${manager}}`;
  });
  await writeFile(join(folder, 'people.yaml'), `version: 1\nkind: directory\npeople:\n${people.join('\n')}\n`);
  const groups = Array.from({ length: GROUPS }, (_, group) => {
    const members = indices.filter((index) => index % GROUPS === group).map(email);
    return `  team-${group}: [${members.join(', ')}]`;
  });
  await writeFile(join(folder, 'groups.yaml'), `version: 1\nkind: directory\ngroups:\n${groups.join('\n')}\n`);
  const targets =
    "  directory: {provider: scim-group, url: 'https://idp.example.com/scim/v2', token: '${env:TOKEN}', owner: user:person-0@example.com}";
  await writeFile(join(folder, 'targets.yaml'), `version: 1\nkind: targets\ntargets:\n${targets}\n`);
  for (let index = 0; index < ACCESSES; index++) {
    /** @param {number} ahead */
    const team = (ahead) => `group:team-${(index + ahead) % GROUPS}`;
    await writeFile(
      join(folder, `access-${index}.yaml`),
      `version: 1
kind: access
name: access-${index}
title: Access number ${index}
labels: {env: production, risk: high}
grants:
  - {target: directory, group: members-${index}}
requesters: [${team(0)}]
deny: [${team(7)}]
duration: {default: 1h, max: 4h}
reason: {required: true, min_length: 10}
flows:
  - name: short
    when: request.duration <= duration("1h") && "team-${index % GROUPS}" in requester.groups
    auto_approve: true
  - name: two people
    when: request.duration <= duration("2h")
    steps:
      - {approvers: [${team(1)}]}
      - {approvers: [manager, ${team(2)}], need: 2}
  - name: three people
    steps:
      - {approvers: [${team(3)}, owner], need: 3}
    timeout: 4h
channel: '#access-${index % 10}'
`,
    );
  }
}
