import { access, action, documents, KEY_HASH } from '../support/world.ts';
import type { Case } from './case.ts';
import { settings } from './case.ts';

const callers = (inner: string): string => action({ callers: `[${inner}]` });
const issuer = (text: string): string => callers(`{issuer: ▶${text}, claims: {repository: acme/api}}`);
const claims = (inner: string): string => callers(`{issuer: 'https://token.example.com', claims: ${inner}}`);
const keys = (inner: string): string => settings(`api_keys: ${inner}`);

/** Actions and who may ask for them. */
export const ACTIONS: readonly Case[] = [
  {
    what: 'an action with the name of an access',
    file: documents(access(), action({ name: '▶db-read' })),
    code: 'duplicate-action',
    says: /access `db-read` already, at extra\.yaml:3:7.*rename one/,
  },
  {
    what: 'two actions of one name',
    file: documents(action(), action({ name: '▶deploy' })),
    code: 'duplicate-action',
    says: /action `deploy` is already defined at extra\.yaml:3:7/,
  },
  {
    what: 'a key that only accesses have',
    file: action({ '▶duration': '{default: 1h, max: 1h}' }),
    code: 'unknown-key',
    says: /`duration` is not a key here/,
  },
  { what: 'an emergency', file: action({ '▶break_glass': '{allow: []}' }), code: 'unknown-key', says: /break_glass/ },
  {
    what: 'a group as a caller',
    file: callers("▶'group:backend'"),
    code: 'wrong-type',
    says: /`callers` entry 1 must be a mapping/,
  },
  {
    what: 'an approval that may be used for days',
    file: action({ valid_for: '▶2d' }),
    code: 'out-of-range',
    says: /1m to 1d/,
  },
  { what: 'an approval of seconds', file: action({ valid_for: '▶59s' }), code: 'out-of-range', says: /1m to 1d/ },
  {
    what: 'a parameter that no condition could name',
    file: action({ parameters: '{▶Git-SHA: {required: true}}' }),
    code: 'bad-name',
    says: /name of a parameter has 1 to 40/,
  },
  {
    what: 'a parameter with two rules',
    file: action({ parameters: "{stage: {pattern: '^a$', ▶enum: [a]}}" }),
    code: 'field-rule',
    says: /`pattern` or an `enum`, not both/,
  },
  {
    what: 'more parameters than approvers read',
    file: action({ parameters: `▶{${Array.from({ length: 11 }, (_, n) => `p${n}: {}`).join(', ')}}` }).replace(
      'parameters: ▶',
      '▶parameters: ',
    ),
    code: 'out-of-range',
    says: /at most 10 parameters/,
  },
  {
    what: 'the manager of a caller',
    file: action({ flows: '[{name: x, steps: [{approvers: [▶manager]}]}]' }),
    code: 'bad-principal',
    says: /a caller has none/,
  },
  {
    what: 'the owner of no target',
    file: action({
      flows: "[{name: x, steps: [{approvers: ['group:dba'], escalate: {after: 1h, to: [▶owner]}}]}]",
    }),
    code: 'bad-principal',
    says: /an action has no target/,
  },
  {
    what: 'a step that nobody can fill',
    file: action({ flows: "[{name: x, steps: [▶{approvers: ['group:nobody']}]}]" }),
    code: 'empty-group',
    says: /Nobody can fill this step/,
  },
  {
    what: 'a step that asks for more people than there are',
    file: action({ flows: "[{name: x, steps: [▶{approvers: ['group:security'], need: 2}]}]" }),
    code: 'too-few-approvers',
    says: /needs 2, but group:security gives 1/,
  },
  {
    what: 'a reminder behind the end',
    file: action({ flows: "[{name: x, timeout: 1h, steps: [{approvers: ['group:dba'], remind_every: ▶2h}]}]" }),
    code: 'after-timeout',
    says: /lapses after 1h/,
  },
  {
    what: 'two flows of one name',
    file: action({ flows: '[{name: x, auto_approve: true}, {name: ▶x, auto_approve: true}]' }),
    code: 'duplicate-flow',
    says: /of this action are called `x`/,
  },
];

/** What a caller is known by. */
export const CALLERS: readonly Case[] = [
  { what: 'an issuer without TLS', file: issuer('http://token.example.com'), code: 'bad-issuer', says: /https:\/\// },
  {
    what: 'an issuer that only begins like this machine',
    file: issuer('http://localhost.example.com'),
    code: 'bad-issuer',
    says: /whoever stands in between/,
  },
  {
    what: 'an issuer with a user and a password, which are not quoted',
    file: issuer("'https://ana:hunter2@token.example.com'"),
    code: 'bad-issuer',
    says: /^(?!.*hunter2).*no user and no password/,
  },
  {
    what: 'an issuer with a query',
    file: issuer("'https://token.example.com/?a=b'"),
    code: 'bad-issuer',
    says: /neither a query/,
  },
  {
    what: 'an issuer with a fragment',
    file: issuer("'https://token.example.com#x'"),
    code: 'bad-issuer',
    says: /nor a fragment/,
  },
  {
    what: 'an issuer with a letter of another alphabet',
    file: issuer("'https://token.exаmple.com'"),
    code: 'bad-issuer',
    says: /“а” \(U\+0430\)/,
  },
  {
    what: 'an issuer with a blank behind it',
    file: issuer("'https://token.example.com '"),
    code: 'bad-issuer',
    says: /U\+0020/,
  },
  {
    what: 'an issuer in another form than its plain one',
    file: issuer("'https://Token.example.com'"),
    code: 'bad-issuer',
    says: /host in lower case/,
  },
  {
    what: 'an issuer that climbs out of its path',
    file: issuer("'https://token.example.com/a/../b'"),
    code: 'bad-issuer',
    says: /plain form/,
  },
  {
    what: 'an issuer of another scheme',
    file: issuer('ftp://token.example.com'),
    code: 'bad-issuer',
    says: /address of the issuer/,
  },
  { what: 'an issuer that is no address', file: issuer('github'), code: 'bad-issuer', says: /such as https:/ },
  {
    what: 'an issuer alone',
    file: callers("▶{issuer: 'https://token.example.com'}"),
    code: 'missing-key',
    says: /`claims` is missing: an issuer makes tokens for everybody/,
  },
  { what: 'no claims', file: claims('▶{}'), code: 'bad-caller', says: /`claims` is empty/ },
  {
    what: 'claims of nobody',
    file: callers('▶{claims: {repository: acme/api}}'),
    code: 'missing-key',
    says: /`issuer` is missing/,
  },
  { what: 'a caller that is nothing', file: callers('▶{}'), code: 'bad-caller', says: /this entry is empty/ },
  {
    what: 'a misspelt key, and nothing of what it was meant to be',
    file: callers("{issuer: 'https://token.example.com', ▶clams: {repository: acme/api}}"),
    code: 'unknown-key',
    says: /mean `claims`/,
  },
  {
    what: 'a claim that every token has',
    file: claims('{▶aud: latchkey, repository: acme/api}'),
    code: 'bad-claim',
    says: /`aud` is checked in every token/,
  },
  {
    what: 'a claim with a blank in front of its name',
    file: claims("{▶' repository': acme/api}"),
    code: 'bad-claim',
    says: /without blanks around it/,
  },
  {
    what: 'a claim that is a number',
    file: claims('{repository_id: ▶42}'),
    code: 'wrong-type',
    says: /`repository_id` must be text, and it is a number: put it in quotes/,
  },
  {
    what: 'a claim that may be nothing',
    file: claims('{repository: ▶[]}'),
    code: 'empty-list',
    says: /`repository` needs at least one entry/,
  },
  {
    what: 'an API key that there is not',
    file: documents(keys(`{jenkins: 'sha256:${KEY_HASH}'}`), callers('{api_key: ▶jenkin}')),
    code: 'unknown-api-key',
    says: /no API key `jenkin` in the settings\. Did you mean `jenkins`\?/,
  },
  {
    what: 'an API key without any settings',
    file: callers('{api_key: ▶jenkins}'),
    code: 'unknown-api-key',
    says: /npx latchkey api-key/,
  },
];

/** The keys themselves. */
export const API_KEYS: readonly Case[] = [
  {
    what: 'a hash in upper case',
    file: keys(`{jenkins: ▶'sha256:${KEY_HASH.toUpperCase()}'}`),
    code: 'bad-api-key',
    says: /0-9 and a-f/,
  },
  { what: 'a hash without its name', file: keys(`{jenkins: ▶'${KEY_HASH}'}`), code: 'bad-api-key', says: /`sha256:`/ },
  {
    what: 'a hash that is too short',
    file: keys(`{jenkins: ▶'sha256:${KEY_HASH.slice(1)}'}`),
    code: 'bad-api-key',
    says: /64 characters/,
  },
  {
    what: 'a key in the place of its hash, which is not quoted',
    file: keys(`{jenkins: ▶lk_${'A'.repeat(43)}}`),
    code: 'secret-in-file',
    says: /^(?!.*AAAA).*make a new one/,
  },
  {
    what: 'a password in the place of a hash, which is not quoted',
    file: keys(`{jenkins: [▶hunter2, 'sha256:${KEY_HASH}']}`),
    code: 'bad-api-key',
    says: /^(?!.*hunter2)/,
  },
  {
    what: 'more than three hashes',
    file: keys(`{jenkins: ▶[${['a', 'b', 'c', 'd'].map((digit) => `'sha256:${digit.repeat(64)}'`).join(', ')}]}`),
    code: 'list-too-long',
    says: /at most 3/,
  },
  {
    what: 'one key of two names',
    file: keys(`{jenkins: 'sha256:${KEY_HASH}', nightly: ['sha256:${'a'.repeat(64)}', ▶'sha256:${KEY_HASH}']}`),
    code: 'duplicate-api-key',
    says: /key of `jenkins`, too/,
  },
  {
    what: 'one key twice',
    file: keys(`{jenkins: ['sha256:${KEY_HASH}', ▶'sha256:${KEY_HASH}']}`),
    code: 'duplicate-api-key',
    says: /stands here twice/,
  },
];

const when = (condition: string): string =>
  action({
    labels: '{env: production}',
    parameters: '{sha: {}, stage: {enum: [blue, green]}}',
    flows: `[{name: x, when: ${condition}, auto_approve: true}]`,
  });

/** Conditions of actions. */
export const ACTION_CONDITIONS: readonly Case[] = [
  {
    what: 'an action’s condition about a requester',
    file: when(`'▶requester.email == "ana@example.com"'`),
    code: 'condition-name',
    says: /There is no `requester` here\./,
  },
  {
    what: 'an action’s condition about a duration',
    file: when(`'request.▶duration <= duration("1h")'`),
    code: 'condition-name',
    says: /`request` has no `duration`\. It has: action, reason, parameters/,
  },
  {
    what: 'an action’s condition about a parameter that there is not',
    file: when(`'▶request.parameters.stag == "blue"'`),
    code: 'condition-name',
    says: /no parameter of this action `stag`\. Did you mean `stage`/,
  },
  {
    what: 'an action’s condition about a label that there is not',
    file: when(`'▶labels.risk == "high"'`),
    code: 'condition-name',
    says: /no label of this action `risk`/,
  },
  {
    what: 'a property that no caller has',
    file: when(`'caller.▶email == "ana@example.com"'`),
    code: 'condition-name',
    says: /`caller` has no `email`/,
  },
  {
    what: 'claims as if they were one text',
    file: when(`'▶caller.claims == "acme/api"'`),
    code: 'condition-type',
    says: /types do not fit/,
  },
  {
    what: 'a schedule that there is not, in an action',
    file: when(`'▶in_schedule("office")'`),
    code: 'condition-name',
    says: /no schedule in the settings `office`/,
  },
];
