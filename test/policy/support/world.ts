import {
  type Decision,
  evaluate,
  formatProblem,
  type ParsedPolicies,
  type PolicySet,
  parsePolicies,
  type Question,
} from '../../../src/policy/index.ts';
import { providers } from './providers.ts';

export const SECRET = 'hunter2-from-the-environment';

const ENV: Readonly<Record<string, string>> = {
  SCIM_URL: 'https://idp.example.com/scim/v2',
  SCIM_TOKEN: SECRET,
  POSTGRES_URL: `postgresql://latchkey:${SECRET}@db.example.com/app`,
  NOT_POSTGRES: `mysql://latchkey:${SECRET}@db.example.com/app`,
  EMPTY: '',
};

export const env = (name: string): string | undefined => ENV[name];

export const DIRECTORY = `version: 1
kind: directory
people:
  - {email: ana@example.com, slack: U01ANA, manager: cy@example.com}
  - {email: ben@example.com, slack: U01BEN, manager: cy@example.com}
  - {email: cy@example.com, slack: U01CY}
  - {email: dee@example.com, slack: U01DEE, accounts: {app-db: dee_admin}}
  - {email: eli@example.com, slack: U01ELI, manager: cy@example.com}
  - {email: fay@example.com, slack: U01FAY, disabled: true}
  - {email: gus@example.com}
  - {email: hal@example.com, slack: U01HAL, accounts: {app-db: }}
groups:
  backend: [ana@example.com, ben@example.com, eli@example.com, fay@example.com, gus@example.com, hal@example.com]
  dba: [cy@example.com, dee@example.com, fay@example.com, gus@example.com]
  security: [dee@example.com]
  contractors: [eli@example.com]
  nobody: []
`;

export const TARGETS = `version: 1
kind: targets
targets:
  app-db: {provider: postgres-role, url: '\${env:POSTGRES_URL}', owner: group:dba}
  directory: {provider: scim-group, url: '\${env:SCIM_URL}', token: '\${env:SCIM_TOKEN}', owner: group:security}
  unowned: {provider: scim-group, url: '\${env:SCIM_URL}', token: '\${env:SCIM_TOKEN}'}
`;

/** Keys of an access that a test wants otherwise, each as the text of its value; `null` leaves the key out. */
export type Keys = Readonly<Record<string, string | null>>;

const USUAL: Keys = {
  version: '1',
  kind: 'access',
  name: 'db-read',
  grants: '[{target: app-db, role: app_reader}]',
  requesters: "['group:backend']",
  duration: '{default: 1h, max: 4h}',
  flows: "[{name: normal, steps: [{approvers: ['group:dba']}]}]",
};

/** An access document, one key a line. */
export const access = (keys: Keys = {}): string => documentOf({ ...USUAL, ...keys });

const documentOf = (keys: Keys): string =>
  Object.entries(keys)
    .flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}\n`]))
    .join('');

/** The SHA-256 of `lk_` and 43 times `A`: the API key `jenkins`. */
export const KEY_HASH = '637352dd916ed388c365b881e91f0f18a5e9802ea40a3cb74361a613168cfaf9';

export const SETTINGS = `version: 1
kind: settings
schedules: {office-hours: {days: [mon, tue, wed, thu, fri], from: '09:00', to: '18:00'}}
api_keys: {jenkins: 'sha256:${KEY_HASH}'}
`;

const USUAL_ACTION: Keys = {
  version: '1',
  kind: 'action',
  name: 'deploy',
  callers: '[{issuer: https://token.example.com, claims: {repository: acme/api}}]',
  parameters: "{sha: {pattern: '^[0-9a-f]{40}$', required: true}}",
  flows: "[{name: release, steps: [{approvers: ['group:dba']}]}]",
};

/** An action document, one key a line. */
export const action = (keys: Keys = {}): string => documentOf({ ...USUAL_ACTION, ...keys });

export const documents = (...texts: string[]): string => texts.join('---\n');

/** Parses some files; by name, so that a test reads like a folder listing. */
export const parse = (files: Readonly<Record<string, string>>): ParsedPolicies =>
  parsePolicies(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    providers,
    env,
  );

/** The usual directory and targets with these accesses. */
export function policiesWith(...accesses: string[]): PolicySet {
  const files = { 'directory.yaml': DIRECTORY, 'targets.yaml': TARGETS, 'access.yaml': documents(...accesses) };
  return policiesIn(files);
}

/** The same, with what comes from Slack or a directory in a file of its own. */
export const policiesWithLive = (live: string, ...accesses: string[]): PolicySet =>
  policiesIn({
    'directory.yaml': DIRECTORY,
    'live.yaml': live,
    'targets.yaml': TARGETS,
    'access.yaml': documents(...accesses),
  });

export function policiesIn(files: Readonly<Record<string, string>>): PolicySet {
  const parsed = parse(files);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.policies;
}

/** Marks the place in a text at which a problem is expected. */
export const HERE = '▶';

export interface Marked {
  text: string;
  line: number;
  col: number;
}

/** Takes the mark out of a text and says where it stood, counted from 1. */
export function unmark(marked: string): Marked {
  const [before, ...after] = marked.split(HERE);
  if (before === undefined || after.length !== 1) throw new Error(`one ${HERE} is needed in: ${marked}`);
  const lines = before.split('\n');
  return { text: before + after.join(''), line: lines.length, col: (lines.at(-1) ?? '').length + 1 };
}

/** A Monday in winter. */
export const NOON = '2026-03-02T12:00:00.000Z';

/** A question whose hour does not matter, unless it says one. */
export type Asked = Omit<Question, 'now'> & Partial<Pick<Question, 'now'>>;

export const ask = (policies: PolicySet, question: Asked): Decision => evaluate(policies, { now: NOON, ...question });
