import { z } from 'zod';
import { TokenRefused, type TokenSource } from './token.ts';

/** Longer than any answer takes. */
const TIMEOUT_MS = 30_000;

const Answered = z.looseObject({
  id: z.string(),
  action: z.string(),
  status: z.enum(['pending', 'approved', 'used', 'unused', 'denied', 'cancelled', 'lapsed']),
  lapses_at: z.string(),
  usable_until: z.string().optional(),
  decided_by: z.string().optional(),
  decision_reason: z.string().optional(),
  steps: z.array(z.looseObject({ need: z.number(), approvers: z.array(z.string()), approved_by: z.array(z.string()) })),
});
/** A request of an action, as Latchkey tells it. */
export type Answered = z.infer<typeof Answered>;

const told = { code: z.string(), detail: z.string(), rule: z.string().optional() };
const Problem = z.looseObject({ ...told, others: z.array(z.looseObject(told)).optional() });
export type Problem = z.infer<typeof Problem>;

export type Reply =
  | { kind: 'told'; request: Answered }
  | { kind: 'refused'; problem: Problem }
  /** What answers is not set up for us, and waiting does not change it. */
  | { kind: 'wrong'; why: string }
  /** No answer, or not now. Whether the call was done is not known. */
  | { kind: 'silent'; why: string; retryAfterMs?: number };

export interface ApiClient {
  ask(action: string, body: { parameters: object; reason?: string }): Promise<Reply>;
  look(id: string): Promise<Reply>;
  use(id: string, parameters: object): Promise<Reply>;
  cancel(id: string): Promise<Reply>;
}

/** Latchkey's API over HTTP, as any program would call it. */
export function apiClient(url: string, token: TokenSource): ApiClient {
  const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Reply> => {
    try {
      const reply = await fetch(`${url}/api/v1/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await token()}`,
          accept: 'application/json',
          // NB. a connection that is kept would keep the process, and a pipeline, from ending.
          connection: 'close',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // NB. the credential is for this address and no other.
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return replyOf(reply.status, reply.headers, await reply.text());
    } catch (error) {
      if (error instanceof TokenRefused) return { kind: 'wrong', why: error.message };
      return { kind: 'silent', why: `Latchkey does not answer (${causeOf(error)})` };
    }
  };
  const request = (id: string) => `requests/${encodeURIComponent(id)}`;
  return {
    ask: (action, body) => call('POST', `actions/${encodeURIComponent(action)}/requests`, body),
    look: (id) => call('GET', request(id)),
    use: (id, parameters) => call('POST', `${request(id)}/use`, { parameters }),
    cancel: (id) => call('POST', `${request(id)}/cancel`),
  };
}

function replyOf(status: number, headers: Headers, text: string): Reply {
  const json = parsed(text);
  if (status >= 200 && status < 300) {
    const request = Answered.safeParse(json);
    if (request.success) return { kind: 'told', request: request.data };
  }
  const problem = Problem.safeParse(json);
  if (status >= 500) {
    const seconds = Number(headers.get('retry-after') ?? '');
    const why = problem.success ? problem.data.detail : `HTTP ${status}`;
    return { kind: 'silent', why, ...(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}) };
  }
  if (problem.success) {
    const { detail } = problem.data;
    return status === 401 ? { kind: 'wrong', why: detail } : { kind: 'refused', problem: problem.data };
  }
  const hint =
    status >= 300 && status < 400 ? 'it sends us elsewhere: write that address' : 'is it Latchkey that answers there?';
  return { kind: 'wrong', why: `LATCHKEY_URL: HTTP ${status}; ${hint}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What `fetch` says of a failure stands in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return String(cause);
}
