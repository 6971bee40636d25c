import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `before`: the call never arrives. `after`: it is done, and its answer is lost. */
type Lost = 'before' | 'after' | undefined;

/** What stands between a caller and the product, and loses calls and answers. */
export class LosingProxy {
  readonly #target: string;
  /** Asked for each call. */
  lose: (call: IncomingMessage) => Lost = () => undefined;
  /** Calls as they came, `POST /path`. */
  readonly calls: string[] = [];
  url = '';

  readonly #server: Server = createServer((incoming, outgoing) => {
    const { method, url = '/', headers } = incoming;
    this.calls.push(`${method} ${url}`);
    const lost = this.lose(incoming);
    if (lost === 'before') return void incoming.destroy();
    const forward = request(new URL(url, this.#target), { method, headers, agent: false }, (reply) => {
      if (lost === 'after') return void reply.resume().on('end', () => outgoing.destroy());
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    forward.on('error', () => outgoing.destroy());
    incoming.pipe(forward);
  });

  private constructor(target: string) {
    this.#target = target;
  }

  static async before(target: string): Promise<LosingProxy> {
    const proxy = new LosingProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.url = `http://127.0.0.1:${(proxy.#server.address() as AddressInfo).port}`;
    return proxy;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
