/**
 * Who asks for an action: no person of the directory, but a pipeline or an agent. Known by a token that its OpenID provider
 * signed, or by an API key.
 */
export type CallerRef =
  | {
      kind: 'oidc';
      /** As the token's `iss` has it. */
      issuer: string;
      /** As the token's `sub` has it. */
      subject: string;
      /** What else the token says, texts, numbers and truth values as text, lists of them as lists. */
      claims: Readonly<Record<string, string | readonly string[]>>;
    }
  | { kind: 'api-key'; name: string };

/**
 * The caller's name in events, votes' sight and rows, in the place where a person's e-mail stands. NB. no e-mail has a colon
 * before its `@`, so no caller can be taken for a person, nor a person for a caller.
 */
export const callerName = (caller: CallerRef): string =>
  caller.kind === 'oidc' ? `oidc:${caller.issuer}#${caller.subject}` : `api-key:${caller.name}`;

type NamedCaller = Extract<CallerRef, { kind: 'api-key' }> | Omit<Extract<CallerRef, { kind: 'oidc' }>, 'claims'>;

/** Whose name it is: the other way round, but for the claims, which a name does not have. Undefined: no caller's. */
export function callerNamed(name: string): NamedCaller | undefined {
  const [, kind, rest = ''] = /^(api-key|oidc):(.+)$/s.exec(name) ?? [];
  if (kind === 'api-key') return { kind, name: rest };
  // No issuer has a `#`; a subject may have more of them.
  const [, issuer, subject] = /^([^#]+)#(.+)$/s.exec(rest) ?? [];
  if (kind !== 'oidc' || issuer === undefined || subject === undefined) return undefined;
  return { kind, issuer, subject };
}
