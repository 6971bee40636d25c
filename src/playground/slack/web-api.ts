import { isObject } from './block-kit/checks.ts';
import { RateLimited, SlackError } from './errors.ts';
import { Faults } from './faults.ts';
import type { Messages } from './messages.ts';
import { Arguments } from './methods/arguments.ts';
import type { Context } from './methods/context.ts';
import { methods } from './methods/index.ts';
import type { Modals } from './modals.ts';
import type { RateLimits } from './rate-limits.ts';
import type { ResponseUrls } from './response-urls.ts';
import { scopesFor } from './scopes.ts';
import type { Triggers } from './triggers.ts';
import type { ApiCall } from './types.ts';
import type { Conversation, Workspace } from './workspace.ts';

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: Record<string, unknown>;
  warnings?: string[];
}

export interface WebApiParts {
  workspace: Workspace;
  messages: Messages;
  modals: Modals;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  limits: RateLimits | undefined;
  botToken: string;
  appToken: string;
  /** Granted by name; undefined grants every scope but `chat:write.public`. */
  scopes: readonly string[] | undefined;
  /** Answers `apps.connections.open`. */
  openSocket: () => string;
}

const JSON_ARGUMENTS = ['blocks', 'view', 'metadata'];

/** Authenticates, checks scopes and limits, runs the method, and keeps every call. */
export class WebApi {
  readonly calls: ApiCall[] = [];
  readonly faults = new Faults();
  private readonly parts: WebApiParts;
  /** `http://127.0.0.1:…/api/` once started. */
  url = '';

  constructor(parts: WebApiParts) {
    this.parts = parts;
  }

  record(call: Omit<ApiCall, 'at'>): void {
    const args = { ...call.args };
    for (const name of JSON_ARGUMENTS) args[name] = readable(args[name]);
    for (const name of JSON_ARGUMENTS) if (args[name] === undefined) delete args[name];
    this.calls.push({ ...call, args, at: this.parts.workspace.now() });
    this.parts.workspace.changed();
  }

  call(method: string, token: string | undefined, raw: Record<string, unknown>): Answer {
    const warnings: string[] = [];
    try {
      const body = this.run(method, token, new Arguments(raw), (warning) => warnings.push(warning));
      return {
        status: 200,
        headers: this.scopeHeaders(),
        body: { ok: true, ...body },
        ...(warnings.length === 0 ? {} : { warnings }),
      };
    } catch (error) {
      return this.refusal(error);
    }
  }

  private refusal(error: unknown): Answer {
    if (error instanceof RateLimited) {
      return {
        status: 429,
        headers: { 'retry-after': String(error.retryAfter) },
        body: { ok: false, error: 'ratelimited' },
      };
    }
    if (error instanceof SlackError)
      return { status: 200, headers: this.scopeHeaders(), body: { ok: false, error: error.code, ...error.details } };
    throw error;
  }

  private run(
    method: string,
    token: string | undefined,
    args: Arguments,
    warn: (warning: string) => void,
  ): Record<string, unknown> {
    const isSocket = method === 'apps.connections.open';
    const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (found === undefined && !isSocket) throw new SlackError('unknown_method', { req_method: method });
    if (method !== 'api.test') this.authenticate(token, isSocket);
    if (isSocket || found === undefined) return { url: this.parts.openSocket() };
    const conversation = this.conversation(method, args);
    const scope = scopesFor(method, conversation, args.text('types')).find((each) => !this.grants(each));
    if (scope !== undefined) {
      throw new SlackError('missing_scope', { needed: scope, provided: (this.parts.scopes ?? []).join(',') });
    }
    const ref = args.text('channel') ?? '';
    const dm = this.parts.workspace.people.has(ref) ? `D${ref}` : undefined;
    this.parts.limits?.take(method, dm ?? conversation?.id ?? ref);
    return found(args, this.context(warn));
  }

  private authenticate(token: string | undefined, forApp: boolean): void {
    if (token === undefined) throw new SlackError('not_authed');
    const { botToken, appToken } = this.parts;
    if (token === (forApp ? appToken : botToken)) return;
    throw new SlackError(token === botToken || token === appToken ? 'not_allowed_token_type' : 'invalid_auth');
  }

  /** The conversation an argument means, without opening any. */
  private conversation(method: string, args: Arguments): Conversation | undefined {
    const { workspace } = this.parts;
    const ref = args.text('channel') ?? '';
    if (workspace.people.has(ref)) return workspace.conversations.get(`D${ref}`);
    return method.startsWith('chat.') ? workspace.channel(ref) : workspace.conversations.get(ref);
  }

  private grants(scope: string): boolean {
    return this.parts.scopes === undefined ? scope !== 'chat:write.public' : this.parts.scopes.includes(scope);
  }

  private scopeHeaders(): Record<string, string> {
    return this.parts.scopes === undefined ? {} : { 'x-oauth-scopes': this.parts.scopes.join(',') };
  }

  private context(warn: (warning: string) => void): Context {
    const { workspace, messages, modals, triggers } = this.parts;
    return {
      workspace,
      messages,
      modals,
      triggers,
      url: this.url,
      postsAnywhere: this.grants('chat:write.public'),
      showsEmails: this.grants('users:read.email'),
      warn,
    };
  }

  /** Slack answers 404 for a url that is used up or too old, and 400 for a message that is wrong. */
  postToResponseUrl(path: string, body: Record<string, unknown>): Answer {
    try {
      this.parts.responseUrls.post(path, body);
      return { status: 200, body: { ok: true } };
    } catch (error) {
      const answer = this.refusal(error);
      return {
        ...answer,
        headers: {},
        status: ['expired_url', 'used_url'].includes(String(answer.body.error)) ? 404 : 400,
      };
    }
  }
}

const readable = (value: unknown): unknown => {
  if (typeof value !== 'string') return isObject(value) || Array.isArray(value) ? structuredClone(value) : value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};
