import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';

/** @typedef {import('./company.js').Company} Company */
/** @typedef {import('./company.js').Term} Term */
/** @typedef {import('@cedar-policy/cedar-wasm/nodejs').StatefulAuthorizationCall} Call */

/**
 * Asks Cedar whether the request would be taken, in the way in which it answers soonest: one policy an access, all of them
 * parsed before, and without a schema, which would be checked with every question. A question carries only the person,
 * whose groups are its parents, and is put together before it is timed.
 *
 * @param {Company} company
 * @param {string} name of the set, among all that Cedar keeps
 */
export function askCedar({ accesses, questions }, name) {
  const policies = Object.fromEntries([
    ['disabled', 'forbid(principal, action, resource) when { principal has disabled };'],
    ...accesses.map((access) => [access.name, policyOf(access)]),
  ]);
  const parsed = preparsePolicySet(name, { staticPolicies: policies });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed.errors.slice(0, 3)));
  const calls = questions.map((question) => callOf(question, name));
  return (/** @type {number} */ index) => {
    const answer = statefulIsAuthorized(/** @type {Call} */ (calls[index]));
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors));
    return answer.response;
  };
}

/** @param {Company['accesses'][number]} access */
function policyOf({ name, requesters, deny, maxMinutes, fields, flows }) {
  const may = requesters.map((one) => ('group' in one ? entity('Group', one.group) : entity('Person', one.user)));
  const terms = [
    `principal in [${may.join(', ')}]`,
    `context.minutes <= ${maxMinutes}`,
    ...fields.map((field) => `context.${field} like "INC-*"`),
    // What decides is the first flow that holds; that there is one is that any of them does.
    ...(flows.some((flow) => flow.length === 0)
      ? []
      : [`(${flows.map((flow) => `(${flow.map(inCedar).join(' && ')})`).join(' || ')})`]),
  ];
  const denied = deny.map((group) => entity('Group', group)).join(', ');
  return `permit(principal, action == ${entity('Action', 'request')}, resource == ${entity('Access', name)})
when { ${terms.join(' && ')} }
unless { principal in [${denied}] };`;
}

/** @param {Term} term */
function inCedar(term) {
  switch (term.is) {
    case 'at most':
      return `context.minutes <= ${term.minutes}`;
    case 'in':
      return `principal in ${entity('Group', term.group)}`;
    case 'not in':
      return `!(principal in ${entity('Group', term.group)})`;
    case 'managed by':
      return `(principal has manager && principal.manager == ${JSON.stringify(term.email)})`;
    case 'ticket begins with':
      return `context.ticket like ${JSON.stringify(`${term.text}*`)}`;
  }
}

/** @param {string} type @param {string} id */
const entity = (type, id) => `${type}::${JSON.stringify(id)}`;

/** @param {Company['questions'][number]} question @param {string} name @returns {Call} */
function callOf({ person, access, minutes, fields }, name) {
  const principal = { type: 'Person', id: person.email };
  return {
    principal,
    action: { type: 'Action', id: 'request' },
    resource: { type: 'Access', id: access },
    context: { minutes, ...fields },
    preparsedPolicySetId: name,
    validateRequest: false,
    entities: [
      {
        uid: principal,
        attrs: {
          ...(person.manager === undefined ? {} : { manager: person.manager }),
          ...(person.disabled ? { disabled: true } : {}),
        },
        parents: person.groups.map((id) => ({ type: 'Group', id })),
      },
    ],
  };
}
