import type { CallerConfig } from '../../caller-config.ts';
import { causeOf } from './cause.ts';

/** A token that ends sooner is not sent any more: it might not arrive in time. */
const SPARE_MS = 60_000;
const TIMEOUT_MS = 30_000;

/** The credential for the next call. @throws TokenRefused, TokenNotNow */
export type TokenSource = () => Promise<string>;

/** GitHub gives this job no token, and will not later. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

/** GitHub gives no token now: it cannot be reached, or it failed. */
export class TokenNotNow extends Error {
  override readonly name = 'TokenNotNow';
  constructor(why: string, options?: ErrorOptions) {
    super(`GitHub gives no ID token now (${why})`, options);
  }
}

/** What was given, as it is; in GitHub Actions an ID token of the job, a new one whenever the last is about to end. */
export function tokenSource({ credential, audience }: Pick<CallerConfig, 'credential' | 'audience'>): TokenSource {
  if (credential.kind === 'given') return async () => credential.token.reveal();
  let last: { token: string; endsAt: number } | undefined;
  return async () => {
    if (last && Date.now() < last.endsAt - SPARE_MS) return last.token;
    const url = new URL(credential.url);
    url.searchParams.set('audience', audience);
    const reply = await fetch(url, {
      headers: {
        authorization: `Bearer ${credential.token.reveal()}`,
        accept: 'application/json',
        connection: 'close',
      },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(notNow);
    if (reply.status < 200 || reply.status >= 500) throw new TokenNotNow(`HTTP ${reply.status}`);
    const said: unknown = reply.ok ? await reply.json().catch(notNow) : undefined;
    const { value } = (said ?? {}) as { value?: unknown };
    if (typeof value !== 'string') throw new TokenRefused(`GitHub answered ${reply.status}, and gave no ID token.`);
    last = { token: value, endsAt: endOf(value) };
    return value;
  };
}

function notNow(cause: unknown): never {
  throw new TokenNotNow(causeOf(cause), { cause });
}

/** When a token ends; one that does not say is taken to be good for this call alone. */
function endOf(token: string): number {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1_000 : 0;
  } catch {
    return 0;
  }
}
