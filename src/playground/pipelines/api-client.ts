import { z } from 'zod';

/** What the product answers about a request, as far as a job's log tells it. */
const answered = z.looseObject({
  id: z.string(),
  status: z.string(),
  asked_at: z.string().optional(),
  lapses_at: z.string().optional(),
  usable_until: z.string().optional(),
  decided_by: z.string().optional(),
  decision_reason: z.string().optional(),
  steps: z
    .array(z.looseObject({ need: z.number(), approvers: z.array(z.string()), approved_by: z.array(z.string()) }))
    .default([]),
});
export type Answered = z.infer<typeof answered>;

/** RFC 9457. */
const problem = z.looseObject({
  code: z.string(),
  detail: z.string(),
  others: z.array(z.looseObject({ code: z.string(), detail: z.string() })).default([]),
});
export type Problem = z.infer<typeof problem>;

export type Reply =
  | { kind: 'ok'; body: Answered }
  | { kind: 'refused'; problem: Problem }
  /** Nobody answered, or not now: the same may be asked again. */
  | { kind: 'not-now'; why: string };

/** Longer than any answer takes; a product that hangs must not leave a job without a word. */
const DEADLINE_MS = 10_000;

export interface Call {
  /** The whole address. */
  url: string;
  token: string;
  method: 'GET' | 'POST';
  body?: unknown;
  signal: AbortSignal;
}

/** Asks the product as any pipeline would: over HTTP, with nothing but a token. */
export async function call({ url, token, method, body, signal }: Call): Promise<Reply> {
  let status: number;
  let json: unknown;
  try {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    });
    status = response.status;
    json = await response.json();
  } catch {
    return { kind: 'not-now', why: 'Latchkey does not answer' };
  }
  if (status === 200 || status === 201) {
    const body = answered.safeParse(json);
    if (body.success) return { kind: 'ok', body: body.data };
  }
  const refused = problem.safeParse(json);
  if (!refused.success) return { kind: 'not-now', why: `Latchkey answered something else (HTTP ${status})` };
  if (status === 503) return { kind: 'not-now', why: refused.data.detail };
  return { kind: 'refused', problem: refused.data };
}
