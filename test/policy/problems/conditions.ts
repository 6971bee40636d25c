import { access } from '../support/world.ts';
import { type Case, flow } from './case.ts';

/** A `when` that says nothing, too much, or what does not exist. */
export const CONDITIONS: readonly Case[] = [
  { what: 'a condition that is no text', file: flow('▶true'), code: 'wrong-type', says: /text.*quotes/ },
  {
    what: 'an empty condition',
    file: access({ flows: '[{name: x, ▶when: , auto_approve: true}]' }),
    code: 'wrong-type',
    says: /text/,
  },
  {
    what: 'a condition cut off',
    file: flow("'request.duration <=▶'"),
    code: 'condition-syntax',
    says: /not a condition/,
  },
  {
    what: 'a name that does not exist',
    file: flow('\'▶requst.duration <= duration("1h")\''),
    code: 'condition-name',
    says: /`request`\?/,
  },
  {
    what: 'a property that does not exist',
    file: flow('\'request.▶duratio <= duration("1h")\''),
    code: 'condition-name',
    says: /`duration`\?/,
  },
  {
    what: 'types that do not fit',
    file: flow("'▶request.duration <= 1'"),
    code: 'condition-type',
    says: /duration <= int.*`duration\("1h30m"\)`/,
  },
  {
    what: 'a duration written as a text',
    file: flow('\'▶request.duration <= "1h"\''),
    code: 'condition-type',
    says: /duration <= string.*`duration\("1h30m"\)`/,
  },
  {
    what: 'a duration without its function',
    file: flow("'request.duration < 1▶h'"),
    code: 'condition-syntax',
    says: /`duration\("1h30m"\)`/,
  },
  {
    what: 'a word for an operator',
    file: flow('\'request.duration < duration("1h") ▶and requester.manager != ""\''),
    code: 'condition-syntax',
    says: /`&&` for “and”/,
  },
  {
    what: 'a condition that gives no answer',
    file: flow("'▶requester.email'"),
    code: 'condition-type',
    says: /true or false.*string/,
  },
  {
    what: 'a bare number as a duration',
    file: flow('\'request.duration <= ▶duration("60")\''),
    code: 'bad-duration',
    says: /30m/,
  },
  {
    what: 'a computed duration',
    file: flow("'request.duration <= ▶duration(request.reason)'"),
    code: 'bad-duration',
    says: /in quotes/,
  },
  {
    what: 'a label that the access does not have',
    file: flow('\'▶labels.env == "x"\''),
    code: 'condition-name',
    says: /label of this access `env`/,
  },
  {
    what: 'a field that the access does not have',
    file: flow('\'▶request.fields.ticket == "x"\''),
    code: 'condition-name',
    says: /field of this access `ticket`/,
  },
  {
    what: 'a field in brackets',
    file: flow('\'▶request.fields["ticket"] == "x"\''),
    code: 'condition-name',
    says: /`ticket`/,
  },
  {
    what: 'a group that nobody defines',
    file: flow('\'▶"backed" in requester.groups\''),
    code: 'condition-name',
    says: /`backend`\?/,
  },
  {
    what: 'a schedule that nobody defines',
    file: flow('\'▶in_schedule("office")\''),
    code: 'condition-name',
    says: /schedule in the settings `office`/,
  },
  {
    what: 'a computed schedule',
    file: flow("'▶in_schedule(request.reason)'"),
    code: 'condition-type',
    says: /in quotes/,
  },
  {
    what: 'a function of CEL that policies do not have',
    file: flow("'▶now.getHours() > 8'"),
    code: 'condition-name',
    says: /`getHours`/,
  },
  {
    what: 'our own function by its inner name',
    file: flow('\'▶latchkey_duration("1h") > request.duration\''),
    code: 'condition-name',
    says: /no function/,
  },
  { what: 'arithmetic', file: flow("'▶1 + 1 == 2'"), code: 'condition-syntax', says: /`\+` is not part/ },
  { what: 'a map', file: flow('\'▶{"a": 1}.size() == 1\''), code: 'condition-syntax', says: /`map`/ },
  {
    what: 'a loop in a loop',
    file: flow("'requester.groups.exists(a, ▶requester.groups.all(b, a == b))'"),
    code: 'condition-too-complex',
    says: /inside one another/,
  },
  {
    what: 'a condition that recurses',
    file: flow(`'${'('.repeat(40)}▶${'('.repeat(460)}true${')'.repeat(500)}'`),
    code: 'condition-too-complex',
    says: /several flows/,
  },
  {
    what: 'a condition of 100 kB',
    file: flow(`'▶${'true || '.repeat(14_000)}true'`),
    code: 'condition-too-complex',
    says: /2000/,
  },
  {
    what: 'a pattern with a look-ahead',
    file: flow('\'▶request.reason.matches("(?=a)")\''),
    code: 'bad-pattern',
    says: /RE2/,
  },
  {
    what: 'a pattern that is written in few characters and large',
    file: flow('\'▶request.reason.matches("(.?){1000}")\''),
    code: 'bad-pattern',
    says: /smaller counts/,
  },
  {
    what: 'a computed pattern',
    file: flow("'▶request.reason.matches(requester.email)'"),
    code: 'bad-pattern',
    says: /in quotes/,
  },
];
