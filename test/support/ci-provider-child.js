/**
 * A process of its own: a certified OpenID provider that signs ID tokens for the jobs of a CI, by a grant of its own, and the
 * address at which a job of GitHub asks for its token.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const GRANT = 'urn:example:ci-job';
/** An ID token is for the client that it was issued to: that is the audience. */
const CLIENT = { id: 'latchkey', secret: 'the-secret-of-the-tests' };
const BASIC = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const provider = new Provider(url, {
  clients: [
    { client_id: CLIENT.id, client_secret: CLIENT.secret, grant_types: [GRANT], response_types: [], redirect_uris: [] },
  ],
  claims: { openid: ['sub'] },
  cookies: { keys: ['a-key-for-no-cookies'] },
  jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'ci-1', alg: 'RS256', use: 'sig' }] },
  features: { devInteractions: { enabled: false } },
  ttl: { IdToken: 300 },
});
provider.registerGrantType(
  GRANT,
  async (ctx) => {
    const { sub, ...claims } = JSON.parse(ctx.oidc.params.job);
    const token = new provider.IdToken({ sub }, { ctx });
    token.scope = 'openid';
    for (const [name, value] of Object.entries(claims)) token.set(name, value);
    ctx.body = { token_type: 'Bearer', id_token: await token.issue({ use: 'idtoken' }) };
  },
  ['job'],
);
provider.on('server_error', (_, error) => process.stderr.write(`${error.stack}\n`));

/** The request's token stands for the job, and holds what is to be said of it. */
const idToken = async (/** @type {string} */ requestToken) => {
  const job = Buffer.from(requestToken, 'base64url').toString();
  const reply = await fetch(`${url}/token`, {
    method: 'POST',
    headers: { connection: 'close', authorization: BASIC },
    body: new URLSearchParams({ grant_type: GRANT, job }),
  });
  return (await reply.json()).id_token;
};
const answer = provider.callback();
server.on('request', async (req, res) => {
  const asked = new URL(req.url ?? '/', url);
  if (asked.pathname !== '/github/token') return answer(req, res);
  const right = asked.searchParams.get('audience') === CLIENT.id;
  const value = right ? await idToken(req.headers.authorization?.slice('Bearer '.length) ?? '') : undefined;
  res.writeHead(right ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
});

process.send?.({ url });
