import { access } from '../support/world.ts';
import { type Case, directory, steps } from './case.ts';

/** What is well written and could not work. */
export const SENSE: readonly Case[] = [
  {
    what: 'a default longer than the longest',
    file: access({ duration: '{default: ▶5h, max: 4h}' }),
    code: 'default-over-max',
    says: /`max`/,
  },
  {
    what: 'steps beside an automatic approval',
    file: access({ flows: '[{name: x, ▶auto_approve: true, steps: [{approvers: [everyone]}]}]' }),
    code: 'auto-approve-with-steps',
    says: /either/,
  },
  {
    what: 'a flow that approves nothing',
    file: access({ flows: '[▶{name: x}]' }),
    code: 'flow-without-approval',
    says: /`steps`/,
  },
  {
    what: 'a flow with no steps in its steps',
    file: access({ flows: '[▶{name: x, steps: []}]' }),
    code: 'flow-without-approval',
    says: /auto_approve/,
  },
  {
    what: 'a flow that does not approve by itself',
    file: access({ flows: '[▶{name: x, auto_approve: false}]' }),
    code: 'flow-without-approval',
    says: /never approve/,
  },
  {
    what: 'somebody who manages themselves',
    file: directory('people: [{email: zoe@example.com, manager: ▶zoe@example.com}]'),
    code: 'manager-cycle',
    says: /their own manager/,
  },
  {
    what: 'people who manage each other',
    file: directory(
      'people: [{email: x@example.com, manager: y@example.com}, {email: y@example.com, manager: ▶x@example.com}]',
    ),
    code: 'manager-cycle',
    says: /x@example\.com → y@example\.com → x@example\.com/,
  },
  {
    what: 'an owner where there is none',
    file: access({ grants: '[{target: unowned, group: g}]', flows: steps('{approvers: [▶owner]}') }),
    code: 'no-owner',
    says: /`owner`/,
  },
  {
    what: 'denying an owner where there is none',
    file: access({ grants: '[{target: unowned, group: g}]', deny: '[▶owner]' }),
    code: 'no-owner',
    says: /name a group/,
  },
  {
    what: 'a second flow that nobody can fill',
    file: access({
      flows: '[{name: a, steps: [{approvers: [everyone]}]}, {name: b, steps: [▶{approvers: [group:nobody]}]}]',
    }),
    code: 'empty-group',
    says: /there is nobody in group:nobody/,
  },
  {
    what: 'a group nobody is in',
    file: access({ flows: steps("▶{approvers: ['group:nobody']}") }),
    code: 'empty-group',
    says: /nobody in group:nobody/,
  },
  {
    what: 'a manager that no requester has',
    file: access({ requesters: "['group:security']", flows: steps('▶{approvers: [manager]}') }),
    code: 'empty-group',
    says: /manager/,
  },
  {
    what: 'only the requester as approver',
    file: access({ requesters: "['user:dee@example.com']", flows: steps("▶{approvers: ['group:security']}") }),
    code: 'empty-group',
    says: /Nobody can fill/,
  },
  {
    what: 'more approvals than people',
    file: access({ flows: steps("▶{approvers: ['group:dba'], need: 4}") }),
    code: 'too-few-approvers',
    says: /needs 4, but group:dba gives 3/,
  },
  {
    what: 'one person for two steps',
    file: access({ flows: steps("{approvers: ['group:security']}, ▶{approvers: ['group:security']}") }),
    code: 'too-few-approvers',
    says: /one person fills one seat/,
  },
];
