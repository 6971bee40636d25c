/**
 * A company of ten thousand people and a thousand accesses, as data that is written down twice: in the policy language
 * (`latchkey.js`) and in Cedar (`cedar.js`).
 *
 * @typedef {{ is: 'at most', minutes: number } | { is: 'in' | 'not in', group: string } | { is: 'managed by', email: string }
 *   | { is: 'ticket begins with', text: string }} Term
 * @typedef {object} Access
 * @property {string} name
 * @property {({ group: string } | { user: string })[]} requesters any of them may ask
 * @property {string[]} deny groups of which nobody may
 * @property {number} maxMinutes
 * @property {string[]} fields each required, with a value like `INC-42`; the first is the ticket
 * @property {Term[][]} flows in order; the terms of one must all hold, and a flow without any always decides
 *
 * @typedef {object} Person
 * @property {string} email
 * @property {string | undefined} manager
 * @property {boolean} disabled
 * @property {string[]} groups
 *
 * @typedef {{ person: Person, access: string, minutes: number, fields: Record<string, string> }} Question
 * @typedef {{ people: Person[], accesses: Access[], questions: Question[] }} Company
 */

const PEOPLE = 10_000;
const ACCESSES = 1_000;
const TEAMS = 200;
const GUILDS = 100;

/**
 * What makes a company usual, or the worst that is asked of the evaluator.
 *
 * @typedef {{ guilds: number, requesters: number, deny: number, fields: number, conditions: number }} Kind
 * @type {Record<'usual' | 'worst', Kind>}
 */
export const KINDS = {
  /** Of a person, two guilds beside the team; of an access, three requesters, two denied groups, a condition or none. */
  usual: { guilds: 2, requesters: 3, deny: 2, fields: 1, conditions: 1 },
  worst: { guilds: 20, requesters: 100, deny: 50, fields: 5, conditions: 8 },
};

/** @param {number} count */
const indices = (count) => Array.from({ length: count }, (_, index) => index);
/** @param {number} index */
const emailOf = (index) => `person-${index}@example.com`;
/** @param {number} index */
const team = (index) => `team-${index % TEAMS}`;
/** @param {number} index */
const guild = (index) => `guild-${index % GUILDS}`;

/** @param {Kind} kind @param {number} count of questions @returns {Company} */
export function companyOf(kind, count) {
  const people = indices(PEOPLE).map((index) => ({
    email: emailOf(index),
    manager: index === 0 ? undefined : emailOf(Math.floor((index - 1) / 10)),
    disabled: index % 500 === 499,
    groups: [
      team(index),
      ...indices(kind.guilds).map((each) => guild(index * 3 + each)),
      ...(index % 20 === 3 ? ['contractors'] : []),
      ...(index % 30 === 7 ? ['on-call'] : []),
    ],
  }));
  const accesses = indices(ACCESSES).map((index) => access(index, kind));
  return { people, accesses, questions: indices(count).map((index) => question(index, people, accesses)) };
}

/** @param {number} index @param {Kind} kind @returns {Access} */
function access(index, kind) {
  const fields = index % 3 === 0 || kind.fields > 1 ? kind.fields : 0;
  /** @type {Term[][]} */
  const narrow = [
    [
      { is: 'at most', minutes: 60 },
      { is: 'in', group: 'on-call' },
    ],
    [
      { is: 'managed by', email: emailOf(index) },
      { is: 'not in', group: guild(index) },
    ],
    [
      { is: 'at most', minutes: 120 },
      ...(fields > 0 ? [{ is: /** @type {const} */ ('ticket begins with'), text: 'INC-1' }] : []),
    ],
    [{ is: 'in', group: team(index) }],
  ];
  const conditions = indices(kind.conditions).flatMap((each) =>
    narrow.slice((index + each) % 4, ((index + each) % 4) + 1),
  );
  return {
    name: `access-${index}`,
    // Those who ask most stand last: everything before them is looked at.
    requesters: [
      ...indices(kind.requesters - 2).map((each) => ({ group: team(index + TEAMS - 2 - each) })),
      { user: emailOf(index * 7) },
      { group: team(index) },
    ],
    deny: ['contractors', ...indices(kind.deny - 1).map((each) => team(index + 1 + each))],
    maxMinutes: 240,
    fields: ['ticket', 'service', 'cluster', 'change', 'incident'].slice(0, fields),
    flows: index % 2 === 0 || kind.conditions > 1 ? (index % 4 === 0 ? conditions : [...conditions, []]) : [[]],
  };
}

/**
 * One of what people ask: six in ten by somebody of the team that may, the others by anybody; now and then for too long,
 * with a ticket that is none, or with a name that is none.
 *
 * @param {number} index @param {readonly Person[]} people @param {readonly Access[]} accesses @returns {Question}
 */
function question(index, people, accesses) {
  const chance = chances(index + 1);
  const number = chance(ACCESSES);
  const asked = /** @type {Access} */ (accesses[number]);
  const who = chance(10) < 6 ? (number % TEAMS) + TEAMS * chance(PEOPLE / TEAMS) : chance(PEOPLE);
  const nobody = { email: 'nobody@example.com', manager: undefined, disabled: false, groups: [] };
  return {
    person: chance(100) === 0 ? nobody : /** @type {Person} */ (people[who]),
    access: asked.name,
    minutes: /** @type {number} */ ([15, 30, 60, 90, 120, 180, 240, 480][chance(8)]),
    fields: Object.fromEntries(
      asked.fields.map((name) => [name, `${chance(20) === 0 ? 'none' : 'INC-'}${chance(3000)}`]),
    ),
  };
}

/** The same numbers each time. @param {number} seed */
function chances(seed) {
  let state = Math.imul(seed, 0x9e3779b1);
  return (/** @type {number} */ below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
