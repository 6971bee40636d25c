import type { ProblemCode } from '../../../src/policy/index.ts';

/** Kinds of names, all of which may be right once something that cannot be read is mended. */
export type Names = 'people' | 'groups' | 'targets' | 'schedules' | 'apiKeys';

/** One way to write a part wrongly. */
export interface Mistake {
  code: ProblemCode;
  /** The text in the place of the right one, with `▶` where the problem is expected. */
  wrong: string;
  /** Parts of the same document that it is judged by: it can be told only while those are right. */
  by?: readonly string[];
  /** The same of parts of the directory, the targets or the settings. */
  byOthers?: readonly string[];
  /** Names that it is about: it can be told only while none of them may be defined in a part that cannot be read. */
  about?: Names;
  /** Names that it may define, as far as anybody can tell. */
  mayDefine?: Names;
}

/** A part of a document: its right text, and the ways to get it wrong. Empty right text: a mistake adds something. */
export interface Part {
  id: string;
  right: string;
  mistakes?: readonly Mistake[];
}

export interface Doc {
  file: string;
  parts: readonly Part[];
}

export const fixed = (right: string): Part => ({ id: right, right });

/** A line that stands for itself, with its mistakes. */
export const part = (id: string, right: string, ...mistakes: Mistake[]): Part => ({ id, right, mistakes });

export const DIRECTORY_PARTS: readonly Part[] = [
  fixed('version: 1\nkind: directory\npeople:\n'),
  fixed('  - {email: ana@example.com, slack: U01ANA, manager: cy@example.com}\n'),
  part(
    'ben',
    '  - {email: ben@example.com, slack: U01BEN, manager: cy@example.com}\n',
    {
      code: 'bad-slack-id',
      wrong: "  - {email: ben@example.com, slack: ▶'@ben', manager: cy@example.com}\n",
    },
    {
      code: 'duplicate-slack-id',
      wrong: '  - {email: ben@example.com, slack: ▶U01ANA, manager: cy@example.com}\n',
    },
    {
      code: 'unknown-person',
      wrong: '  - {email: ben@example.com, slack: U01BEN, manager: ▶cyril@example.com}\n',
      about: 'people',
    },
    {
      code: 'unknown-target',
      wrong: '  - {email: ben@example.com, slack: U01BEN, manager: cy@example.com, accounts: {▶nowhere: ben}}\n',
      about: 'targets',
    },
    {
      code: 'manager-cycle',
      wrong: '  - {email: ben@example.com, slack: U01BEN, manager: ▶ben@example.com}\n',
    },
    { code: 'unknown-key', wrong: '  - {email: ben@example.com, slack: U01BEN, ▶colour: red}\n' },
  ),
  fixed('  - {email: cy@example.com, slack: U01CY}\n  - {email: dee@example.com, slack: U01DEE}\n'),
  part(
    'another person',
    '',
    { code: 'bad-email', wrong: '  - {email: ▶zoe}\n', mayDefine: 'people' },
    { code: 'duplicate-person', wrong: '  - {email: ▶Dee@Example.com}\n' },
    { code: 'missing-key', wrong: '  - ▶{slack: U01ZOE}\n', mayDefine: 'people' },
    { code: 'wrong-type', wrong: '  - ▶zoe@example.com\n', mayDefine: 'people' },
  ),
  fixed('groups:\n  backend: [ana@example.com, ben@example.com]\n'),
  part(
    'dba',
    '  dba: [cy@example.com, dee@example.com]\n',
    { code: 'unknown-person', wrong: '  dba: [cy@example.com, ▶deedee@example.com]\n', about: 'people' },
    { code: 'bad-email', wrong: '  dba: [cy@example.com, ▶dee]\n' },
    { code: 'wrong-type', wrong: '  dba: ▶cy@example.com\n' },
  ),
  fixed('  nobody: []\n'),
  part(
    'another group',
    '',
    { code: 'bad-name', wrong: '  ▶On Call: []\n', mayDefine: 'groups' },
    { code: 'duplicate-key', wrong: '  ▶backend: []\n' },
    { code: 'bad-slack-id', wrong: "  live: {slack_usergroup: ▶'@live'}\n" },
  ),
  part(
    'another key of the directory',
    '',
    { code: 'unknown-key', wrong: '▶colour: red\n' },
    {
      code: 'env-not-allowed',
      wrong: "from: {scim: {url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}', groups: {more: ▶'${env:X}'}}}\n",
      mayDefine: 'people',
    },
  ),
];

export const TARGET_PARTS: readonly Part[] = [
  fixed(
    "version: 1\nkind: targets\ntargets:\n  app-db: {provider: postgres-role, url: '${env:POSTGRES_URL}', owner: group:dba}\n",
  ),
  part(
    'directory',
    "  directory: {provider: scim-group, url: '${env:SCIM_URL}', token: '${env:SCIM_TOKEN}'}\n",
    {
      code: 'missing-env',
      wrong: "  directory: {provider: scim-group, url: ▶'${env:NOT_SET}', token: '${env:SCIM_TOKEN}'}\n",
    },
    { code: 'secret-in-file', wrong: "  directory: {provider: scim-group, url: '${env:SCIM_URL}', token: ▶abc}\n" },
    { code: 'missing-key', wrong: "  ▶directory: {provider: scim-group, url: '${env:SCIM_URL}'}\n" },
    {
      code: 'invalid-value',
      wrong: "  directory: {provider: scim-group, url: ▶nowhere, token: '${env:SCIM_TOKEN}'}\n",
    },
  ),
  part(
    'another target',
    '',
    {
      code: 'bad-name',
      wrong: "  ▶Other_DB: {provider: postgres-role, url: '${env:POSTGRES_URL}'}\n",
      mayDefine: 'targets',
    },
    { code: 'unknown-provider', wrong: '  other: {provider: ▶postgres-rule}\n' },
    {
      code: 'unknown-group',
      wrong: "  other: {provider: postgres-role, url: '${env:POSTGRES_URL}', owner: ▶group:dbas}\n",
      about: 'groups',
    },
    {
      code: 'bad-principal',
      wrong: "  other: {provider: postgres-role, url: '${env:POSTGRES_URL}', owner: ▶manager}\n",
    },
  ),
];

export const SETTINGS_PARTS: readonly Part[] = [
  fixed('version: 1\nkind: settings\n'),
  part('timezone', 'timezone: UTC\n', { code: 'bad-timezone', wrong: 'timezone: ▶Nowhere\n' }),
  part(
    'channel',
    "digest:\n  channel: '#audit'\n",
    { code: 'bad-channel', wrong: 'digest:\n  channel: ▶audit\n' },
    { code: 'wrong-type', wrong: 'digest:\n  ▶channel: #audit\n' },
  ),
  part(
    'at',
    "  at: '09:00'\n",
    { code: 'bad-time', wrong: "  at: ▶'24:00'\n" },
    { code: 'unknown-key', wrong: "  at: '09:00'\n  ▶colour: red\n" },
  ),
  fixed("schedules:\n  office: {from: '09:00', to: '18:00'}\n"),
  part(
    'night',
    "  night: {from: '22:00', to: '06:00'}\n",
    { code: 'empty-schedule', wrong: "  night: {from: '22:00', to: ▶'22:00'}\n" },
    { code: 'bad-time', wrong: "  night: {from: ▶'22', to: '06:00'}\n" },
  ),
  part('another schedule', '', {
    code: 'bad-name',
    wrong: "  ▶Lunch Time: {from: '12:00', to: '13:00'}\n",
    mayDefine: 'schedules',
  }),
];

const LIMITS_PARTS: readonly Part[] = [
  part(
    'default',
    'duration:\n  default: 1h\n',
    { code: 'default-over-max', wrong: 'duration:\n  default: ▶5h\n', by: ['max'] },
    { code: 'bad-duration', wrong: 'duration:\n  default: ▶1\n' },
  ),
  part(
    'max',
    '  max: 4h\n',
    { code: 'bad-duration', wrong: '  max: ▶4mo\n' },
    { code: 'wrong-type', wrong: '  max: ▶[4h]\n' },
  ),
  part('times', '  extend:\n    times: 1\n', { code: 'out-of-range', wrong: '  extend:\n    times: ▶0\n' }),
  part(
    'by',
    '    by: 1h\n',
    { code: 'out-of-range', wrong: '    by: ▶5h\n', by: ['max'] },
    { code: 'bad-duration', wrong: '    by: ▶hour\n' },
  ),
  part(
    'approval',
    '',
    { code: 'invalid-value', wrong: '    approval: ▶nobody\n' },
    { code: 'unknown-key', wrong: '    ▶colour: red\n' },
  ),
  part(
    'reason',
    'reason: {required: true, min_length: 10}\n',
    { code: 'wrong-type', wrong: 'reason: {required: ▶yes, min_length: 10}\n' },
    { code: 'out-of-range', wrong: 'reason: {required: true, min_length: ▶-1}\n' },
  ),
];

const FIELD_PARTS: readonly Part[] = [
  part('ticket', 'fields:\n  ticket:\n    label: Ticket\n', {
    code: 'bad-text',
    wrong: "fields:\n  ticket:\n    label: ▶' '\n",
  }),
  part(
    'pattern',
    "    pattern: '^INC'\n",
    { code: 'bad-pattern', wrong: "    pattern: ▶'(a)\\1'\n" },
    { code: 'wrong-type', wrong: '    pattern: ▶12\n' },
  ),
  part('menu', '', { code: 'field-rule', wrong: '    ▶enum: [eu, us]\n' }),
  part(
    'area',
    '  area: {label: Area, enum: [eu, us]}\n',
    { code: 'field-rule', wrong: '  area: {label: Area, ▶enum: [eu, eu]}\n' },
    { code: 'missing-key', wrong: '  ▶area: {enum: [eu, us]}\n' },
  ),
];

/** The parts of one condition, joined by `&&` on one line. */
const CONDITION_PARTS: readonly Part[] = [
  fixed("flows:\n  - name: short\n    auto_approve: true\n    when: '"),
  part(
    'long enough',
    'request.duration <= duration("1h")',
    { code: 'condition-type', wrong: '▶request.duration <= 1' },
    { code: 'bad-duration', wrong: 'request.duration <= ▶duration("60")' },
    { code: 'condition-name', wrong: 'request.▶duratio <= duration("1h")' },
  ),
  fixed(' && '),
  part(
    'labelled',
    'labels.env == "prod"',
    { code: 'condition-name', wrong: '▶labels.evn == "prod"' },
    { code: 'condition-type', wrong: '▶labels.env == 1' },
  ),
  fixed(' && ('),
  part(
    'grouped',
    '"backend" in requester.groups',
    { code: 'condition-name', wrong: '▶"backedn" in requester.groups', about: 'groups' },
    { code: 'condition-type', wrong: '▶1 in requester.groups' },
  ),
  fixed(' || '),
  part(
    'scheduled',
    'in_schedule("office")',
    { code: 'condition-name', wrong: '▶in_schedule("ofice")', about: 'schedules' },
    { code: 'condition-name', wrong: '▶in_schedul("office")' },
  ),
  fixed(') && '),
  part(
    'looped',
    'requester.groups.exists(g, g == "dba" && size(g) > 2)',
    { code: 'condition-type', wrong: 'requester.groups.exists(g, ▶g == 1 && size(g) > 2)' },
    { code: 'condition-name', wrong: 'requester.groups.exists(g, ▶h == "dba" && size(g) > 2)' },
  ),
  fixed(' && '),
  part(
    'filled in',
    'request.fields.ticket.matches("^INC")',
    { code: 'bad-pattern', wrong: '▶request.fields.ticket.matches("(a)\\\\1")' },
    { code: 'condition-type', wrong: '▶request.fields.ticket' },
  ),
  fixed("'\n"),
];

const STEP_PARTS: readonly Part[] = [
  part('second flow', '  - name: normal\n', { code: 'duplicate-flow', wrong: '  - name: ▶short\n' }),
  part('timeout', '    timeout: 8h\n    steps:\n', { code: 'bad-duration', wrong: '    timeout: ▶8\n    steps:\n' }),
  part(
    'approvers',
    '      - approvers: [group:dba]\n',
    { code: 'unknown-group', wrong: '      - approvers: [group:dba, ▶group:dbas]\n', about: 'groups' },
    { code: 'unknown-person', wrong: '      - approvers: [▶user:dede@example.com]\n', about: 'people' },
    { code: 'empty-group', wrong: '      - ▶approvers: [group:nobody]\n' },
    { code: 'empty-list', wrong: '      - approvers: ▶[]\n' },
  ),
  part(
    'remind',
    '        remind_every: 10m\n',
    { code: 'after-timeout', wrong: '        remind_every: ▶9h\n', by: ['timeout'] },
    { code: 'out-of-range', wrong: '        remind_every: ▶5s\n' },
  ),
  part('escalate', '        escalate:\n          after: 30m\n', {
    code: 'after-timeout',
    wrong: '        escalate:\n          after: ▶10h\n',
    by: ['timeout'],
  }),
  part(
    'to',
    '          to: [group:dba]\n',
    { code: 'empty-group', wrong: '          to: ▶[group:nobody]\n' },
    { code: 'bad-principal', wrong: '          to: [group:dba, ▶dba]\n' },
  ),
  part(
    'second step',
    '      - {approvers: [manager, group:backend]}\n',
    { code: 'out-of-range', wrong: '      - {approvers: [manager, group:backend], need: ▶0}\n' },
    {
      code: 'too-few-approvers',
      wrong: '      - ▶{approvers: [group:backend], need: 3}\n',
      byOthers: ['another group'],
    },
  ),
  part(
    'third flow',
    '',
    { code: 'flow-without-approval', wrong: '  - ▶{name: third}\n' },
    {
      code: 'auto-approve-with-steps',
      wrong: '  - {name: third, ▶auto_approve: true, steps: [{approvers: [everyone]}]}\n',
    },
  ),
];

const LAST_PARTS: readonly Part[] = [
  part('channel', "channel: '#db'\n", { code: 'bad-channel', wrong: 'channel: ▶db\n' }),
  part(
    'emergencies',
    'break_glass: {allow: [group:dba]}\n',
    { code: 'bad-principal', wrong: 'break_glass: {allow: [group:dba, ▶manager]}\n' },
    { code: 'missing-key', wrong: '▶break_glass: {review_within: 1h}\n' },
  ),
  part('another key', '', { code: 'unknown-key', wrong: '▶colour: red\n' }, { code: 'wrong-type', wrong: '▶title:\n' }),
];

/** An access at the database, where use can be told, and with an owner. */
export const accessParts = (name: string): readonly Part[] => [
  fixed('version: 1\nkind: access\n'),
  part(
    'name',
    `name: ${name}\n`,
    { code: 'bad-name', wrong: 'name: ▶Bad_Name\n' },
    { code: 'wrong-type', wrong: 'name: ▶12\n' },
  ),
  part(
    'labels',
    'labels: {env: prod}\n',
    { code: 'wrong-type', wrong: 'labels: {env: prod, tier: ▶1}\n' },
    { code: 'bad-text', wrong: "labels: {env: prod, tier: ▶''}\n" },
  ),
  fixed('grants:\n  - {target: app-db, role: reader}\n'),
  part(
    'another grant',
    '',
    { code: 'duplicate-grant', wrong: '  - ▶{role: reader, target: app-db}\n' },
    { code: 'unknown-target', wrong: '  - {target: ▶app-bd, role: reader}\n', about: 'targets' },
    { code: 'missing-key', wrong: '  - ▶{target: app-db}\n' },
  ),
  part(
    'requesters',
    'requesters: [group:backend]\n',
    { code: 'wrong-type', wrong: 'requesters: ▶everyone\n' },
    { code: 'unknown-group', wrong: 'requesters: [group:backend, ▶group:backnd]\n', about: 'groups' },
  ),
  part('deny', '', { code: 'bad-principal', wrong: 'deny: [▶owners]\n' }),
  ...LIMITS_PARTS,
  ...FIELD_PARTS,
  ...CONDITION_PARTS,
  ...STEP_PARTS,
  part(
    'idle',
    'revoke_on_idle: 30m\n',
    { code: 'idle-after-end', wrong: 'revoke_on_idle: ▶5h\n', by: ['max', 'times', 'by'] },
    { code: 'bad-duration', wrong: 'revoke_on_idle: ▶30\n' },
  ),
  ...LAST_PARTS,
];

/** An access at a target of nobody’s, where nobody can tell of use. */
export const plainAccessParts = (name: string): readonly Part[] => [
  fixed('version: 1\nkind: access\n'),
  part('name', `name: ${name}\n`, { code: 'bad-name', wrong: 'name: ▶list\n' }),
  fixed('grants: [{target: directory, group: readers}]\nrequesters: [everyone]\n'),
  part('deny', 'deny: []\n', { code: 'no-owner', wrong: 'deny: [▶owner]\n' }),
  part('duration', 'duration: {default: 1h, max: 1h}\n', { code: 'missing-key', wrong: '▶duration: {default: 1h}\n' }),
  part('idle', '', { code: 'cannot-tell-use', wrong: '▶revoke_on_idle: 30m\n' }),
  part(
    'flows',
    'flows: [{name: all, steps: [{approvers: [everyone]}]}]\n',
    { code: 'no-owner', wrong: 'flows: [{name: all, steps: [{approvers: [▶owner]}]}]\n' },
    {
      code: 'too-few-approvers',
      wrong: 'flows: [{name: all, steps: [▶{approvers: [everyone], need: 20}]}]\n',
      about: 'people',
    },
  ),
];
