import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { performance } from 'node:perf_hooks';
import { NotPossible } from './errors.ts';
import { signatureOf } from './signing.ts';
import { SOCKET_URL, type SocketMode } from './socket-mode.ts';
import type { Delivery, DeliveryKind, RawDelivery, SentPayload } from './types.ts';

const FORM = 'application/x-www-form-urlencoded';

export interface OutgoingOptions {
  now: () => number;
  signatureNow: () => number;
  signingSecret: string;
  ackTimeoutMs: number;
  sockets: SocketMode;
  /** Called with every delivery once it is answered or given up. */
  done: (delivery: Delivery) => void;
}

/** Signs and posts what Slack sends to the app. */
export class Outgoing {
  requestUrl: string | undefined;
  /** The last one sent. */
  last: SentPayload | undefined;
  private readonly options: OutgoingOptions;
  private readonly open = new Set<ClientRequest>();

  constructor(options: OutgoingOptions, requestUrl: string | undefined) {
    this.options = options;
    this.requestUrl = requestUrl;
  }

  /** Over Socket Mode when there is no request URL and the app is connected. */
  private overSocket(): boolean {
    return this.requestUrl === undefined && this.options.sockets.connected > 0;
  }

  private envelope(kind: DeliveryKind, payload: Record<string, unknown>): SentPayload {
    const contentType = 'application/json';
    return { kind, url: SOCKET_URL, body: JSON.stringify(payload), contentType, timestamp: null, signature: null };
  }

  private url(): string {
    if (this.requestUrl === undefined)
      throw new NotPossible('The app has no request URL yet, and no Socket Mode connection: call setRequestUrl first.');
    return this.requestUrl;
  }

  form(kind: DeliveryKind, fields: Record<string, string>): SentPayload {
    if (this.overSocket()) return this.envelope(kind, fields);
    return this.sign(kind, this.url(), new URLSearchParams(fields).toString(), FORM);
  }

  /** Interactivity: one form field `payload` that holds JSON. */
  payload(kind: DeliveryKind, payload: Record<string, unknown>): SentPayload {
    if (this.overSocket()) return this.envelope(kind, payload);
    return this.form(kind, { payload: JSON.stringify(payload) });
  }

  json(kind: DeliveryKind, body: Record<string, unknown>): SentPayload {
    if (this.overSocket()) return this.envelope(kind, body);
    return this.sign(kind, this.url(), JSON.stringify(body), 'application/json');
  }

  private sign(kind: DeliveryKind, url: string, body: string, contentType: string): SentPayload {
    const timestamp = String(Math.floor(this.options.signatureNow() / 1000));
    return {
      kind,
      url,
      body,
      contentType,
      timestamp,
      signature: signatureOf(this.options.signingSecret, timestamp, body),
    };
  }

  /** Fills in what a raw delivery leaves out. */
  raw(raw: RawDelivery | SentPayload): SentPayload {
    const secret = ('secret' in raw ? raw.secret : undefined) ?? this.options.signingSecret;
    const body = typeof raw.body === 'string' ? raw.body : formBody(raw.body);
    const timestamp =
      raw.timestamp === undefined ? String(Math.floor(this.options.signatureNow() / 1000)) : raw.timestamp;
    return {
      kind: raw.kind ?? 'raw',
      url: raw.url ?? this.url(),
      body,
      contentType: raw.contentType ?? FORM,
      timestamp: timestamp === null ? null : String(timestamp),
      signature: raw.signature === undefined ? signatureOf(secret, String(timestamp ?? ''), body) : raw.signature,
    };
  }

  /** Never rejects: what went wrong is in the delivery. */
  async send(payload: SentPayload, headers: Record<string, string> = {}): Promise<Delivery> {
    const at = this.options.now();
    const started = performance.now();
    this.last = payload;
    const answer =
      payload.url === SOCKET_URL
        ? await this.options.sockets.send(payload, this.options.ackTimeoutMs)
        : await this.exchange(payload, headers);
    const delivery: Delivery = {
      kind: payload.kind,
      at,
      sent: true,
      ok: answer.status >= 200 && answer.status < 300,
      ackMs: performance.now() - started,
      payload,
      ...answer,
    };
    this.options.done(delivery);
    return delivery;
  }

  private exchange(
    payload: SentPayload,
    headers: Record<string, string>,
  ): Promise<Pick<Delivery, 'status' | 'body' | 'timedOut' | 'error'>> {
    return new Promise((resolve) => {
      const secure = payload.url.startsWith('https:');
      const request = (secure ? httpsRequest : httpRequest)(payload.url, {
        method: 'POST',
        // A connection for each request, so that an app can stop without waiting for idle ones.
        agent: false,
        headers: {
          'content-type': payload.contentType,
          'content-length': Buffer.byteLength(payload.body),
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          ...(payload.timestamp === null ? {} : { 'x-slack-request-timestamp': payload.timestamp }),
          ...(payload.signature === null ? {} : { 'x-slack-signature': payload.signature }),
          ...headers,
        },
      });
      this.open.add(request);
      const finish = (answer: Pick<Delivery, 'status' | 'body' | 'timedOut' | 'error'>): void => {
        clearTimeout(timer);
        this.open.delete(request);
        request.destroy();
        resolve(answer);
      };
      const limit = this.options.ackTimeoutMs;
      const timer = setTimeout(
        () => finish({ status: 0, body: '', timedOut: true, error: `the app did not answer within ${limit} ms` }),
        limit,
      );
      const failed = (error: Error): void => finish({ status: 0, body: '', timedOut: false, error: error.message });
      request.on('error', failed);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () =>
          finish({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), timedOut: false }),
        );
      });
      request.end(payload.body);
    });
  }

  stop(): void {
    for (const request of this.open) request.destroy(new Error('the fake Slack was stopped'));
  }
}

const formBody = (fields: Record<string, unknown>): string =>
  new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString();
