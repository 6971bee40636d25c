import { built } from '../support/built.js';
import { policySetOf } from '../support/policy-set.js';

/** @typedef {import('./company.js').Company} Company */
/** @typedef {import('./company.js').Term} Term */

const NOW = '2026-03-03T12:00:00.000Z';

/**
 * Asks the evaluation that production calls.
 *
 * @param {Company} company
 */
export async function askLatchkey({ people, accesses, questions }) {
  /** @type {typeof import('../../src/policy/index.ts')} */
  const { evaluate } = await built('policy/index.js');
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const { email, groups: names } of people)
    for (const name of names) groups.set(name, [...(groups.get(name) ?? []), email]);
  const policies = await policySetOf([
    {
      kind: 'directory',
      people: people.map(({ email, manager, disabled }, index) => ({
        email,
        slack: `U${String(index).padStart(8, '0')}`,
        ...(manager === undefined ? {} : { manager }),
        ...(disabled ? { disabled } : {}),
      })),
      groups: Object.fromEntries(groups),
    },
    {
      kind: 'targets',
      targets: { directory: { provider: 'scim-group', url: 'http://127.0.0.1:9/scim/v2', token: '${env:TOKEN}' } },
    },
    ...accesses.map((access) => ({
      kind: 'access',
      name: access.name,
      grants: [{ target: 'directory', group: `members-of-${access.name}` }],
      requesters: access.requesters.map((one) => ('group' in one ? `group:${one.group}` : `user:${one.user}`)),
      deny: access.deny.map((group) => `group:${group}`),
      duration: { default: '30m', max: `${access.maxMinutes}m` },
      fields: Object.fromEntries(
        access.fields.map((name) => [name, { label: name, pattern: '^INC-', required: true }]),
      ),
      flows: access.flows.map((terms, index) => ({
        name: `flow ${index + 1}`,
        ...(terms.length === 0 ? {} : { when: terms.map(inCel).join(' && ') }),
        steps: [
          { approvers: ['manager', 'group:on-call'], need: 1 },
          { approvers: ['group:team-5', 'group:team-6'], need: 2 },
        ],
      })),
    })),
  ]);
  const asked = questions.map(({ person, access, minutes, fields }) => ({
    email: person.email,
    access,
    durationMs: minutes * 60_000,
    reason: 'slow queries on the replica',
    fields,
    now: NOW,
  }));
  return (/** @type {number} */ index) => evaluate(policies, /** @type {(typeof asked)[number]} */ (asked[index]));
}

/** @param {Term} term */
function inCel(term) {
  switch (term.is) {
    case 'at most':
      return `request.duration <= duration("${term.minutes}m")`;
    case 'in':
      return `"${term.group}" in requester.groups`;
    case 'not in':
      return `!("${term.group}" in requester.groups)`;
    case 'managed by':
      return `requester.manager == "${term.email}"`;
    case 'ticket begins with':
      return `request.fields.ticket.startsWith("${term.text}")`;
  }
}
