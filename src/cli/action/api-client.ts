import { z } from 'zod';
import { sameParameters } from '../../domain/parameters.ts';
import type { FieldValues } from '../../domain/request.ts';
import { printable } from '../../policy/printable.ts';
import { causeOf } from './cause.ts';
import { TokenNotNow, TokenRefused, type TokenSource } from './token.ts';

/** Longer than any answer takes. */
const TIMEOUT_MS = 30_000;
/** More bytes than any answer has. */
const MOST_BYTES = 1_048_576;
/** Whoever asks to be left alone for longer is asked again all the same. */
const LONGEST_PAUSE_S = 60;

const Answered = z.looseObject({
  id: z.string(),
  action: z.string(),
  status: z.enum(['pending', 'approved', 'used', 'unused', 'denied', 'cancelled', 'lapsed']),
  parameters: z.record(z.string(), z.string()),
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

/** Whether an answer is one to what was asked. */
type Fits = (request: Answered) => boolean;

export interface ApiClient {
  ask(action: string, body: { parameters: FieldValues; reason?: string }): Promise<Reply>;
  look(id: string): Promise<Reply>;
  /** Told only when it says that this approval is used, for exactly these parameters. */
  use(id: string, parameters: FieldValues): Promise<Reply>;
  cancel(id: string): Promise<Reply>;
}

/** Latchkey's API over HTTP, as any program would call it. */
export function apiClient(url: string, token: TokenSource): ApiClient {
  const call = async (method: 'GET' | 'POST', path: string, fits: Fits, body?: object): Promise<Reply> => {
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
      return replyOf(reply, await textOf(reply), fits);
    } catch (error) {
      if (error instanceof TokenRefused) return { kind: 'wrong', why: error.message };
      if (error instanceof TooLong) return elsewhere('an answer without an end');
      if (error instanceof TokenNotNow) return { kind: 'silent', why: printable(error.message) };
      return { kind: 'silent', why: `Latchkey does not answer (${printable(causeOf(error))})` };
    }
  };
  const request = (id: string) => `requests/${encodeURIComponent(id)}`;
  const is =
    (id: string): Fits =>
    (told) =>
      told.id === id;
  return {
    ask: (action, body) =>
      call(
        'POST',
        `actions/${encodeURIComponent(action)}/requests`,
        (told) => told.action === action && sameParameters(told.parameters, body.parameters),
        body,
      ),
    look: (id) => call('GET', request(id), is(id)),
    // NB. a deploy hangs on it: what else answers with 200 there is no word of Latchkey's.
    use: (id, parameters) =>
      call(
        'POST',
        `${request(id)}/use`,
        (told) => told.id === id && told.status === 'used' && sameParameters(told.parameters, parameters),
        { parameters },
      ),
    cancel: (id) => call('POST', `${request(id)}/cancel`, is(id)),
  };
}

const elsewhere = (what: string): Reply => ({
  kind: 'wrong',
  why: `LATCHKEY_URL: ${what}; is it Latchkey that answers there?`,
});

function replyOf({ status, headers }: Response, text: string, fits: Fits): Reply {
  const json = parsed(text);
  if (status >= 200 && status < 300) {
    const request = Answered.safeParse(json);
    if (!request.success) return elsewhere(`HTTP ${status}, and no request`);
    return fits(request.data)
      ? { kind: 'told', request: request.data }
      : elsewhere(`HTTP ${status}, and an answer to something else`);
  }
  const problem = Problem.safeParse(json);
  // NB. whoever answers there chooses these words, and they are printed into the log of a job.
  const detail = problem.success ? printable(problem.data.detail) : undefined;
  if (status >= 500) {
    const seconds = Math.min(Number(headers.get('retry-after') ?? ''), LONGEST_PAUSE_S);
    return {
      kind: 'silent',
      why: detail ?? `HTTP ${status}`,
      ...(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}),
    };
  }
  if (problem.success && detail !== undefined)
    return status === 401 ? { kind: 'wrong', why: detail } : { kind: 'refused', problem: problem.data };
  if (status >= 300 && status < 400)
    return { kind: 'wrong', why: `LATCHKEY_URL: HTTP ${status}; it sends us elsewhere: write that address` };
  return elsewhere(`HTTP ${status}`);
}

class TooLong extends Error {}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new TooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
