import type { CallerRef } from '../../src/domain/caller.ts';
import { type RecordedRequest, replay } from '../../src/policy/index.ts';
import { DIRECTORY, policiesIn, TARGETS } from './support/world.ts';

const SINCE = '2026-01-01T00:00:00.000Z';
const CI = 'https://ci.example.com';

const world = (callers: string, more = '') =>
  policiesIn({
    'directory.yaml': DIRECTORY,
    'targets.yaml': TARGETS,
    'settings.yaml': `version: 1\nkind: settings\napi_keys: {jenkins: 'sha256:${'a'.repeat(64)}'}\n`,
    'actions.yaml': `version: 1
kind: action
name: deploy
callers: [${callers}]
parameters: {environment: {enum: [staging, production], required: true}}
reason: {required: true, min_length: 5}
flows: [${more}{name: normal, steps: [{approvers: ['group:dba']}]}]
`,
  });
const MAIN = `{issuer: '${CI}', claims: {ref: main}}`;
const caller: CallerRef = { kind: 'oidc', issuer: CI, subject: 'repo:acme/api', claims: { ref: 'main' } };
const name = `oidc:${CI}#repo:acme/api`;
const asked = (of: Partial<RecordedRequest>): RecordedRequest => ({
  at: '2026-03-03T12:00:00.000Z',
  requester: name,
  access: 'deploy',
  fields: { environment: 'production' },
  ...of,
});
const opened = asked({ id: 'req_1', caller, reason: 'release 7' });

describe('past requests of actions, asked again', () => {
  it('as the same caller, with the same parameters', () => {
    const auto = (env: string) =>
      `{name: open, when: 'request.parameters.environment == "${env}"', auto_approve: true}, `;
    const [was, now] = [world(MAIN), world(MAIN, auto('production'))];
    expect(replay(was, now, SINCE, [opened]).findings).toMatchObject([
      {
        kind: 'automatic',
        direction: 'wider',
        sentence: `1 past request would now be automatic: ${name} for deploy on 2026-03-03`,
      },
    ]);
    expect(replay(was, world(MAIN, auto('staging')), SINCE, [opened]).findings).toEqual([]);
  });

  it('by what its token said then', () => {
    const narrower = world(`{issuer: '${CI}', claims: {ref: main, environment: production}}`);
    expect(replay(world(MAIN), narrower, SINCE, [opened]).findings).toMatchObject([
      { kind: 'cannot-ask', direction: 'narrower', code: 'not-eligible' },
    ]);
  });

  it('a refused one, too, with the parameters that were right', () => {
    const jenkins: CallerRef = { kind: 'api-key', name: 'jenkins' };
    const { fields: _, ...refused } = asked({ requester: 'api-key:jenkins', caller: jenkins });
    const told = replay(world(MAIN), world(`${MAIN}, {api_key: jenkins}`), SINCE, [opened, refused]);
    expect(told).toMatchObject({
      opened: 1,
      refused: 1,
      findings: [{ kind: 'can-ask', direction: 'wider', requests: [{ requester: 'api-key:jenkins' }] }],
    });
  });
});
