import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import type { ActionToRun } from '../../src/playground/pipelines/actions.ts';
import type { PlaygroundIssuer } from '../../src/playground/pipelines/issuer.ts';
import { Watch } from '../../src/playground/slack/watch.ts';

type Answer = readonly [number, object];
/** What it answers to one call (`POST /path`): a status of HTTP and a body, by the call where it matters; or nothing at all. */
export type Script = Answer | ((call: string) => Answer) | 'hangs up';

export interface Asked {
  call: string;
  body: unknown;
  /** What its token said, when it could be verified with the issuer's keys. */
  token: Record<string, unknown>;
}

/** The HTTP API as pipelines meet it, without a product behind it: the answers are those of the test, one a call. */
export interface ScriptedProduct {
  url: string;
  asked: Asked[];
  /** The next answers. A call for which there is none repeats the last. */
  answers(...script: Script[]): void;
  /** Resolves when it was asked so often. */
  wasAsked(times: number): Promise<unknown>;
  stop(): Promise<void>;
}

export const AUDIENCE = 'latchkey-here';
export const ISSUER = 'https://token.actions.githubusercontent.com';

export async function startScriptedProduct(
  keys: PlaygroundIssuer['keys'],
  now: () => number,
): Promise<ScriptedProduct> {
  const asked: Asked[] = [];
  let script: Script[] = [];
  const watch = new Watch(() => JSON.stringify(asked));
  const server = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const jwt = (request.headers.authorization ?? '').replace(/^Bearer /, '');
      const { payload } = await jwtVerify(jwt, await keys.of(ISSUER), {
        issuer: ISSUER,
        audience: AUDIENCE,
        algorithms: ['ES256'],
        currentDate: new Date(now()),
      });
      const call = `${request.method} ${request.url}`;
      asked.push({
        call,
        body: text === '' ? undefined : JSON.parse(text),
        token: payload,
      });
      watch.changed();
      const [next] = script.length > 1 ? script.splice(0, 1) : script;
      if (next === undefined || next === 'hangs up') return void response.destroy();
      const [status, body] = typeof next === 'function' ? next(call) : next;
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(body));
    })().catch((error: unknown) => {
      response.writeHead(401, { 'content-type': 'application/problem+json', connection: 'close' });
      response.end(JSON.stringify({ code: 'bad-token', detail: String(error) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answers: (...next) => {
      script = next;
    },
    wasAsked: (times) => watch.waitFor(() => asked.length >= times, 20_000),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `deploy-production`, as its policy has it. */
export function anAction(values: Partial<ActionToRun> = {}): ActionToRun {
  return {
    name: 'deploy-production',
    title: 'Deploy to production',
    callers: [
      { kind: 'api-key', name: 'jenkins' },
      { kind: 'oidc', issuer: ISSUER, claims: { repository: ['acme/api', 'acme/web'], ref: ['refs/heads/main'] } },
    ],
    parameters: [
      {
        name: 'sha',
        label: 'Commit',
        required: true,
        pattern: { source: '^[0-9a-f]{40}$', test: (text) => /^[0-9a-f]{40}$/.test(text) },
      },
      { name: 'environment', label: 'environment', required: true, choices: ['production', 'canary'] },
      { name: 'note', label: 'Note', required: false },
    ],
    reason: { required: false, minLength: 0 },
    places: { action: { file: 'deploys.yaml', line: 1 } },
    ...values,
  };
}

export const named = (...actions: readonly ActionToRun[]): ReadonlyMap<string, ActionToRun> =>
  new Map(actions.map((action) => [action.name, action]));

/** A request as the product shows it. */
export const shown = (status: string, values: object = {}): object => ({
  id: 'req_1',
  action: 'deploy-production',
  status,
  parameters: {},
  asked_at: '2026-03-03T14:05:09.000Z',
  lapses_at: '2026-03-03T15:05:09.000Z',
  steps: [{ need: 1, approvers: ['group:release'], approved_by: [] }],
  policy: { digest: 'd'.repeat(64) },
  ...values,
});
