import { ActionRequestFacts, CallerFacts } from './action-facts.ts';
import type { ConditionLanguage } from './condition.ts';
import { commonLanguage } from './language.ts';

/** The conditions of actions. There is no `requester`: who asks is no person, has no groups and no manager. */
export const ACTION_CONDITIONS: ConditionLanguage = {
  environment: commonLanguage()
    .registerType('Request', {
      ctor: ActionRequestFacts,
      fields: { action: 'string', reason: 'string', parameters: 'map<string, string>' },
    })
    .registerType('Caller', {
      ctor: CallerFacts,
      fields: {
        kind: 'string',
        issuer: 'string',
        subject: 'string',
        api_key: 'string',
        claims: 'map<string, string>',
      },
    })
    .registerVariable('request', 'Request')
    .registerVariable('caller', 'Caller'),
  variables: ['request', 'caller', 'labels', 'now'],
  own: {
    properties: {
      request: ['action', 'reason', 'parameters'],
      caller: ['kind', 'issuer', 'subject', 'api_key', 'claims'],
    },
    inputs: { path: 'request.parameters', one: 'parameter of this action' },
    label: 'label of this action',
  },
};
