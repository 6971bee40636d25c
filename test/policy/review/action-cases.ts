import { action, documents, HERE, KEY_HASH } from '../support/world.ts';
import type { Case } from './case.ts';

const callers = (...each: string[]): string => action({ callers: `[${each.join(', ')}]` });
const token = (claims: string, issuer = 'https://token.example.com'): string =>
  `{issuer: ${issuer}, claims: {${claims}}}`;
const GITHUB = 'https://token.actions.githubusercontent.com';
const flows = (...each: string[]): string => `[${each.join(', ')}]`;
const keys = (names: string): string => `version: 1\nkind: settings\napi_keys: {${names}: 'sha256:${KEY_HASH}'}\n`;

/** What a reviewer would ask of actions. */
export const ACTION_CASES: readonly Case[] = [
  {
    what: 'an action that nobody may ask for',
    code: 'nobody-may-request',
    file: action({ name: '▶deploy', callers: null }),
    says: /`deploy`: it names no `callers`/,
  },
  { what: 'an action with a caller', code: 'nobody-may-request', file: action() },
  {
    what: 'an action without a flow',
    code: 'no-flows',
    file: action({ flows: null, '▶flows': '[]' }),
    says: /remove the action/,
  },
  {
    what: 'a flow of an action behind one that decides every request',
    code: 'unreachable-flow',
    file: action({ flows: flows('{name: one, auto_approve: true}', '{name: ▶two, auto_approve: true}') }),
  },
  {
    what: 'a condition of an action that holds whenever an earlier one does',
    code: 'unreachable-flow',
    file: action({
      flows: flows(
        `{name: one, when: 'caller.kind == "oidc"', auto_approve: true}`,
        `{name: ▶two, when: 'request.reason != "" && caller.kind == "oidc"', auto_approve: true}`,
      ),
    }),
  },
  {
    what: 'conditions of an action that differ',
    code: 'unreachable-flow',
    file: action({
      flows: flows(
        `{name: one, when: 'caller.claims["ref"] == "a"', auto_approve: true}`,
        `{name: two, when: 'caller.claims["ref"] == "b"', auto_approve: true}`,
      ),
    }),
  },
  {
    what: 'an action that approves itself',
    code: 'unconditional-auto-approval',
    file: action({ flows: flows('{name: ▶open, auto_approve: true}') }),
    says: /whoever asks and whatever for/,
  },
  {
    what: 'an action that approves itself, with a condition that always holds',
    code: 'unconditional-auto-approval',
    file: action({ flows: flows("{name: ▶open, when: 'true', auto_approve: true}") }),
  },
  {
    what: 'an action that approves itself sometimes',
    code: 'unconditional-auto-approval',
    file: action({ flows: flows(`{name: open, when: 'caller.kind == "oidc"', auto_approve: true}`) }),
  },
  {
    what: 'an action of any length',
    code: 'unlimited-auto-approval',
    file: action({ flows: flows('{name: x, auto_approve: true}') }),
  },
  {
    what: 'a step of an action that only somebody disabled could fill',
    code: 'unfillable-step',
    file: action({ flows: flows("{name: x, steps: [▶{approvers: ['user:fay@example.com']}]}") }),
    says: /for any caller: it needs 1 of user:fay@example\.com, and nobody is left/,
  },
  { what: 'a step of an action with people', code: 'unfillable-step', file: action() },
  ...(
    [
      ['request.parameters.sha == "x"', false],
      ['request.parameters.stage == "x"', true],
      ['has(request.parameters.stage) && request.parameters.stage == "x"', false],
    ] as const
  ).map(
    ([when, told]): Case => ({
      what: `${when} of an action`,
      code: 'optional-field-read',
      file: action({
        parameters: '{sha: {required: true}, stage: {}}',
        flows: flows(`{name: one, when: ${told ? HERE : ''}'${when}', auto_approve: true}`),
      }),
      ...(told ? { says: /parameter `stage`.*has\(request\.parameters\.stage\)/ } : {}),
    }),
  ),
  {
    what: 'a group that only an action names',
    code: 'unused-group',
    file: documents(
      action({
        flows: flows("{name: x, steps: [{approvers: ['group:dba'], escalate: {after: 1h, to: ['group:x']}}]}"),
      }),
      'version: 1\nkind: directory\ngroups:\n  x: [ana@example.com]\n',
    ),
  },
  {
    what: 'two actions that differ in l and 1',
    code: 'look-alike-names',
    file: documents(action(), action({ name: '▶dep1oy' })),
    says: /The actions `deploy` \(a\.yaml:3:7\) and `dep1oy`/,
  },
  {
    what: 'an API key that no action names',
    code: 'unused-api-key',
    file: keys('▶jenkins'),
    says: /No action names the API key `jenkins`/,
  },
  {
    what: 'an API key that one names',
    code: 'unused-api-key',
    file: documents(keys('jenkins'), callers('{api_key: jenkins}')),
  },
  {
    what: 'a caller twice',
    code: 'repeated-caller',
    file: callers(token('repository: a'), `▶${token('repository: a')}`),
    says: /caller at a\.yaml:4 lets in everybody/,
  },
  {
    what: 'an API key twice',
    code: 'repeated-caller',
    file: documents(keys('jenkins'), callers('{api_key: jenkins}', '▶{api_key: jenkins}')),
  },
  {
    what: 'a caller who is in before, without the branch that this one asks for',
    code: 'repeated-caller',
    file: callers(`▶${token('repository: a, ref: main')}`, token('repository: [a, b]')),
  },
  {
    what: 'callers of different issuers, claims and values',
    code: 'repeated-caller',
    file: callers(
      token('repository: a'),
      token('repository: a', 'https://other.example.com'),
      token('repository: [b, c]'),
      token('repository: [c, d]'),
      token('ref: a'),
    ),
  },
  {
    what: 'a branch of anybody on GitHub',
    code: 'claims-of-anybody',
    file: callers(`▶${token('ref: refs/heads/main, environment: production', GITHUB)}`),
    says: /with `ref` and `environment` like this: name whose it must be, such as with `repository`/,
  },
  { what: 'one’s own on GitHub', code: 'claims-of-anybody', file: callers(token('repository_owner: acme', GITHUB)) },
  { what: 'an issuer that nobody knows', code: 'claims-of-anybody', file: callers(token('ref: main')) },
  {
    what: 'a star',
    code: 'literal-wildcard',
    file: callers(`▶${token("repository: ['acme/api', 'acme/*']")}`),
    says: /letter by letter, so `repository` has to be “acme\/\*” with its \*/,
  },
  { what: 'no star', code: 'literal-wildcard', file: callers(token('repository: acme/api')) },
  ...(
    [
      ['caller.claims["ref"] == "main"', true],
      ['caller.claims.ref == "main"', true],
      ['caller.kind == "oidc" && caller.claims["ref"] == "main"', false],
      ['"ref" in caller.claims && caller.claims["ref"] == "main"', false],
      ['has(caller.claims.ref)', false],
      ['request.reason != ""', false],
    ] as const
  ).map(
    ([when, told]): Case => ({
      what: `${when} where an API key calls`,
      code: 'claims-of-api-key',
      file: documents(
        keys('jenkins'),
        action({
          callers: `[${token('repository: acme/api')}, {api_key: jenkins}]`,
          flows: flows(`{name: one, when: ${told ? HERE : ''}'${when}', auto_approve: true}`),
        }),
      ),
      ...(told ? { says: /“one” reads the claim `ref`/ } : {}),
    }),
  ),
  {
    what: 'a claim where no API key calls',
    code: 'claims-of-api-key',
    file: action({ flows: flows(`{name: one, when: 'caller.claims["ref"] == "main"', auto_approve: true}`) }),
  },
  {
    what: 'a claim behind a flow for API keys',
    code: 'claims-of-api-key',
    file: documents(
      keys('jenkins'),
      action({
        callers: `[${token('repository: acme/api')}, {api_key: jenkins}]`,
        flows: flows(
          `{name: one, when: 'caller.kind == "api-key"', auto_approve: true}`,
          `{name: two, when: 'caller.claims["ref"] == "main"', auto_approve: true}`,
        ),
      }),
    ),
  },
  ...(
    [
      ['[0-9a-f]{4}', false],
      ['^[0-9a-f]{4}', false],
      ['[0-9a-f]{4}$', false],
      ['^a|b$', false],
      ['^(a|b)|c$', false],
      ['^a\\\\$', false],
      ['(^a$)', false],
      ['^[0-9a-f]{4}$', true],
      ['^(?:a|b|[|(])$', true],
      ['^a$|^b$', true],
      ['(?i)^a$', true],
      ['\\\\Aa\\\\|b\\\\z', true],
      ['^[]|]$', true],
    ] as const
  ).map(
    ([pattern, whole]): Case => ({
      what: `the pattern ${pattern}`,
      code: 'partial-pattern',
      file: action({ parameters: null, [whole ? 'parameters' : '▶parameters']: `{sha: {pattern: "${pattern}"}}` }),
      ...(whole ? {} : { says: /pattern of `sha` is looked for anywhere/ }),
    }),
  ),
];
