import { ActionRequestFacts, CallerFacts } from './action-facts.ts';
import type { ConditionLanguage } from './condition.ts';
import { commonLanguage, type OwnNames } from './language.ts';

export const ACTION_REQUEST = {
  ctor: ActionRequestFacts,
  fields: { action: 'string', reason: 'string', parameters: 'map<string, string>' },
} as const;

export const CALLER = {
  ctor: CallerFacts,
  fields: {
    kind: 'string',
    issuer: 'string',
    subject: 'string',
    api_key: 'string',
    claims: 'map<string, string>',
  },
} as const;

export const OF_ACTIONS: OwnNames = {
  properties: {
    request: ['action', 'reason', 'parameters'],
    caller: ['kind', 'issuer', 'subject', 'api_key', 'claims'],
  },
  inputs: { path: 'request.parameters', one: 'parameter of this action' },
  label: 'label of this action',
};

/** The conditions of actions. There is no `requester`: who asks is no person, has no groups and no manager. */
export const ACTION_CONDITIONS: ConditionLanguage = {
  environment: commonLanguage()
    .registerType('Request', ACTION_REQUEST)
    .registerType('Caller', CALLER)
    .registerVariable('request', 'Request')
    .registerVariable('caller', 'Caller'),
  variables: ['request', 'caller', 'labels', 'now'],
  own: OF_ACTIONS,
};
