import { ProviderError } from '../../app/ports/provider.ts';
import { codeOf, lostConnection } from '../lost-connection.ts';

/** SQLSTATE or class → what it means here. Anything else is worth another try. */
const GIVE_UP: Readonly<Record<string, readonly [code: string, sentence: string]>> = {
  '42501': [
    'not-permitted',
    'did not permit it: the role Latchkey logs in with needs the ADMIN option on the role it gives',
  ],
  '28000': ['login-refused', 'refused the login: check its url setting and pg_hba.conf'],
  '28P01': ['login-refused', 'refused the login: check the password in its url setting'],
  '3D000': ['no-such-database', 'has no database of the name in its url setting'],
  '0LP01': [
    'circular-membership',
    'refused it: the role is itself a member of the account, so the membership would be a circle',
  ],
  '2BP01': [
    'dependent-grants',
    'refused it: with this membership the account gave the role on to others, and taking it would take theirs; revoke those first',
  ],
};

/**
 * Turns what the driver threw into the contract's error. `sent`: a statement may have been sent by then.
 * NB. Nothing of the original text is kept: it can hold the url.
 */
export function toProviderError(error: unknown, target: string, sent: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  const code = codeOf(error) ?? '';
  const known = GIVE_UP[code];
  if (known) return new ProviderError('give-up', known[0], `${target} ${known[1]} (SQLSTATE ${code}).`);
  if (code === '25006') {
    return new ProviderError(
      'retry',
      'read-only',
      `${target} takes no changes now: it is a standby, or read-only (SQLSTATE ${code}).`,
    );
  }
  if (code === '57014')
    return new ProviderError('retry', 'deadline', `${target} did not finish in time; the call was stopped.`);
  if (code.startsWith('53'))
    return new ProviderError('retry', 'busy', `${target} has too much to do (SQLSTATE ${code}).`);
  if (/^(08|57P)/.test(code) || !isSqlState(code)) {
    return lostConnection(target, code, sent);
  }
  return new ProviderError('retry', 'failed', `${target} could not do it this time (SQLSTATE ${code}).`);
}

const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E');
