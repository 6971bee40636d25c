import { PROBLEM_CODES, type ProblemCode } from '../../src/policy/index.ts';
import { access, DIRECTORY, documents, parse, SECRET, TARGETS, unmark } from './support/world.ts';

/** The folder's own codes have their tests in read-folder.test.ts, the bound on problems below. */
const ELSEWHERE: readonly ProblemCode[] = [
  'unreadable',
  'link-leaves-folder',
  'file-too-large',
  'folder-too-large',
  'not-utf-8',
  'empty-file',
  'no-policies',
  'too-many-problems',
  // Of tests: test/policy-test/.
  'bad-instant',
  'bad-do',
  'missing-now',
  'time-runs-back',
  'unknown-access',
  'duplicate-test',
  'bad-statement',
];

interface Case {
  /** What is wrong, as a person would say it. */
  what: string;
  /** A file with the expected place of the one problem marked. */
  file: string;
  code: ProblemCode;
  /** What the sentence must tell. */
  says: RegExp;
  /** Files in the place of the usual directory and targets. */
  without?: 'directory' | 'targets';
}

const steps = (inner: string): string => `[{name: normal, steps: [${inner}]}]`;
const target = (inner: string): string => `version: 1\nkind: targets\ntargets:\n  extra: ${inner}\n`;
const directory = (inner: string): string => `version: 1\nkind: directory\n${inner}\n`;
/** An access with a condition, as it would stand behind `when:`. */
const flow = (when: string): string => access({ flows: `[{name: x, when: ${when}, auto_approve: true}]` });
const settings = (inner: string): string => `version: 1\nkind: settings\n${inner}\n`;

const CASES: readonly Case[] = [
  {
    what: 'a delegation that is neither allowed nor forbidden',
    file: access({ flows: steps('{approvers: [everyone], delegation: ▶sometimes}') }),
    code: 'invalid-value',
    says: /`delegation` must be `allowed` or `forbidden`/,
  },
  // reminders and escalations
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

  // YAML
  {
    what: 'an unclosed bracket',
    file: 'version: 1\nkind: access\nrequesters: [a\n▶name: x\n',
    code: 'yaml-syntax',
    says: /not closed/,
  },
  { what: 'a colon in a plain text', file: access({ title: '▶DB: read' }), code: 'yaml-syntax', says: /quote/ },
  { what: 'a text that starts with @', file: access({ title: '▶@ops' }), code: 'yaml-syntax', says: /needs quotes/ },
  { what: 'a tab', file: 'version: 1\nkind: settings\ndigest:\n▶\tchannel: x\n', code: 'yaml-tab', says: /spaces/ },
  { what: 'YAML 1.1', file: `%YAML 1.1\n▶---\n${access()}`, code: 'yaml-directive', says: /1\.2/ },
  { what: 'a tag', file: access({ title: '!!str ▶x' }), code: 'tag-not-allowed', says: /tags/ },
  { what: 'a tag of somebody’s own', file: access({ title: '!secret ▶x' }), code: 'tag-not-allowed', says: /remove/ },
  { what: 'an anchor', file: access({ title: '&a ▶x' }), code: 'alias-not-allowed', says: /write the value out/ },
  { what: 'an alias', file: access({ title: '▶*a' }), code: 'alias-not-allowed', says: /quotes/ },
  { what: 'a merge key', file: access({ '▶<<': '{title: x}' }), code: 'unknown-key', says: /`<<`/ },
  { what: 'a key twice', file: access({ title: 'x\n▶title: y' }), code: 'duplicate-key', says: /8:1/ },
  {
    what: 'a key that reaches a prototype',
    file: access({ labels: '{▶__proto__: x}' }),
    code: 'unknown-key',
    says: /__proto__/,
  },
  { what: 'a list as a key', file: access({ '? ▶[a]\n': 'x' }), code: 'yaml-syntax', says: /text/ },
  { what: 'deep nesting', file: `a: ${'['.repeat(47)}▶[${']'.repeat(48)}`, code: 'too-deep', says: /48 levels/ },

  // shape
  { what: 'a list as a document', file: '▶- a\n- b\n', code: 'not-a-mapping', says: /kind/ },
  { what: 'a text as a document', file: '▶hello\n', code: 'not-a-mapping', says: /mapping/ },
  { what: 'a missing name', file: `▶${access({ name: null })}`, code: 'missing-key', says: /`name` is missing/ },
  {
    what: 'a missing key further down',
    file: access({ duration: null, '▶duration': '{max: 4h}' }),
    code: 'missing-key',
    says: /`default`/,
  },
  { what: 'a missing kind', file: `▶${access({ kind: null })}`, code: 'missing-key', says: /access, targets/ },
  { what: 'a missing version', file: `▶${access({ version: null })}`, code: 'missing-key', says: /version: 1/ },
  {
    what: 'a typo in a key',
    file: access({ '▶requestors': '[everyone]' }),
    code: 'unknown-key',
    says: /`requesters`\?/,
  },
  {
    what: 'a typo in a key further down',
    file: access({ duration: '{default: 1h, max: 4h, ▶mx: 4h}' }),
    code: 'unknown-key',
    says: /in `duration`.* `max`\?/,
  },
  {
    what: 'a key like no other',
    file: access({ '▶colour': 'red' }),
    code: 'unknown-key',
    says: /The keys are: version, kind, name/,
  },
  {
    what: 'a typo in a step',
    file: access({ flows: steps('{approvers: [everyone], ▶neeed: 1}') }),
    code: 'unknown-key',
    says: /`need`\?/,
  },
  {
    what: 'a typo in a grant',
    file: access({ grants: '[{target: app-db, role: r, ▶rol: x}]' }),
    code: 'unknown-key',
    says: /`role`\?/,
  },
  {
    what: 'a typo in a target',
    file: target("{provider: postgres-role, url: '${env:POSTGRES_URL}', ▶end_session: true}"),
    code: 'unknown-key',
    says: /`end_sessions`\?/,
  },
  { what: 'an unknown kind', file: access({ kind: '▶acess' }), code: 'unknown-kind', says: /`access`\?/ },
  { what: 'a kind that is a number', file: access({ kind: '▶7' }), code: 'unknown-kind', says: /directory/ },
  { what: 'version 2', file: access({ version: '▶2' }), code: 'unsupported-version', says: /version: 1/ },
  {
    what: 'a version in quotes',
    file: access({ version: "▶'1'" }),
    code: 'unsupported-version',
    says: /without quotes/,
  },
  {
    what: 'a number as a text',
    file: access({ title: '▶12' }),
    code: 'wrong-type',
    says: /must be text.*a number.*quotes/,
  },
  { what: 'true as a text', file: access({ name: '▶true' }), code: 'wrong-type', says: /quotes/ },
  { what: 'nothing as a text', file: access({ '▶title': '' }), code: 'wrong-type', says: /it is empty/ },
  { what: 'a text as a list', file: access({ requesters: '▶everyone' }), code: 'wrong-type', says: /must be a list/ },
  {
    what: 'a number as a principal',
    file: access({ requesters: '[everyone, ▶7]' }),
    code: 'wrong-type',
    says: /`requesters` entry 2/,
  },
  { what: 'yes for true', file: access({ reason: '{required: ▶yes}' }), code: 'wrong-type', says: /true or false/ },
  {
    what: 'a list for a duration',
    file: access({ duration: '{default: 1h, max: ▶[4h]}' }),
    code: 'wrong-type',
    says: /`max` must be text/,
  },
  { what: 'a text for a mapping', file: access({ duration: '▶4h' }), code: 'wrong-type', says: /a mapping/ },
  {
    what: 'a label that is a number',
    file: access({ labels: '{tier: ▶1}' }),
    code: 'wrong-type',
    says: /`tier` must be text/,
  },
  {
    what: 'an unknown day',
    file: settings("digest: {channel: '#audit', at: '09:00', days: [mon, ▶tuesday]}"),
    code: 'invalid-value',
    says: /`tue`/,
  },
  {
    what: 'a setting the provider refuses',
    file: target("{provider: scim-group, url: ▶idp, token: '${env:SCIM_TOKEN}'}"),
    code: 'invalid-value',
    says: /`url` is not valid: Invalid URL/,
  },
  {
    what: 'a permission the provider refuses',
    file: access({ grants: "[{target: app-db, role: ▶''}]" }),
    code: 'invalid-value',
    says: /`role` is not valid/,
  },
  {
    what: 'no approvals needed',
    file: access({ flows: steps('{approvers: [everyone], need: ▶0}') }),
    code: 'out-of-range',
    says: /1 to 20/,
  },
  {
    what: 'half a person',
    file: access({ flows: steps('{approvers: [everyone], need: ▶1.5}') }),
    code: 'out-of-range',
    says: /whole number/,
  },
  {
    what: 'nobody to approve',
    file: access({ flows: steps('{approvers: ▶[]}') }),
    code: 'empty-list',
    says: /at least one/,
  },
  { what: 'nothing to give', file: access({ grants: '▶[]' }), code: 'empty-list', says: /`grants`/ },
  {
    what: 'eleven steps',
    file: access({ flows: `[{name: normal, steps: ▶[${'{approvers: [everyone]},'.repeat(11)}]}]` }),
    code: 'list-too-long',
    says: /at most 10/,
  },

  // what is not done yet
  {
    what: 'kind: action',
    file: documents(access(), access({ kind: '▶action' })),
    code: 'not-supported-yet',
    says: /`kind: action` is not supported yet/,
  },
  {
    what: 'an extension without its length',
    file: access({ duration: '{default: 1h, max: 4h, ▶extend: {times: 1}}' }),
    code: 'missing-key',
    says: /`by` is missing/,
  },
  {
    what: 'an extension longer than the longest time there is',
    file: access({ duration: '{default: 1h, max: 4h, extend: {times: 1, by: ▶5h}}' }),
    code: 'out-of-range',
    says: /longer than `max`/,
  },
  {
    what: 'extensions without number',
    file: access({ duration: '{default: 1h, max: 4h, extend: {times: ▶0, by: 1h}}' }),
    code: 'out-of-range',
    says: /whole number from 1 to 20/,
  },
  {
    what: 'an approval of extensions that there is not',
    file: access({ duration: '{default: 1h, max: 4h, extend: {times: 1, by: 1h, approval: ▶nobody}}' }),
    code: 'invalid-value',
    says: /`last-step` or `all-steps` or `none`/,
  },
  {
    what: 'an end without use that comes while somebody reads',
    file: access({ revoke_on_idle: '▶9m59s' }),
    code: 'out-of-range',
    says: /write 10m or more/,
  },
  {
    what: 'an end without use that comes after the end',
    file: access({ duration: '{default: 1h, max: 4h, extend: {times: 1, by: 1h}}', revoke_on_idle: '▶5h' }),
    code: 'idle-after-end',
    says: /lasts 5h at the longest/,
  },
  {
    what: 'an end without use at a target that cannot tell of it',
    file: access({ grants: '[{target: directory, group: prod-db-readers}]', '▶revoke_on_idle': '30m' }),
    code: 'cannot-tell-use',
    says: /^`directory` is a `scim-group`, and that provider cannot tell .*those that can: `postgres-role`/,
  },
  {
    what: 'a break_glass without people',
    file: access({ '▶break_glass': '{review_within: 24h}' }),
    code: 'missing-key',
    says: /`allow` is missing/,
  },
  {
    what: 'a quota without a length of time',
    file: access({ break_glass: "{allow: ['group:dba'], ▶quota: {times: 2}}" }),
    code: 'missing-key',
    says: /`per` is missing/,
  },
  {
    what: 'a break_glass for the requester’s manager',
    file: access({ break_glass: '{allow: [▶manager]}' }),
    code: 'bad-principal',
    says: /nobody is their own/,
  },
  {
    what: 'a break_glass that nobody could review',
    file: access({ flows: '[{name: open, auto_approve: true}]', '▶break_glass': "{allow: ['group:dba']}" }),
    code: 'no-reviewers',
    says: /no flow has `steps`/,
  },

  // conditions
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
    says: /duration <= int/,
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
    what: 'a computed pattern',
    file: flow("'▶request.reason.matches(requester.email)'"),
    code: 'bad-pattern',
    says: /in quotes/,
  },

  // fields
  {
    what: 'a field with capitals',
    file: access({ fields: '{▶Ticket: {label: Ticket}}' }),
    code: 'bad-name',
    says: /a-z, 0-9 and _/,
  },
  { what: 'a field without a label', file: access({ fields: '{▶ticket: {}}' }), code: 'missing-key', says: /`label`/ },
  {
    what: 'a field with two rules',
    file: access({ fields: '{ticket: {label: T, pattern: x, ▶enum: [x]}}' }),
    code: 'field-rule',
    says: /not both/,
  },
  {
    what: 'a choice twice',
    file: access({ fields: '{ticket: {label: T, ▶enum: [x, x]}}' }),
    code: 'field-rule',
    says: /twice/,
  },
  {
    what: 'a pattern with a back-reference',
    file: access({ fields: "{ticket: {label: T, pattern: ▶'(a)\\1'}}" }),
    code: 'bad-pattern',
    says: /RE2/,
  },
  {
    what: 'eleven fields',
    file: access({ '▶fields': `{${Array.from({ length: 11 }, (_, n) => `f${n}: {label: L}`).join(', ')}}` }),
    code: 'out-of-range',
    says: /at most 10/,
  },

  // schedules
  {
    what: 'a schedule of no time',
    file: settings("schedules: {office: {from: '09:00', to: ▶'09:00'}}"),
    code: 'empty-schedule',
    says: /begins when it ends/,
  },
  {
    what: 'a schedule with a time of day that is none',
    file: settings("schedules: {office: {from: ▶'9:00', to: '18:00'}}"),
    code: 'bad-time',
    says: /quoted/,
  },

  // words
  { what: 'a name with capitals', file: access({ name: '▶Prod-DB' }), code: 'bad-name', says: /a-z, 0-9 and -/ },
  { what: 'a name of 64 characters', file: access({ name: `▶${'x'.repeat(64)}` }), code: 'bad-name', says: /63/ },
  { what: 'an access named as a command', file: access({ name: '▶revoke' }), code: 'bad-name', says: /is a command/ },
  {
    what: 'a target whose name is none',
    file: target('{provider: scim-group}').replace('extra', '▶My_DB'),
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
    what: 'a SCIM directory whose token is written out',
    file: directory('from: {scim: {url: "https://idp.example.com/scim/v2", token: ▶hunter2}}'),
    code: 'secret-in-file',
    says: /`token` is a secret/,
  },
  {
    what: 'a SCIM directory nowhere',
    file: directory("from: {scim: {url: ▶nowhere, token: '${env:SCIM_TOKEN}'}}"),
    code: 'invalid-value',
    says: /URL/,
  },
  {
    what: 'a SCIM directory without a token',
    file: directory("from: {▶scim: {url: '${env:SCIM_URL}'}}"),
    code: 'missing-key',
    says: /token/,
  },
  {
    what: 'a SCIM directory with a key that there is not',
    file: directory("from: {scim: {url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}', ▶group: {a: B}}}"),
    code: 'unknown-key',
    says: /`group`/,
  },
  {
    what: 'a SCIM directory that is read too often',
    file: directory("from: {scim: {url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}', every: ▶10s}}"),
    code: 'out-of-range',
    says: /1m to 1h/,
  },
  {
    what: 'a SCIM directory twice',
    file: documents(
      directory("from: {scim: {url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}'}}"),
      directory("from: {▶scim: {url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}'}}"),
    ),
    code: 'duplicate-source',
    says: /idp\.example\.com already/,
  },
  {
    what: 'a group from SCIM of a name that is taken',
    file: directory("from: {scim: {url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}', groups: {▶dba: DBAs}}}"),
    code: 'duplicate-group',
    says: /a-directory\.yaml/,
  },
  {
    what: 'a secret in the name of a SCIM group',
    file: directory(
      "from: {scim: {url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}', groups: {ops: ▶'${env:SCIM_TOKEN}'}}}",
    ),
    code: 'env-not-allowed',
    says: /SCIM directory/,
  },
  {
    what: 'a handle in place of the id of a user group',
    file: directory("groups: {oncall: {slack_usergroup: ▶'@oncall'}}"),
    code: 'bad-slack-id',
    says: /S0123DBA/,
  },
  {
    what: 'a user in place of a user group',
    file: directory('groups: {oncall: {slack_usergroup: ▶U01ANA}}'),
    code: 'bad-slack-id',
    says: /user group/,
  },
  {
    what: 'a live group with another key',
    file: directory('groups: {oncall: {slack_usergroup: S0123DBA, ▶slack_user_group: x}}'),
    code: 'unknown-key',
    says: /slack_usergroup/,
  },
  {
    what: 'a group from nowhere',
    file: directory('groups: {▶oncall: {}}'),
    code: 'missing-key',
    says: /slack_usergroup/,
  },
  {
    what: 'more groups from Slack than it can keep current',
    file: directory(
      `groups:\n${Array.from({ length: 101 }, (_, index) => `  ${index === 100 ? '▶' : ''}g${index}: {slack_usergroup: S0${index}}\n`).join('')}`,
    ),
    code: 'too-many-usergroups',
    says: /At most 100/,
  },
  {
    what: 'a live group of a name that is taken',
    file: directory('groups: {▶dba: {slack_usergroup: S0123DBA}}'),
    code: 'duplicate-group',
    says: /a-directory\.yaml/,
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

  // names
  {
    what: 'an unknown target',
    file: access({ grants: '[{target: ▶app-bd, role: r}]' }),
    code: 'unknown-target',
    says: /`app-db`\?/,
  },
  {
    what: 'an account at an unknown target',
    file: directory('people: [{email: zoe@example.com, accounts: {▶ap-db: zoe}}]'),
    code: 'unknown-target',
    says: /`app-db`\?/,
  },
  {
    what: 'an unknown provider',
    file: target('{provider: ▶postgres-rule}'),
    code: 'unknown-provider',
    says: /`postgres-role`\?/,
  },
  {
    what: 'an unknown group',
    file: access({ requesters: "[▶'group:backnd']" }),
    code: 'unknown-group',
    says: /`backend`\?/,
  },
  {
    what: 'an unknown group in a step',
    file: access({ flows: steps("{approvers: [everyone, ▶'group:sre']}") }),
    code: 'unknown-group',
    says: /no group `sre`/,
  },
  {
    what: 'an unknown owner',
    file: target("{provider: scim-group, url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}', owner: ▶group:dbas}"),
    code: 'unknown-group',
    says: /`dba`\?/,
  },
  {
    what: 'an unknown person',
    file: access({ deny: "[▶'user:anna@example.com']" }),
    code: 'unknown-person',
    says: /`ana@example\.com`\?/,
  },
  {
    what: 'an unknown member',
    file: directory('groups: {x: [ana@example.com, ▶ann@example.com]}'),
    code: 'unknown-person',
    says: /`ana@example\.com`\?/,
  },
  {
    what: 'an unknown manager',
    file: directory('people: [{email: zoe@example.com, manager: ▶zed@example.com}]'),
    code: 'unknown-person',
    says: /zed@example\.com/,
  },
  {
    what: 'two accesses of one name',
    file: documents(access(), access({ name: '▶db-read' })),
    code: 'duplicate-access',
    says: /extra\.yaml:3:7/,
  },
  {
    what: 'a target that another file has',
    file: target("{provider: scim-group, url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}'}").replace(
      'extra',
      '▶app-db',
    ),
    code: 'duplicate-target',
    says: /a-targets\.yaml:4:3/,
  },
  {
    what: 'a person twice, in other letters',
    file: directory('people: [{email: ▶Ana@Example.com}]'),
    code: 'duplicate-person',
    says: /a-directory\.yaml:4:13/,
  },
  {
    what: 'a Slack id twice',
    file: directory('people: [{email: zoe@example.com, slack: ▶U01ANA}]'),
    code: 'duplicate-slack-id',
    says: /a-directory\.yaml:4:37/,
  },
  { what: 'a group twice', file: directory('groups: {▶dba: []}'), code: 'duplicate-group', says: /a-directory\.yaml/ },
  {
    what: 'two documents of settings',
    file: `${settings('timezone: UTC')}---\n▶${settings('timezone: UTC')}`,
    code: 'duplicate-settings',
    says: /extra\.yaml:1:1/,
  },
  {
    what: 'two flows of one name',
    file: access({ flows: '[{name: a, auto_approve: true}, {name: ▶a, auto_approve: true}]' }),
    code: 'duplicate-flow',
    says: /rename/,
  },
  {
    what: 'one permission twice',
    file: access({ grants: '[{target: app-db, role: r}, ▶{role: r, target: app-db}]' }),
    code: 'duplicate-grant',
    says: /role r at `app-db`/,
  },

  // secrets
  {
    what: 'a secret in a file',
    file: target("{provider: scim-group, url: '${env:SCIM_URL}', token: ▶s3cr3t}"),
    code: 'secret-in-file',
    says: /environment variable/,
  },
  {
    what: 'a secret that is partly in a file',
    file: target("{provider: scim-group, url: '${env:SCIM_URL}', token: ▶'s3cr3t${env:SCIM_TOKEN}'}"),
    code: 'secret-in-file',
    says: /replace it/,
  },
  {
    what: 'a secret that is a number',
    file: target("{provider: scim-group, url: '${env:SCIM_URL}', token: ▶12345678}"),
    code: 'secret-in-file',
    says: /`token`/,
  },
  {
    what: 'a password in an address',
    file: target("{provider: scim-group, url: ▶'https://me:s3cr3t@idp.example.com', token: '${env:SCIM_TOKEN}'}"),
    code: 'secret-in-file',
    says: /password/,
  },
  {
    what: 'a variable that is not set',
    file: target("{provider: scim-group, url: '${env:SCIM_URL}', token: ▶'${env:SCIM_TOKN}'}"),
    code: 'missing-env',
    says: /SCIM_TOKN is not set/,
  },
  {
    what: 'a variable that is empty',
    file: target("{provider: scim-group, url: '${env:SCIM_URL}', token: ▶'${env:EMPTY}'}"),
    code: 'missing-env',
    says: /EMPTY/,
  },
  {
    what: 'a reference without a name',
    file: target("{provider: scim-group, url: ▶'https://${env:}', token: '${env:SCIM_TOKEN}'}"),
    code: 'bad-env',
    says: /letters, digits and _/,
  },
  {
    what: 'a reference without an end',
    file: target("{provider: scim-group, url: ▶'https://${env:HOST', token: '${env:SCIM_TOKEN}'}"),
    code: 'bad-env',
    says: /NAME/,
  },
  {
    what: 'a reference in a title',
    file: access({ title: "▶'${env:SCIM_TOKEN}'" }),
    code: 'env-not-allowed',
    says: /nowhere else/,
  },
  {
    what: 'a reference in a grant',
    file: access({ grants: "[{target: app-db, role: ▶'${env:ROLE}'}]" }),
    code: 'env-not-allowed',
    says: /settings of a target/,
  },

  // sense
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

const usual = ({ without }: Case): Record<string, string> => ({
  ...(without === 'directory' ? {} : { 'a-directory.yaml': DIRECTORY }),
  ...(without === 'targets' ? {} : { 'a-targets.yaml': TARGETS }),
});

describe('a problem in the policies', () => {
  it.each(CASES)('$code: $what', (each) => {
    const { text, line, col } = unmark(each.file);
    const parsed = parse({ ...usual(each), 'extra.yaml': text });
    expect(parsed).toEqual({
      ok: false,
      problems: [{ file: 'extra.yaml', line, col, code: each.code, sentence: expect.stringMatching(each.says) }],
    });
  });

  it('has a test for every code', () => {
    const tested = new Set([...CASES.map(({ code }) => code), ...ELSEWHERE]);
    expect([...tested].sort()).toEqual(Object.keys(PROBLEM_CODES).sort());
  });

  it('is a whole sentence', () => {
    for (const each of CASES) {
      const parsed = parse({ ...usual(each), 'extra.yaml': unmark(each.file).text });
      if (parsed.ok) throw new Error(each.what);
      for (const { sentence } of parsed.problems) expect(sentence).toMatch(/^[\p{L}`].{10,}[.?]$/su);
    }
  });
});

describe('all problems', () => {
  it('of all files come at once, by file, line and column', () => {
    const parsed = parse({
      'z.yaml': access({ name: 'Bad Name', requesters: '[everyon]', colour: 'red' }),
      'b.yaml': settings('timezone: Nowhere\ndigest: {channel: audit, at: noon}'),
      'a.yaml': DIRECTORY,
      'c.yaml': TARGETS.replace('scim-group', 'scim-grop'),
    });
    if (parsed.ok) throw new Error('these are wrong');
    expect(parsed.problems.map(({ file, line, col, code }) => `${file}:${line}:${col} ${code}`)).toEqual([
      'b.yaml:3:11 bad-timezone',
      'b.yaml:4:19 bad-channel',
      'b.yaml:4:30 bad-time',
      'c.yaml:5:25 unknown-provider',
      'z.yaml:3:7 bad-name',
      'z.yaml:5:14 bad-principal',
      'z.yaml:8:1 unknown-key',
    ]);
  });

  it('of one access come at once, whatever part of it they are in', () => {
    const wrong = access({
      name: '7',
      grants: '[{target: app-db}, {target: nowhere}]',
      duration: '{default: 9, max: x}',
      reason: '{required: maybe, min_length: -1}',
      flows: "[{steps: [{approvers: ['group:sre'], need: 0}]}, {name: y, when: z}]",
    });
    const parsed = parse({ 'a.yaml': DIRECTORY, 'b.yaml': TARGETS, 'x.yaml': wrong });
    if (parsed.ok) throw new Error('this is wrong');
    expect(parsed.problems.map(({ code }) => code).sort()).toEqual([
      'bad-duration',
      'bad-duration',
      'condition-name',
      'flow-without-approval',
      'missing-key', // the grant's role
      'missing-key', // the flow's name
      'out-of-range',
      'out-of-range',
      'unknown-group',
      'unknown-target',
      'wrong-type',
      'wrong-type',
    ]);
  });

  it('do not grow by what follows from another one', () => {
    // With the directory unreadable nobody is known, and that is one problem, not one for every mention of a name.
    const broken = parse({ 'a.yaml': `${DIRECTORY}\tx: y\n`, 'b.yaml': TARGETS, 'x.yaml': access() });
    expect(broken.ok ? [] : broken.problems.map(({ file }) => file)).toEqual(expect.arrayContaining(['a.yaml']));
    expect(broken.ok ? [] : broken.problems.filter(({ file }) => file !== 'a.yaml')).toEqual([]);
    // A mistake in a person is not one in everybody who mentions them.
    const person = parse({ 'a.yaml': DIRECTORY.replace('U01DEE', 'dee'), 'b.yaml': TARGETS, 'x.yaml': access() });
    expect(person.ok ? [] : person.problems.map(({ code }) => code)).toEqual(['bad-slack-id']);
    const target = parse({
      'a.yaml': DIRECTORY,
      'b.yaml': TARGETS.replace('POSTGRES_URL', 'NOWHERE'),
      'x.yaml': access(),
    });
    expect(target.ok ? [] : target.problems.map(({ code }) => code)).toEqual(['missing-env']);
  });

  it('of a file with very many end with one that counts the rest', () => {
    const many = `version: 1\nkind: directory\npeople:\n${'  - {}\n'.repeat(500)}`;
    const parsed = parse({ 'a.yaml': many });
    if (parsed.ok) throw new Error('these are wrong');
    expect(parsed.problems).toHaveLength(201);
    expect(parsed.problems.at(-1)).toEqual({
      file: 'a.yaml',
      line: 204,
      col: 5,
      code: 'too-many-problems',
      sentence: expect.stringMatching(/^300 more problems/),
    });
  });

  it('never show a secret, wherever it stands', () => {
    const wrong = [
      target("{provider: postgres-role, url: '${env:NOT_POSTGRES}'}"),
      target('{provider: scim-group, url: "s3cr3t", token: "s3cr3t"}'),
      target('{provider: scim-group, url: [s3cr3t], token: {a: s3cr3t}}'),
      target('{provider: scim-group, url: "s3cr3t \\q", token: "s3cr3t'),
      target('{provider: scim-group, token: !!str "s3cr3t", url: *s3cr3t }'),
      target('{provider: scim-group, url: https://a:s3cr3t@b}'),
    ];
    for (const file of wrong) {
      const parsed = parse({ 'a.yaml': DIRECTORY, 'b.yaml': file });
      expect(parsed.ok).toBe(false);
      expect(JSON.stringify(parsed)).not.toContain('s3cr3t');
      expect(JSON.stringify(parsed)).not.toContain(SECRET);
    }
  });
});
