import type { IncomingMessage } from 'node:http';
import type { FieldValues } from '../../domain/request.ts';
import type { ApiProblem } from './problem.ts';

/** Of a call's body, in bytes. */
export const API_BODY_LIMIT = 65_536;

export type ReadBody<T> = { ok: true; value: T } | { ok: false; problem: ApiProblem };

export interface Body {
  parameters: FieldValues;
  reason?: string;
}

/**
 * Reads a body of exactly these keys. NB. nothing is guessed: what is approved is what stands in it, so that a name which two
 * readers could read differently (twice there, a number for a text) is refused.
 */
export async function readBody(req: IncomingMessage, keys: readonly (keyof Body)[]): Promise<ReadBody<Body>> {
  const text = await readText(req, keys.length === 0);
  if (!text.ok) return text;
  const read = objectIn(text.value);
  if (!read.ok) return read;
  const { parameters = {}, reason } = read.value as { parameters?: unknown; reason?: unknown };
  const unknown = Object.keys(read.value).find((key) => !(keys as readonly string[]).includes(key));
  if (unknown !== undefined) {
    const known = keys.length === 0 ? 'this call takes nothing' : `known are ${keys.join(' and ')}`;
    return invalid(`The body has the key ${quoted(unknown)}; ${known}.`);
  }
  if (!isObject(parameters)) return invalid('`parameters` must be an object of texts: {"sha": "4f2a…"}.');
  const other = Object.entries(parameters).find(([, value]) => typeof value !== 'string');
  if (other) return invalid(`The parameter ${quoted(other[0])} must be a text: write it in quotes.`);
  if (reason !== undefined && typeof reason !== 'string') return invalid('`reason` must be a text.');
  return { ok: true, value: { parameters: parameters as FieldValues, ...(reason === undefined ? {} : { reason }) } };
}

async function readText(req: IncomingMessage, mayBeEmpty: boolean): Promise<ReadBody<string>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req) {
    length += (chunk as Buffer).length;
    // What is too much is let go by, up to the server's own bound: left unread, it would take the answer with it.
    if (length <= API_BODY_LIMIT) chunks.push(chunk as Buffer);
  }
  if (length > API_BODY_LIMIT) return { ok: false, problem: tooLarge };
  if (length === 0 && mayBeEmpty) return { ok: true, value: '{}' };
  if (!/^application\/json *(; *charset *= *"?utf-8"? *)?$/i.test(req.headers['content-type'] ?? ''))
    return { ok: false, problem: { status: 415, code: 'not-json', detail: 'Send `Content-Type: application/json`.' } };
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return invalid('The body is not UTF-8.');
  }
}

function objectIn(text: string): ReadBody<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid('The body is no JSON.');
  }
  if (!isObject(value)) return invalid('The body must be an object.');
  const twice = repeatedKey(text);
  if (twice !== undefined) return invalid(`The body has the key ${quoted(twice)} twice.`);
  return { ok: true, value };
}

/** The first key that stands twice in one object of a JSON text. NB. `JSON.parse` would take the last, other readers the first. */
export function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  // Of valid JSON: texts with the colon that makes one a key, and brackets.
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined && text !== undefined) {
      const key = JSON.parse(text) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const tooLarge: ApiProblem = {
  status: 413,
  code: 'too-large',
  detail: `A call may hold at most ${API_BODY_LIMIT} bytes.`,
};

const invalid = (detail: string): { ok: false; problem: ApiProblem } => ({
  ok: false,
  problem: { status: 400, code: 'invalid-body', detail },
});

const quoted = (text: string): string => JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 80)}…`);
