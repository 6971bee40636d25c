import { access } from '../support/world.ts';
import { type Case, directory, settings, target } from './case.ts';

/** Names, durations, channels, principals and the other words of the language. */
export const WORDS: readonly Case[] = [
  { what: 'a name with capitals', file: access({ name: '▶Prod-DB' }), code: 'bad-name', says: /a-z, 0-9 and -/ },
  { what: 'a name of 64 characters', file: access({ name: `▶${'x'.repeat(64)}` }), code: 'bad-name', says: /63/ },
  { what: 'an access named as a command', file: access({ name: '▶revoke' }), code: 'bad-name', says: /is a command/ },
  {
    what: 'a target whose name is none',
    file: target("{provider: scim-group, url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}'}").replace(
      'extra',
      '▶My_DB',
    ),
    code: 'bad-name',
    says: /a-z/,
  },
  { what: 'a group whose name is none', file: directory('groups: {▶On Call: []}'), code: 'bad-name', says: /a-z/ },
  {
    what: 'a title of 101 characters',
    file: access({ title: `▶${'é'.repeat(101)}` }),
    code: 'bad-text',
    says: /101 characters, and at most 100/,
  },
  { what: 'a title with a line break', file: access({ title: '▶"a\\nb"' }), code: 'bad-text', says: /one line/ },
  { what: 'a blank title', file: access({ title: "▶' '" }), code: 'bad-text', says: /blank/ },
  {
    what: 'a flow without a word in its name',
    file: access({ flows: "[{name: ▶'', auto_approve: true}]" }),
    code: 'bad-text',
    says: /blank/,
  },
  { what: 'half an e-mail', file: directory('people: [{email: ▶zoe}]'), code: 'bad-email', says: /ana@example\.com/ },
  {
    what: 'a principal with half an e-mail',
    file: access({ requesters: "[▶'user:ana']" }),
    code: 'bad-email',
    says: /e-mail/,
  },
  {
    what: 'a Slack name in place of an id',
    file: directory("people: [{email: zoe@example.com, slack: ▶'@zoe'}]"),
    code: 'bad-slack-id',
    says: /member id/,
  },
  { what: 'a channel without #', file: access({ channel: '▶db-access' }), code: 'bad-channel', says: /'#name'/ },
  { what: 'a channel with capitals', file: access({ channel: "▶'#DB'" }), code: 'bad-channel', says: /lower case/ },
  {
    what: 'a bare number',
    file: access({ duration: '{default: ▶30, max: 4h}' }),
    code: 'bad-duration',
    says: /no unit: write 30s, 30m/,
  },
  {
    what: 'months',
    file: access({ duration: '{default: 1h, max: ▶2mo}' }),
    code: 'bad-duration',
    says: /30m, 1h30m or 2d/,
  },
  {
    what: 'no time at all',
    file: access({ duration: '{default: ▶0s, max: 4h}' }),
    code: 'bad-duration',
    says: /longer than zero/,
  },
  {
    what: 'more than a year',
    file: access({ flows: '[{name: x, auto_approve: true, timeout: ▶400d}]' }),
    code: 'bad-duration',
    says: /366d/,
  },
  {
    what: 'a group without its prefix',
    file: access({ requesters: '[▶backend]' }),
    code: 'bad-principal',
    says: /group:backend/,
  },
  {
    what: 'an e-mail without its prefix',
    file: access({ requesters: '[▶ana@example.com]' }),
    code: 'bad-principal',
    says: /user:ana@example\.com/,
  },
  {
    what: 'a typo in a principal',
    file: access({ requesters: '[▶everybody]' }),
    code: 'bad-principal',
    says: /user:<e-mail>, group:<name>/,
  },
  {
    what: 'a manager as a requester',
    file: access({ requesters: '[▶manager]' }),
    code: 'bad-principal',
    says: /nobody is their own/,
  },
  {
    what: 'a manager to deny',
    file: access({ deny: '[▶manager]' }),
    code: 'bad-principal',
    says: /nobody is their own/,
  },
  {
    what: 'an owner that is `owner`',
    file: target("{provider: scim-group, url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}', owner: ▶owner}"),
    code: 'bad-principal',
    says: /own owner/,
  },
  {
    what: 'a group name that is none',
    file: access({ requesters: "[▶'group:Back End']" }),
    code: 'bad-name',
    says: /a-z/,
  },
  {
    what: 'an hour that is none',
    file: settings("digest: {channel: '#audit', at: ▶'24:00'}"),
    code: 'bad-time',
    says: /23:59/,
  },
  {
    what: 'a time zone that is none',
    file: settings('timezone: ▶Europe/Belin'),
    code: 'bad-timezone',
    says: /Europe\/Berlin/,
  },
  { what: 'an offset as a time zone', file: settings("timezone: ▶'+01:00'"), code: 'bad-timezone', says: /UTC/ },
];
