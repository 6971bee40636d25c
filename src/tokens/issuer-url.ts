const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether keys may be read from there. NB. over plain HTTP anybody on the way could put in keys of their own. */
function mayBeRead(url: URL, from?: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  // A provider out there must not send us to this machine's own servers.
  return url.protocol === 'http:' && LOOPBACK.has(url.hostname) && (from === undefined || from.protocol === 'http:');
}

/** Where an issuer describes itself (OpenID Connect Discovery 1.0, section 4). */
export function discoveryUrl(issuer: string): URL {
  const url = URL.canParse(issuer)
    ? new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
    : undefined;
  if (url === undefined || url.search !== '' || url.hash !== '' || !mayBeRead(url))
    throw new Error('the issuer is no https:// address');
  return url;
}

/** Where a description says that the keys are. @throws Error when it is not the issuer's own, or names no place to read from. */
export function keysUrl(description: unknown, issuer: string): URL {
  const { issuer: named, jwks_uri: uri } = (description ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  // NB. to the letter: who can answer for one address must not do so for another issuer's.
  if (named !== issuer) throw new Error('its description is that of another issuer');
  const url = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || !mayBeRead(url, new URL(issuer)))
    throw new Error('its description names no https:// address of keys');
  return url;
}
