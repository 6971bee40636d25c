import { fixed, type Part, part } from './mistakes.ts';

const HASH = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

/** Behind the other settings. */
export const API_KEY_PARTS: readonly Part[] = [
  fixed(`api_keys:\n  jenkins: 'sha256:${HASH}'\n`),
  part(
    'another API key',
    `  nightly: ['sha256:${OTHER}']\n`,
    { code: 'bad-api-key', wrong: `  nightly: [▶'${OTHER}']\n` },
    { code: 'secret-in-file', wrong: `  nightly: ▶lk_${'x'.repeat(43)}\n` },
    { code: 'duplicate-api-key', wrong: `  nightly: ['sha256:${OTHER}', ▶'sha256:${HASH}']\n` },
    { code: 'bad-name', wrong: `  ▶Night_Run: ['sha256:${OTHER}']\n`, mayDefine: 'apiKeys' },
    { code: 'empty-list', wrong: '  nightly: ▶[]\n' },
  ),
];

const CALLER_PARTS: readonly Part[] = [
  fixed('callers:\n'),
  part(
    'issuer',
    '  - issuer: https://token.example.com\n',
    { code: 'bad-issuer', wrong: '  - issuer: ▶http://token.example.com\n' },
    { code: 'wrong-type', wrong: '  - issuer: ▶[https://token.example.com]\n' },
    { code: 'unknown-key', wrong: '  - ▶isuer: https://token.example.com\n' },
  ),
  part(
    'claims',
    '    claims: {repository: acme/api, ref: [a, b]}\n',
    { code: 'bad-caller', wrong: '    claims: ▶{}\n' },
    { code: 'bad-claim', wrong: '    claims: {▶exp: never, repository: acme/api}\n' },
    { code: 'wrong-type', wrong: '    claims: {repository: acme/api, ref: [a, ▶1]}\n' },
    { code: 'unknown-key', wrong: '    ▶claim: {repository: acme/api}\n' },
  ),
  part(
    'another caller',
    '  - {api_key: jenkins}\n',
    { code: 'unknown-api-key', wrong: '  - {api_key: ▶jenkin}\n', about: 'apiKeys' },
    { code: 'bad-name', wrong: '  - {api_key: ▶Jenkins!}\n' },
    { code: 'bad-caller', wrong: '  - ▶{api_key: jenkins, claims: {repository: acme/api}}\n' },
    { code: 'bad-caller', wrong: '  - ▶{}\n' },
    { code: 'missing-key', wrong: '  - ▶{issuer: https://other.example.com}\n' },
    { code: 'wrong-type', wrong: '  - ▶jenkins\n' },
  ),
];

const PARAMETER_PARTS: readonly Part[] = [
  part('sha', 'parameters:\n  sha:\n    required: true\n', {
    code: 'wrong-type',
    wrong: 'parameters:\n  sha:\n    required: ▶yes\n',
  }),
  part(
    'pattern',
    "    pattern: '^[0-9a-f]{40}$'\n",
    { code: 'bad-pattern', wrong: "    pattern: ▶'(a)\\1'\n" },
    { code: 'field-rule', wrong: "    pattern: '^a'\n    ▶enum: [a]\n" },
  ),
  part(
    'stage',
    '  stage: {enum: [blue, green]}\n',
    { code: 'field-rule', wrong: '  stage: {▶enum: [blue, blue]}\n' },
    { code: 'unknown-key', wrong: '  stage: {enum: [blue, green], ▶colour: red}\n' },
  ),
  part(
    'valid for',
    'valid_for: 30m\n',
    { code: 'out-of-range', wrong: 'valid_for: ▶25h\n' },
    { code: 'bad-duration', wrong: 'valid_for: ▶30\n' },
  ),
];

const CONDITION_PARTS: readonly Part[] = [
  fixed("flows:\n  - name: short\n    auto_approve: true\n    when: '"),
  part(
    'parameter',
    'request.parameters.stage == "blue"',
    { code: 'condition-name', wrong: '▶request.parameters.stag == "blue"' },
    { code: 'condition-type', wrong: '▶request.parameters.stage == 1' },
    { code: 'condition-name', wrong: 'request.▶fields == "blue"' },
  ),
  fixed(' && '),
  part(
    'caller',
    'caller.claims["ref"] == "a"',
    { code: 'condition-name', wrong: 'caller.▶claim == "a"' },
    { code: 'condition-name', wrong: '▶requester.email == "a"' },
    { code: 'condition-type', wrong: '▶caller.claims["ref"] == 1' },
  ),
  fixed(' && '),
  part('scheduled', 'in_schedule("office")', {
    code: 'condition-name',
    wrong: '▶in_schedule("ofice")',
    about: 'schedules',
  }),
  fixed("'\n"),
];

/** An action of a pipeline and of a key. */
export const actionParts = (name: string): readonly Part[] => [
  fixed('version: 1\nkind: action\n'),
  part('name', `name: ${name}\n`, { code: 'bad-name', wrong: 'name: ▶Bad_Name\n' }),
  ...CALLER_PARTS,
  ...PARAMETER_PARTS,
  ...CONDITION_PARTS,
  part('second flow', '  - name: normal\n', { code: 'duplicate-flow', wrong: '  - name: ▶short\n' }),
  part('timeout', '    timeout: 8h\n    steps:\n', { code: 'bad-duration', wrong: '    timeout: ▶8\n    steps:\n' }),
  part(
    'approvers',
    '      - approvers: [group:dba]\n',
    { code: 'unknown-group', wrong: '      - approvers: [group:dba, ▶group:dbas]\n', about: 'groups' },
    { code: 'empty-group', wrong: '      - ▶approvers: [group:nobody]\n' },
    { code: 'bad-principal', wrong: '      - approvers: [▶manager]\n' },
  ),
  part('remind', '        remind_every: 10m\n', {
    code: 'after-timeout',
    wrong: '        remind_every: ▶9h\n',
    by: ['timeout'],
  }),
  part(
    'to',
    '        escalate: {after: 30m, to: [group:dba]}\n',
    { code: 'empty-group', wrong: '        escalate: {after: 30m, to: ▶[group:nobody]}\n' },
    { code: 'bad-principal', wrong: '        escalate: {after: 30m, to: [▶owner]}\n' },
  ),
  part('another flow', '', { code: 'flow-without-approval', wrong: '  - ▶{name: third}\n' }),
  part(
    'another key',
    '',
    { code: 'unknown-key', wrong: '▶duration: {default: 1h, max: 1h}\n' },
    { code: 'bad-channel', wrong: 'channel: ▶deploys\n' },
  ),
];
