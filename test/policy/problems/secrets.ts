import { access } from '../support/world.ts';
import { type Case, target } from './case.ts';

/** Secrets in a file, and variables that are none. */
export const SECRETS: readonly Case[] = [
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
];
