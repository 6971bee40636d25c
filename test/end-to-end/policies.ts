import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The rules that the end-to-end tests live under. Each access has a channel of its own, for Slack's pace is a channel's. */

const access = (name: string, lines: string): string => `version: 1\nkind: access\nname: ${name}\n${lines.trim()}\n`;

export const POLICIES: Readonly<Record<string, string>> = {
  'settings.yaml': `version: 1
kind: settings
timezone: Etc/UTC
digest: {channel: '#access-audit', at: '09:00', days: [mon, tue, wed, thu, fri, sat, sun]}
`,
  'targets.yaml': `version: 1
kind: targets
targets:
  directory: {provider: scim-group, url: '\${env:SCIM_URL}', token: '\${env:SCIM_TOKEN}', owner: group:security}
  prod-postgres: {provider: postgres-role, url: '\${env:PROD_POSTGRES_URL}', owner: group:dba}
`,
  'directory.yaml': `version: 1
kind: directory
people:
  - {email: ana@example.com, slack: U01ANA, manager: cy@example.com}
  - {email: ben@example.com, slack: U01BEN, manager: cy@example.com}
  - {email: cy@example.com, slack: U01CY}
  - {email: dee@example.com, slack: U01DEE}
  - {email: eli@example.com, slack: U01ELI, manager: cy@example.com}
groups:
  backend: [ana@example.com, ben@example.com, eli@example.com]
  dba: [cy@example.com, dee@example.com]
  security: [dee@example.com]
  contractors: [eli@example.com]
`,
  'read.yaml': access(
    'prod-db-read',
    `
title: Production database, read only
grants: [{target: directory, group: prod-db-readers}]
requesters: [group:backend, group:dba]
duration: {default: 30m, max: 8h}
flows: [{name: administrators, steps: [{approvers: [group:dba], need: 1}], timeout: 8h}]
channel: '#db-access'`,
  ),
  'write.yaml': access(
    'prod-db-write',
    `
title: Production database, write
grants: [{target: prod-postgres, role: app_writer}]
requesters: [group:backend]
deny: [group:contractors]
duration: {default: 1h, max: 4h}
reason: {required: true, min_length: 10}
flows:
  - name: two people
    steps:
      - {approvers: [group:dba], need: 1}
      - {approvers: [manager, group:security], need: 1}
    timeout: 8h
channel: '#writes'`,
  ),
  'staging.yaml': access(
    'staging-admin',
    `
title: Staging, administrator
grants: [{target: directory, group: staging-admins}]
requesters: [group:backend]
duration: {default: 1h, max: 8h}
flows: [{name: staging is open, auto_approve: true}]`,
  ),
  'export.yaml': access(
    'customer-export',
    `
title: Customer data, export
grants: [{target: directory, group: data-exporters}, {target: prod-postgres, role: exporter}]
requesters: [group:backend]
duration: {default: 1h, max: 2h}
flows: [{name: both sides, steps: [{approvers: [group:dba], need: 2}], timeout: 2h}]
channel: '#exports'`,
  ),
};

/** Writes a folder of policies; `undefined` takes a file away. */
export async function writePolicies(
  folder: string,
  files: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) await rm(join(folder, name), { force: true });
    else await writeFile(join(folder, name), text);
  }
}
