import { ProviderError } from '../app/ports/provider.ts';

/** The system's words for a connection that never came about: nothing was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * The code of what was thrown: an SQLSTATE (`42501`) or the system's word (`ECONNREFUSED`), looked for in the error, in
 * what caused it, and in the tries of a connection to several addresses. NB. Only the code: messages quote what was sent.
 */
export function codeOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (typeof code === 'string' && /^[0-9A-Z_]{3,60}$/.test(code)) return code;
  return codeOf(cause, depth + 1) ?? (Array.isArray(errors) ? codeOf(errors[0], depth + 1) : undefined);
}

/**
 * The error of a target that cannot be reached. NB. `unanswered` when something may have been sent: then the call can
 * still land, even later, and the engine looks again before it says that a permission is gone.
 */
export function lostConnection(target: string, code: string | undefined, sent: boolean): ProviderError {
  const shown = code ? ` (${code})` : '';
  return sent && !NOT_SENT.has(code ?? '')
    ? new ProviderError('retry', 'unanswered', `The connection to ${target} broke before it answered${shown}.`)
    : new ProviderError('retry', 'unreachable', `${target} cannot be reached${shown}.`);
}
