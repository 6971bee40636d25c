import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
type Answer = (req: IncomingMessage, res: ServerResponse) => void;

export interface Signing {
  alg?: string;
  kid?: string;
  typ?: string;
  key?: KeyPair['privateKey'] | Uint8Array;
}

/** An OpenID provider as far as tokens need one: a description, keys, and whatever else a test makes of its answers. */
export class TokenIssuer {
  readonly #server = createServer((req, res) => {
    const path = req.url ?? '';
    this.asked.push(path);
    const answer = this.answers.get(path);
    if (answer) answer(req, res);
    else res.writeHead(404).end();
  });
  /** Paths, in the order in which they were asked for. */
  readonly asked: string[] = [];
  readonly answers = new Map<string, Answer>();
  keys: JWK[] = [];
  readonly #pairs = new Map<string, KeyPair>();
  url = '';

  static async start(): Promise<TokenIssuer> {
    const issuer = new TokenIssuer();
    issuer.#server.listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    issuer.url = `http://127.0.0.1:${(issuer.#server.address() as AddressInfo).port}`;
    await issuer.publish('first');
    issuer.json('/.well-known/openid-configuration', () => ({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }));
    issuer.json('/keys', () => ({ keys: issuer.keys }));
    return issuer;
  }

  json(path: string, body: () => unknown): void {
    this.answers.set(path, (_, res) =>
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body())),
    );
  }

  /** A new key, which it signs with under this id and publishes. */
  async publish(kid: string, alg = 'ES256'): Promise<void> {
    const pair = await generateKeyPair(alg, { extractable: true });
    this.#pairs.set(kid, pair);
    this.keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' });
  }

  /** A token for `latchkey` that is good for five minutes from `now`, but for what is said otherwise. */
  async sign(
    now: Date,
    claims: Readonly<Record<string, unknown>> = {},
    { alg = 'ES256', kid = 'first', typ, key }: Signing = {},
  ): Promise<string> {
    const at = Math.floor(now.getTime() / 1000);
    const payload = {
      iss: this.url,
      aud: 'latchkey',
      sub: 'repo:acme/api:ref:refs/heads/main',
      iat: at,
      exp: at + 300,
      ...claims,
    };
    const signingKey = key ?? this.#pairs.get(kid)?.privateKey;
    if (!signingKey) throw new Error(`there is no key ${kid}`);
    return new SignJWT(payload as JWTPayload)
      .setProtectedHeader({ alg, kid, ...(typ === undefined ? {} : { typ }) })
      .sign(signingKey);
  }

  stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    return closed;
  }
}
