import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A load balancer: each request to the next one, and to another when nobody is there. It repeats nothing it has sent. */
export class RoundRobin {
  #targets: string[] = [];
  #turn = 0;
  readonly #server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const attempt = (left: number): void => {
        const target = this.#targets[this.#turn++ % this.#targets.length];
        if (target === undefined || left === 0) return void outgoing.writeHead(502).end();
        const { method, url = '/', headers } = incoming;
        const forward = request(new URL(url, target), { method, headers, agent: false }, (reply) => {
          outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
          reply.pipe(outgoing).on('error', () => outgoing.destroy());
          reply.on('error', () => outgoing.destroy());
        });
        forward.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'ECONNREFUSED') attempt(left - 1);
          else if (!outgoing.headersSent) outgoing.writeHead(502).end();
          else outgoing.destroy();
        });
        forward.end(Buffer.concat(chunks));
      };
      attempt(this.#targets.length);
    });
  });

  /** Where it listens. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The addresses behind it from now on. */
  use(targets: readonly string[]): void {
    this.#targets = [...targets];
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
