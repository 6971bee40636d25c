/** A file of policies that is whole: two people, a group of each, a target, and one access with these flows. */
export const oneAccess = (flows: string): string => `version: 1
kind: directory
people: [{email: ana@example.com, slack: U01ANA}, {email: dee@example.com, slack: U01DEE}]
groups: {dba: [dee@example.com], backend: [ana@example.com]}
---
version: 1
kind: targets
targets:
  db: {provider: scim-group, url: 'https://idp.example.com', token: '\${env:TOKEN}'}
---
version: 1
kind: access
name: db-read
grants: [{target: db, group: readers}]
requesters: [group:backend]
duration: {default: 1h, max: 4h}
flows: ${flows}
`;
