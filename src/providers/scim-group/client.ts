import { ProviderError } from '../../app/ports/provider.ts';
import { deadlinePassed, stopAtDeadline } from '../deadline.ts';
import { codeOf, lostConnection } from '../lost-connection.ts';
import type { Settings } from './config.ts';
import { errorReply } from './replies.ts';
import { waitOf } from './retry-after.ts';

/** A reply of more bytes is not read: about 100,000 members. */
export const LARGEST_REPLY_BYTES = 10 * 1024 * 1024;

export interface ScimRequest {
  method: 'GET' | 'PATCH' | 'PUT';
  /** Segments below the base address; each is escaped. */
  path: readonly string[];
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  ifMatch?: string;
  signal: AbortSignal;
}

/** Success, or a refusal (400, 404, 405, 409, 412, 501, …) that the caller may know a way around. */
export interface ScimReply {
  status: number;
  ok: boolean;
  /** With success of a GET: what JSON said. Not checked yet. */
  json?: unknown;
  etag?: string;
  /** With a refusal: the detail error keyword of RFC 7644 §3.12, when the server gave one. */
  scimType?: string;
}

/**
 * One request at a time to a SCIM server: JSON in and out, errors sorted into the kinds of the provider contract.
 * NB. No message holds a reply's own words: a server can echo the token.
 */
export class ScimClient {
  readonly #settings: Settings;
  readonly #target: string;
  #closed = false;

  constructor(settings: Settings, target: string) {
    this.#settings = settings;
    this.#target = target;
  }

  async send(request: ScimRequest): Promise<ScimReply> {
    if (this.#closed) throw new ProviderError('retry', 'closed', `${this.#target} is closed: the program is stopping.`);
    stopAtDeadline(request.signal, this.#target);
    let response: Response;
    try {
      response = await this.#fetch(request);
    } catch (error) {
      throw this.#unreachable(request.signal, error);
    }
    const failure = this.#failureOf(response);
    if (failure) {
      await discard(response);
      throw failure;
    }
    const etag = response.headers.get('etag');
    const reply: ScimReply = { status: response.status, ok: response.ok, ...(etag === null ? {} : { etag }) };
    if (response.ok && request.method !== 'GET') {
      await discard(response); // What a change answers does not matter: the membership is read back on its own.
      return reply;
    }
    if (response.ok) return { ...reply, json: await this.#json(response, request.signal) };
    const detail = errorReply.safeParse(await this.#json(response, request.signal).catch(unlessDeadline));
    return detail.success ? { ...reply, scimType: detail.data.scimType } : reply;
  }

  /** Begins no request any more. Idle connections are the process's, shared by all its requests, and hold nothing up. */
  close(): void {
    this.#closed = true;
  }

  /** The server said something that is not SCIM: a proxy's page, a half reply, a different product. */
  badReply(why: string): ProviderError {
    return new ProviderError('retry', 'bad-reply', `${this.#target} gave an answer that is not SCIM: ${why}.`);
  }

  #fetch({ method, path, query, body, ifMatch, signal }: ScimRequest): Promise<Response> {
    const url = new URL(this.#settings.url);
    url.pathname = [url.pathname.replace(/\/+$/, ''), ...path.map(encodeURIComponent)].join('/');
    url.search = new URLSearchParams(query).toString();
    return globalThis.fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.#settings.token}`,
        accept: 'application/scim+json, application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual', // NB. A redirect would carry the token to whoever it names.
      signal,
    });
  }

  #failureOf(response: Response): ProviderError | undefined {
    const { status } = response;
    const retry = (code: string, what: string) =>
      new ProviderError('retry', code, `${this.#target} ${what}.`, waitOf(response.headers));
    if (status === 401 || status === 403) {
      return new ProviderError(
        'give-up',
        'not-permitted',
        `${this.#target} refused the token (HTTP ${status}). It needs to read users and groups and to change members of groups.`,
      );
    }
    if (status === 429) return retry('rate-limited', 'asks to be called less often (HTTP 429)');
    if (status === 408 || (status >= 500 && status !== 501))
      return retry('unavailable', `is not working now (HTTP ${status})`);
    if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
      return retry(
        'redirected',
        `answered with a redirect (HTTP ${status}), which is not followed; its url setting may be out of date`,
      );
    }
    return undefined;
  }

  async #json(response: Response, signal: AbortSignal): Promise<unknown> {
    const bytes = await this.#bytes(response, signal);
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      throw this.badReply('it is not JSON');
    }
  }

  async #bytes(response: Response, signal: AbortSignal): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.byteLength;
        if (size > LARGEST_REPLY_BYTES) break; // Leaving the loop cancels the rest.
        chunks.push(chunk);
      }
    } catch (error) {
      throw this.#unreachable(signal, error);
    }
    if (size > LARGEST_REPLY_BYTES) throw this.badReply(`it has more than ${LARGEST_REPLY_BYTES} bytes`);
    return Buffer.concat(chunks);
  }

  #unreachable(signal: AbortSignal, error: unknown): ProviderError {
    if (signal.aborted) return deadlinePassed(this.#target);
    return lostConnection(this.#target, codeOf(error), true);
  }
}

/** A refusal need not explain itself in SCIM; only a passed deadline matters more than the refusal. */
function unlessDeadline(error: unknown): undefined {
  if (error instanceof ProviderError && error.code === 'deadline') throw error;
  return undefined;
}

async function discard(response: Response): Promise<void> {
  // Frees the connection. The reply was going to be ignored, so there is nothing to do about a failure to ignore it.
  await response.body?.cancel().catch(() => undefined);
}
