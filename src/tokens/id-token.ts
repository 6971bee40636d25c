import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../app/ports/clock.ts';
import type { Identified } from '../app/ports/credentials.ts';
import { epochMs } from '../domain/instant.ts';
import { claimsOf, isPlain } from './claims.ts';
import { type IssuerKeys, IssuerUnavailable } from './issuer-keys.ts';

/** Longer ones are not looked at. Those of pipelines have less than 3,000 characters. */
const LONGEST_TOKEN = 12_288;
/** OpenID Connect allows 255; some let people compose it, and go beyond. */
const LONGEST_SUBJECT = 512;
/** The clocks of two machines differ by this much at most. */
const TOLERANCE_S = 30;

/**
 * NB. with public keys only: by HS256 anybody who can read a provider's public key could sign with it as if it were a secret,
 * and `none` is signed by nobody.
 */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

export interface IdTokenOptions {
  /** What `aud` has to name: a token that was made for somebody else says nothing here. */
  audience: string;
  /** The issuers that the policies in force name. */
  issuers: () => ReadonlySet<string>;
  clock: Clock;
  keys: IssuerKeys;
}

/** Checks an ID token (OpenID Connect Core 1.0, section 3.1.3.7) and says who it is about. */
export async function checkIdToken(token: string, options: IdTokenOptions): Promise<Identified> {
  const issuer = issuerOf(token, options.issuers());
  if ('why' in issuer) return bad(issuer.why);
  try {
    return callerIn(await verified(token, issuer.url, options), issuer.url, options);
  } catch (error) {
    if (error instanceof IssuerUnavailable) {
      const { retryAfterMs } = error;
      const sentence = `Whether the token is good cannot be checked now: ${error.message}. Ask again in a while.`;
      return { ok: false, code: 'issuer-unavailable', sentence, retryAfterMs };
    }
    return bad(whyNot(error, options));
  }
}

/**
 * Whose token it claims to be. NB. before anything is read from anywhere: only who the policies name is ever asked for keys,
 * and nothing that a stranger writes makes us call an address of theirs.
 */
function issuerOf(token: string, issuers: ReadonlySet<string>): { url: string } | { why: string } {
  if (token.length > LONGEST_TOKEN) return { why: `The token is longer than ${LONGEST_TOKEN} characters.` };
  let iss: unknown;
  let head: { alg?: unknown; typ?: unknown };
  try {
    iss = decodeJwt(token).iss;
    head = decodeProtectedHeader(token);
  } catch {
    return { why: 'It is neither an API key (lk_…) nor an ID token: a JSON Web Token of three parts.' };
  }
  const { alg, typ } = head;
  // NB. providers sign other things for the same audience: who is logged out, what an access token may.
  if (typ !== undefined && (typeof typ !== 'string' || typ.toLowerCase() !== 'jwt'))
    return { why: 'It is another kind of token (`typ`), and no ID token.' };
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg))
    return { why: `The token must be signed with one of ${ALGORITHMS.join(', ')}.` };
  if (typeof iss !== 'string' || !issuers.has(iss))
    return {
      why: 'The token is of an issuer that no action names. Its `iss` must be what the policy says, to the letter.',
    };
  return { url: iss };
}

async function verified(token: string, issuer: string, { audience, clock, keys }: IdTokenOptions): Promise<JWTPayload> {
  const checks = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    requiredClaims: ['sub', 'exp'],
    clockTolerance: TOLERANCE_S,
    currentDate: new Date(epochMs(clock.now())),
  };
  try {
    return (await jwtVerify(token, await keys.of(issuer), checks)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    // Signed with a new key, or with one that nobody has.
    const newer = await keys.anew(issuer);
    if (newer === undefined) throw error;
    return (await jwtVerify(token, newer, checks)).payload;
  }
}

function callerIn(payload: JWTPayload, issuer: string, { clock }: IdTokenOptions): Identified {
  const { sub: subject, iat } = payload;
  if (typeof subject !== 'string' || subject === '' || subject.length > LONGEST_SUBJECT || !isPlain(subject))
    return bad(`The token's \`sub\` must be a text of 1 to ${LONGEST_SUBJECT} characters on one line.`);
  if (iat !== undefined && iat * 1000 > epochMs(clock.now()) + TOLERANCE_S * 1000)
    return bad('The token was issued in the future (`iat`): one of the two clocks is wrong.');
  const claims = claimsOf(payload);
  if (claims === undefined) return bad('The token says more than can be kept, or holds text with control characters.');
  return { ok: true, caller: { kind: 'oidc', issuer, subject, claims } };
}

const bad = (sentence: string): Identified => ({ ok: false, code: 'bad-token', sentence });

/** NB. of a token whose signature does not fit nothing else is looked at, so a forger learns nothing by it. */
function whyNot(error: unknown, { audience }: IdTokenOptions): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired (`exp`): get a new one.';
  if (error instanceof errors.JWKSNoMatchingKey)
    return 'The token is signed with a key that its issuer does not publish. If that is a new one, ask again in half a minute.';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud')
      return `The token is for another audience (\`aud\`): get one for ${JSON.stringify(audience)}, which LATCHKEY_AUDIENCE says here.`;
    if (error.claim === 'nbf') return 'The token is not valid yet (`nbf`).';
    return `The token's \`${error.claim}\` is missing or is not what it must be.`;
  }
  return "The token's signature is not its issuer's.";
}
