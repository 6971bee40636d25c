import { access } from '../support/world.ts';
import { type Case, steps } from './case.ts';

/** Delegation, reminders and escalation in a step. */
export const STEPS: readonly Case[] = [
  {
    what: 'a delegation that is neither allowed nor forbidden',
    file: access({ flows: steps('{approvers: [everyone], delegation: ▶sometimes}') }),
    code: 'invalid-value',
    says: /`delegation` must be `allowed` or `forbidden`/,
  },
  {
    what: 'a reminder every second',
    file: access({ flows: steps('{approvers: [everyone], remind_every: ▶59s}') }),
    code: 'out-of-range',
    says: /1m or more/,
  },
  {
    what: 'a reminder after the request has lapsed',
    file: access({ flows: '[{name: x, timeout: 1h, steps: [{approvers: [everyone], remind_every: ▶1h}]}]' }),
    code: 'after-timeout',
    says: /lapses after 1h, so this reminder would never come/,
  },
  {
    what: 'an escalation after the request has lapsed',
    file: access({ flows: steps('{approvers: [everyone], escalate: {after: ▶8h, to: [everyone]}}') }),
    code: 'after-timeout',
    says: /this escalation would never come: .*`timeout`/,
  },
  {
    what: 'an escalation to nobody in particular',
    file: access({ flows: steps('{approvers: [everyone], escalate: {after: 30m, to: ▶[]}}') }),
    code: 'empty-list',
    says: /`to` needs at least one/,
  },
  {
    what: 'an escalation without a time',
    file: access({ flows: steps('{approvers: [everyone], ▶escalate: {to: [everyone]}}') }),
    code: 'missing-key',
    says: /`after` is missing/,
  },
  {
    what: 'an escalation to an empty group',
    file: access({ flows: steps("{approvers: [everyone], escalate: {after: 30m, to: ▶['group:nobody']}}") }),
    code: 'empty-group',
    says: /nobody in group:nobody .* escalate to nobody/,
  },
  {
    what: 'an escalation to an unknown group',
    file: access({ flows: steps("{approvers: [everyone], escalate: {after: 30m, to: [▶'group:dbas']}}") }),
    code: 'unknown-group',
    says: /`dba`/,
  },
  {
    what: 'an escalation to the owner of a target that has none',
    file: access({
      grants: '[{target: unowned, group: x}]',
      flows: steps('{approvers: [everyone], escalate: {after: 30m, to: [▶owner]}}'),
    }),
    code: 'no-owner',
    says: /`owner`/,
  },
];
