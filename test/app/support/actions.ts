import { actionStatus } from '../../../src/app/action-status.ts';
import { cancelAction } from '../../../src/app/cancel-action.ts';
import { requestAction } from '../../../src/app/request-action.ts';
import { useAction } from '../../../src/app/use-action.ts';
import { type CallerRef, callerName } from '../../../src/domain/caller.ts';
import type { FieldValues } from '../../../src/domain/request.ts';
import type { App } from '../../support/app.ts';
import { step, usual, type World } from '../../support/world.ts';

export const ISSUER = 'https://ci.example.com';
/** The pipeline of a repository, on its main branch. */
export const CI = {
  kind: 'oidc',
  issuer: ISSUER,
  subject: 'repo:acme/api',
  claims: { repository: 'acme/api', ref: 'refs/heads/main' },
} as const satisfies CallerRef;
export const JENKINS: CallerRef = { kind: 'api-key', name: 'jenkins' };
export const CI_NAME = callerName(CI);
export const SHA = { sha: 'f00d' };

export const deploy = {
  title: 'Deploy to production',
  callers: [{ issuer: ISSUER, claims: { repository: 'acme/api', ref: 'refs/heads/main' } }, { api_key: 'jenkins' }],
  parameters: { sha: { pattern: '^[0-9a-f]{4}$', required: true }, note: {} },
  flows: [{ name: 'normal', steps: [step('dba')], timeout: '1h' }],
  valid_for: '15m',
  channel: '#deploys',
};

/** The usual world with the action `deploy`, some keys of it changed. */
export const deploying = (values: Partial<Record<keyof typeof deploy, unknown>> = {}, world = usual): World => ({
  ...world,
  actions: { deploy: { ...deploy, ...values } },
  settings: {
    ...world.settings,
    api_keys: { jenkins: `sha256:${'0'.repeat(64)}`, gitlab: `sha256:${'1'.repeat(64)}` },
  },
});

export const of = (app: App, caller: CallerRef = CI) => ({ workspace: app.workspace, caller });

export const ask = (app: App, parameters: FieldValues = SHA, caller: CallerRef = CI, action = 'deploy') =>
  requestAction(app.ports, of(app, caller), { action, parameters });

/** Asks for what is allowed; the id of the request. */
export async function asked(app: App, parameters: FieldValues = SHA, caller: CallerRef = CI): Promise<string> {
  const answer = await ask(app, parameters, caller);
  if (answer.kind !== 'opened') throw new Error(`not opened: ${JSON.stringify(answer)}`);
  return answer.request.id;
}

/** Asks, and somebody approves it. */
export async function approved(app: App, parameters: FieldValues = SHA, caller: CallerRef = CI): Promise<string> {
  const id = await asked(app, parameters, caller);
  await app.approve('dee', id);
  return id;
}

export const use = (app: App, id: string, parameters: FieldValues = SHA, caller: CallerRef = CI) =>
  useAction(app.ports, of(app, caller), id, parameters);

export const status = (app: App, id: string, caller: CallerRef = CI) => actionStatus(app.ports, of(app, caller), id);

export const cancel = (app: App, id: string, caller: CallerRef = CI) => cancelAction(app.ports, of(app, caller), id);

export const refused = (code: string) => ({ kind: 'refused', refusal: { code } });
