import { documents } from '../support/world.ts';
import { type Case, directory } from './case.ts';

/** People and groups from SCIM, groups from Slack. */
export const LIVE_SOURCES: readonly Case[] = [
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
];
