import type { IncomingMessage } from 'node:http';

const LOCAL = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Why a request may not reach the playground, or undefined when it may. In the playground anybody may act as anybody.
 * NB. It listens on loopback, but a web page that the same person has open can reach that too: through a name of its
 * own that resolves to 127.0.0.1 (then `Host` is that name), or by sending a form across origins (then `Origin` is its).
 */
export function notLocal(req: IncomingMessage): string | undefined {
  const { host, origin } = req.headers;
  if (host === undefined || !LOCAL.test(host))
    return 'The playground answers only to this machine: open it as http://localhost:3000/ (or the port you chose).';
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return 'The playground answers only to its own pages.';
  const site = req.headers['sec-fetch-site'];
  if (site === 'cross-site' && req.headers['sec-fetch-mode'] !== 'navigate')
    return 'The playground answers only to its own pages.';
  return undefined;
}
