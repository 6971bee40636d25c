import { step, usual, type World } from '../../support/world.ts';

export const ISSUER = 'https://ci.example.com';

/** The usual world, in which pipelines ask for a deployment and a key for a restart. */
export const deploying: World = {
  ...usual,
  actions: {
    deploy: {
      callers: [
        { issuer: ISSUER, claims: { repository: ['acme/api', 'acme/web'], ref: 'refs/heads/main' } },
        { api_key: 'jenkins' },
      ],
      parameters: {
        sha: { pattern: '^[0-9a-f]{7}$', required: true },
        environment: { enum: ['production', 'staging'], required: true },
      },
      flows: [
        { name: 'staging', when: 'request.parameters.environment == "staging"', auto_approve: true },
        { name: 'production', steps: [step('dba', 2), step('security')], timeout: '2h' },
      ],
      valid_for: '30m',
      channel: '#approvals',
    },
    restart: {
      callers: [{ api_key: 'jenkins' }],
      reason: { required: true, min_length: 5 },
      flows: [{ name: 'operators', steps: [step('dba')] }],
    },
  },
  settings: {
    ...usual.settings,
    api_keys: { jenkins: `sha256:${'a'.repeat(64)}`, backup: `sha256:${'b'.repeat(64)}` },
  },
};

/** The callers of these tests. */
export const CALLERS = `callers:
  ci: {issuer: '${ISSUER}', claims: {repository: acme/api, ref: refs/heads/main}}
  branch: {issuer: '${ISSUER}', subject: 'repo:acme/api:ref:refs/heads/fix', claims: {repository: acme/api, ref: refs/heads/fix}}
  jenkins: {api_key: jenkins}
`;
