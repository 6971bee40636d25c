import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTVerifyGetKey, SignJWT } from 'jose';

/** What a token says, beside the times and the number of the token itself. */
export interface TokenOf {
  issuer: string;
  subject: string;
  audience: string;
  claims: Readonly<Record<string, string>>;
}

/** Stands for every OpenID provider that the policies name. */
export interface PlaygroundIssuer {
  /** Where the product finds the keys of its issuers, in place of the providers' own addresses. */
  keys: {
    of(issuer: string): Promise<JWTVerifyGetKey>;
    anew(issuer: string): Promise<JWTVerifyGetKey | undefined>;
  };
  token(of: TokenOf): Promise<string>;
}

/** As long as GitHub's last. */
const LIFETIME_S = 300;

/**
 * NB. whoever has its key is whatever pipeline they like. The key is made at every start, never leaves this process, and is
 * believed by a product that runs the playground and nothing else; no provider is asked for its real keys then.
 */
export async function playgroundIssuer(now: () => number): Promise<PlaygroundIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const kid = randomUUID();
  const known = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] });
  return {
    keys: { of: async () => known, anew: async () => undefined },
    token({ issuer, subject, audience, claims }) {
      const seconds = Math.floor(now() / 1000);
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + LIFETIME_S)
        .setJti(randomUUID())
        .sign(privateKey);
    },
  };
}
