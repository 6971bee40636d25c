/**
 * Every code that a problem in the policy files can carry, with what it means. Codes are stable: editors, CI scripts and
 * tests may rely on them. A code is never reused for another meaning.
 */
export const PROBLEM_CODES = {
  // the folder
  unreadable: 'a file or folder cannot be read, or went away while it was read',
  'link-leaves-folder': 'a symbolic link leads out of the policy folder, or to another folder',
  'file-too-large': 'a file is larger than a policy file may be',
  'folder-too-large': 'the folder holds more files, deeper folders or more bytes than are read',
  'not-utf-8': 'a file is not UTF-8 text',
  'empty-file': 'a policy file with nothing in it',
  'no-policies': 'the folder holds no policy file',

  // YAML
  'yaml-syntax': 'the file is not well-formed YAML',
  'yaml-tab': 'a tab is used for indentation',
  'yaml-directive': 'a `%` directive other than `%YAML 1.2`',
  'tag-not-allowed': 'a YAML tag (`!…`)',
  'alias-not-allowed': 'a YAML anchor (`&…`) or alias (`*…`)',
  'duplicate-key': 'a key stands twice in one mapping',
  'too-deep': 'the nesting is deeper than any policy needs',
  'too-many-problems': 'a file has more problems than are listed',

  // shape
  'not-a-mapping': 'a document is not a mapping',
  'missing-key': 'a required key is absent',
  'unknown-key': 'a key that the language does not have',
  'unknown-kind': 'a `kind` that the language does not have',
  'unsupported-version': 'a `version` other than 1',
  'wrong-type': 'text, number, true/false, list or mapping in the place of another',
  'invalid-value': 'a value that its place does not accept',
  'out-of-range': 'a number or a duration outside its range',
  'empty-list': 'a list that needs an entry has none',
  'list-too-long': 'a list has more entries than allowed',

  // words
  'bad-name': 'a name that is not made of a-z, 0-9 and -',
  'bad-text': 'a text that is blank, too long or holds control characters',
  'bad-email': 'not an e-mail address',
  'bad-slack-id': 'not the id of a Slack user or user group',
  'bad-channel': 'not a channel name or id',
  'bad-duration': 'not a duration',
  'bad-principal': 'not a principal, or not one that means something here',
  'bad-time': 'not a time of day',
  'bad-timezone': 'not a time zone',
  'bad-issuer': 'not the address of an issuer of tokens',
  'bad-claim': 'a claim that says nothing of who asks, or a name that no claim has',
  'bad-api-key': 'not the SHA-256 of an API key',
  'bad-caller': 'a caller that would be two, nobody or everybody',
  'bad-pattern': 'not a regular expression in RE2’s syntax, or one that is too large',

  // conditions (`when`)
  'condition-syntax': 'a condition that cannot be read, or uses a part of CEL that the language does not have',
  'condition-name': 'a condition names something that does not exist',
  'condition-type': 'a condition whose types do not fit, or that does not give true or false',
  'condition-too-complex': 'a condition longer or deeper than a reader can follow',

  // names that must be known, or used once
  'unknown-target': 'a target that no file defines',
  'unknown-provider': 'a provider that this release does not have',
  'unknown-group': 'a group that no file defines',
  'unknown-person': 'a person that no file defines',
  'unknown-api-key': 'an API key that the settings do not have',
  'duplicate-access': 'two accesses of one name',
  'duplicate-action': 'two actions of one name, or one with the name of an access',
  'duplicate-target': 'two targets of one name',
  'duplicate-person': 'two people of one e-mail',
  'duplicate-slack-id': 'two people of one Slack id',
  'duplicate-group': 'two groups of one name',
  'too-many-usergroups': 'more groups come from Slack than it can keep current',
  'duplicate-source': 'people come twice from one SCIM directory',
  'duplicate-settings': 'two settings documents',
  'duplicate-api-key': 'one API key twice, or under two names',
  'duplicate-flow': 'two flows of one name in one access or action',
  'duplicate-grant': 'one permission twice in one access',

  // secrets
  'secret-in-file': 'a secret is written into a file',
  'missing-env': 'an environment variable that a target needs is not set',
  'bad-env': 'a malformed reference to the environment',
  'env-not-allowed': 'a reference to the environment outside the settings of a target',

  // sense
  'field-rule': 'a field with two rules at once, or a rule that nothing can meet',
  'empty-schedule': 'a schedule that begins when it ends',
  'default-over-max': 'a default duration longer than the longest',
  'auto-approve-with-steps': 'a flow that approves by itself and has steps too',
  'flow-without-approval': 'a flow with neither steps nor `auto_approve: true`',
  'idle-after-end': 'a `revoke_on_idle` that could never come before the end',
  'after-timeout': 'a reminder or an escalation that would come only after the request has lapsed',
  'cannot-tell-use': 'a `revoke_on_idle` where a target cannot tell when a permission was used last',
  'manager-cycle': 'people who are one another’s managers',
  'no-owner': '`owner` where no target of the access has one',
  'no-reviewers': 'a `break_glass` that nobody could review, for no flow has a step',
  'empty-group': 'a step that nobody can fill',
  'too-few-approvers': 'a step that needs more people than there are',

  // tests
  'bad-instant': 'not an instant, or one without its zone',
  'bad-do': 'a `do` that is not a sentence of the test language',
  'missing-now': 'a test that reads time, and no `now`',
  'time-runs-back': 'a step that is earlier than the one before it',
  'unknown-access': 'a test of an access that no file defines',
  'unknown-action': 'a test of an action that no file defines',
  'unknown-caller': 'a test of a caller that its document does not name',
  'duplicate-test': 'two tests of one name',
  'bad-statement': 'a `never` about what nobody can know',
  'mixed-statement': 'a `never` about people and callers at once',
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;
