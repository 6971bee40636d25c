import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Credentials, Unidentified } from '../../app/ports/credentials.ts';
import type { Log } from '../../app/ports/log.ts';
import { StoreUnavailable } from '../../app/ports/store.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { type CallerRef, callerName } from '../../domain/caller.ts';
import { actionStanding } from '../../domain/decide-action.ts';
import { answerJson } from '../answers.ts';
import { type Body, readBody } from './body.ts';
import { type ApiProblem, answerProblem, refusedAs } from './problem.ts';
import { shown } from './shown.ts';

/** A caller looks again after so long. */
const POLL_S = 5;
/** Whatever cannot be done now may be asked again after so long. */
const NOT_NOW_S = 5;
/** Calls in hand: each may wait for an issuer, for the rest of its body, or for the database. */
const MOST_AT_ONCE = 200;
/** Of these, the calls of one caller; of those whom no action names, all together. */
const MOST_OF_ONE = 50;

export interface ApiOptions {
  credentials: Credentials;
  useCases: Pick<UseCases, 'requestAction' | 'actionStatus' | 'useAction' | 'cancelAction' | 'now'>;
  /** The workspace that is served; or why nothing is. */
  serving(): { workspace: string } | { closed: string };
  /** Whether some action names a caller. */
  knows(caller: CallerRef): boolean;
  log: Log;
  /** Told of each answer. */
  answered?(status: number): void;
}

type Call = ActionCall & { name: string };
interface ActionCall {
  method: 'GET' | 'POST';
  /** The keys that its body may have. */
  keys: readonly (keyof Body)[];
  run(api: ApiOptions, by: By, name: string, body: Body): Promise<Reply>;
}
type By = Parameters<ApiOptions['useCases']['requestAction']>[0];
type Reply = { status: number; body: object; pending: boolean } | { problem: ApiProblem };

/** What callers can do; `name` is the part of the path in round brackets. */
const CALLS: readonly [RegExp, ActionCall][] = [
  [
    /^\/api\/v1\/actions\/([^/]+)\/requests$/,
    {
      method: 'POST',
      keys: ['parameters', 'reason'],
      async run({ useCases }, by, action, asked) {
        const done = await useCases.requestAction(by, { action, ...asked });
        if (done.kind === 'refused') return { problem: refusedAs(done.refusal, done.others) };
        return status(useCases, by, done.request.id, done.kind === 'opened' ? 201 : 200);
      },
    },
  ],
  [
    /^\/api\/v1\/requests\/([^/]+)$/,
    { method: 'GET', keys: [], run: ({ useCases }, by, id) => status(useCases, by, id, 200) },
  ],
  [
    /^\/api\/v1\/requests\/([^/]+)\/use$/,
    {
      method: 'POST',
      keys: ['parameters'],
      async run({ useCases }, by, id, { parameters }) {
        const done = await useCases.useAction(by, id, parameters);
        if (done.kind === 'refused') return { problem: refusedAs(done.refusal) };
        return { status: 200, body: shown(done.view, useCases.now()), pending: false };
      },
    },
  ],
  [
    /^\/api\/v1\/requests\/([^/]+)\/cancel$/,
    {
      method: 'POST',
      keys: [],
      async run({ useCases }, by, id) {
        const done = await useCases.cancelAction(by, id);
        if (done.kind === 'refused') return { problem: refusedAs(done.refusal) };
        return { status: 200, body: shown(done.view, useCases.now()), pending: false };
      },
    },
  ],
];

async function status(useCases: ApiOptions['useCases'], by: By, id: string, code: number): Promise<Reply> {
  const found = await useCases.actionStatus(by, id);
  if (found.kind === 'refused') return { problem: refusedAs(found.refusal) };
  const now = useCases.now();
  return { status: code, body: shown(found.view, now), pending: actionStanding(found.view.request, now) === 'pending' };
}

/** Whether a path is the API's. */
export const isApi = (path: string): boolean => path === '/api' || path.startsWith('/api/');

/** The API for callers of actions: every answer is JSON, every failure `application/problem+json` with a stable code. */
export function createApi(
  options: ApiOptions,
): (req: IncomingMessage, res: ServerResponse, path: string) => Promise<void> {
  let inHand = 0;
  const places = new Places();
  return async (req, res, path) => {
    res.once('finish', () => options.answered?.(res.statusCode));
    if (inHand >= MOST_AT_ONCE)
      return notNow(res, 'too-busy', 'More calls are in hand than Latchkey takes at once. Ask again in a while.');
    inHand += 1;
    try {
      await serve(options, places, req, res, path);
    } catch (error) {
      // The caller went away in the middle of its body: there is nobody to answer.
      if (req.errored) return;
      failed(options, req, res, error);
    } finally {
      inHand -= 1;
    }
  };
}

/**
 * NB. whoever gets a token from an issuer that the policies name, which may be anybody, could send bodies a byte at a time and
 * take every place from the callers whom actions name, and so could one of those from the others.
 */
class Places {
  readonly #taken = new Map<string, number>();

  /** Takes one, or says that there is none. */
  take(whose: string): boolean {
    const taken = this.#taken.get(whose) ?? 0;
    if (taken >= MOST_OF_ONE) return false;
    this.#taken.set(whose, taken + 1);
    return true;
  }

  leave(whose: string): void {
    const left = (this.#taken.get(whose) ?? 0) - 1;
    if (left > 0) this.#taken.set(whose, left);
    else this.#taken.delete(whose);
  }
}

async function serve(
  options: ApiOptions,
  places: Places,
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
): Promise<void> {
  const call = callAt(req, res, path);
  if (call === undefined) return;
  const serving = options.serving();
  if ('closed' in serving) return notNow(res, 'not-ready', serving.closed);
  // Who it is comes first: what a stranger sends is not even read.
  const identified = await options.credentials.callerOf(req.headers.authorization);
  if (!identified.ok) return unidentified(res, identified);
  const { caller } = identified;
  const whose = options.knows(caller) ? callerName(caller) : 'strangers';
  if (!places.take(whose))
    return notNow(
      res,
      'too-busy',
      'More calls of yours are in hand than Latchkey takes at once. Ask again in a while.',
    );
  try {
    await done(options, call, { workspace: serving.workspace, caller }, req, res);
  } finally {
    places.leave(whose);
  }
}

async function done(options: ApiOptions, call: Call, by: By, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const read = await readBody(req, call.keys);
  if (!read.ok) return answerProblem(res, read.problem);
  const reply = await call.run(options, by, call.name, read.value);
  if ('problem' in reply) return answerProblem(res, reply.problem);
  if (reply.pending) res.setHeader('Retry-After', POLL_S);
  answerJson(res, reply.status, reply.body);
}

/** The call that is meant; undefined: there is none, and that was answered. */
function callAt(req: IncomingMessage, res: ServerResponse, path: string): Call | undefined {
  for (const [pattern, call] of CALLS) {
    const name = pattern.exec(path)?.[1];
    if (name === undefined) continue;
    const method = req.method === 'HEAD' ? 'GET' : req.method;
    if (method === call.method) return { ...call, name };
    const allowed = call.method === 'GET' ? 'GET, HEAD' : call.method;
    res.setHeader('Allow', allowed);
    answerProblem(res, { status: 405, code: 'wrong-method', detail: `${path} answers ${allowed} only.` });
    return undefined;
  }
  const detail =
    'There is no such call. docs/actions.md lists them: POST /api/v1/actions/{action}/requests comes first.';
  answerProblem(res, { status: 404, code: 'not-found', detail });
  return undefined;
}

function unidentified(res: ServerResponse, { code, sentence, retryAfterMs }: Unidentified): void {
  if (code === 'issuer-unavailable') {
    notNow(res, code, sentence, retryAfterMs);
    return;
  }
  res.setHeader('WWW-Authenticate', `Bearer realm="latchkey"${code === 'bad-token' ? ', error="invalid_token"' : ''}`);
  answerProblem(res, { status: 401, code, detail: sentence });
}

function notNow(res: ServerResponse, code: string, detail: string, ms = NOT_NOW_S * 1_000): void {
  res.setHeader('Retry-After', Math.max(1, Math.ceil(ms / 1_000)));
  answerProblem(res, { status: 503, code, detail });
}

function failed({ log }: ApiOptions, req: IncomingMessage, res: ServerResponse, error: unknown): void {
  if (error instanceof StoreUnavailable) {
    log.warn({ err: error }, 'a call of the API met a database that cannot be used');
    // NB. it may have gone away behind a commit: whoever is told that nothing was done would do it another way.
    const sentence =
      'The database cannot be used now, and whether this was done is not known. Ask again in a while: what is pending is not asked for twice, and nothing is used twice.';
    notNow(res, 'database-unavailable', sentence);
    return;
  }
  log.error({ err: error, method: req.method }, 'a call of the API failed');
  if (res.headersSent) res.destroy();
  else answerProblem(res, { status: 500, code: 'internal', detail: 'Something went wrong here; the log says what.' });
}
