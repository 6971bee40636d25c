import { access, documents } from '../support/world.ts';
import { type Case, directory, settings, steps, target } from './case.ts';

/** A name that nobody defines, or two do. */
export const NAMES: readonly Case[] = [
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
];
