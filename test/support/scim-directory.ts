import { EventEmitter, once } from 'node:events';
import express, { type Request, type RequestHandler, type Response } from 'express';
import {
  createScimDirectory,
  type DirectoryControls,
  type ScimDirectoryOptions,
  serve,
} from '../../src/playground/directory/scim-directory.ts';

/** What goes wrong with one request. It answers itself, or calls `pass` to let the directory answer. */
export type Fault = (request: Request, response: Response, pass: () => void) => void;

export interface FaultyDirectory extends DirectoryControls {
  url: string;
  token: string;
  /** `GET /Groups`, `PATCH /Groups/<id>`, …, of every request so far, in order. */
  requests: string[];
  /** Requests that have no whole answer yet. */
  pending(): number;
  /** Settles when there are none. */
  settled(): Promise<void>;
  /** Sends every request through a fault while the work is done. */
  withFault<T>(fault: Fault, work: () => Promise<T>): Promise<T>;
  setFault(fault: Fault | undefined): void;
  stop(): Promise<void>;
}

/** The playground's real SCIM server, with a place in front of it where things go wrong when told to. */
export async function startFaultyDirectory(options: Partial<ScimDirectoryOptions> = {}): Promise<FaultyDirectory> {
  const token = options.token ?? 'scim-token-of-the-tests';
  const directory = createScimDirectory({ groups: {}, users: [], ...options, token });
  const requests: string[] = [];
  const events = new EventEmitter();
  let pending = 0;
  let fault: Fault | undefined;

  const count: RequestHandler = (request, response, next) => {
    requests.push(`${request.method} ${request.path.replace('/scim/v2', '')}`);
    pending++;
    response.once('close', () => {
      pending--;
      events.emit('answered');
    });
    next();
  };
  const app = express();
  app.use(count, express.json({ type: ['application/scim+json', 'application/json'] }), (request, response, next) =>
    fault ? fault(request, response, next) : next(),
  );
  app.use(directory.app);
  const { port, stop } = await serve(app);
  return {
    ...directory.controls,
    url: `http://127.0.0.1:${port}/scim/v2`,
    token,
    requests,
    pending: () => pending,
    async settled() {
      while (pending > 0) await once(events, 'answered');
    },
    async withFault(during, work) {
      fault = during;
      try {
        return await work();
      } finally {
        fault = undefined;
      }
    },
    setFault(next) {
      fault = next;
    },
    stop,
  };
}

/** Only requests of these methods are met by the fault. */
export const on =
  (methods: readonly string[], fault: Fault): Fault =>
  (request, response, pass) =>
    methods.includes(request.method) ? fault(request, response, pass) : pass();

/** Answers with a status, and a SCIM error that repeats the token, as a debugging server might. */
export const answer =
  (status: number, headers: Record<string, string> = {}, scimType?: string): Fault =>
  (request, response) => {
    response.status(status).set(headers).type('application/scim+json');
    response.send({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      detail: `You sent ${request.header('authorization')}`,
      ...(scimType === undefined ? {} : { scimType }),
    });
  };

/** Answers 200 with exactly these bytes. */
export const answerWith =
  (body: string | Buffer, type = 'application/scim+json'): Fault =>
  (_request, response) =>
    void response.status(200).type(type).send(body);

/** Takes PATCH with a bare path only, as some directories do. */
export const refuseFilterPath =
  (status = 400, scimType = 'invalidPath'): Fault =>
  (request, response, pass) =>
    operationOf(request)?.path?.includes('[') ? answer(status, {}, scimType)(request, response, pass) : pass();

export function operationOf(request: Request): { op: string; path?: string; value?: unknown } | undefined {
  const body = request.body as { Operations?: { op: string; path?: string; value?: unknown }[] } | undefined;
  return request.method === 'PATCH' ? body?.Operations?.[0] : undefined;
}

/** Changes what the directory answers to GET before it is sent. */
export const rewrite =
  (edit: (body: Record<string, unknown>, response: Response) => unknown): Fault =>
  (request, response, pass) => {
    if (request.method === 'GET') {
      const send = response.send.bind(response);
      response.send = (body: unknown) => {
        response.send = send;
        return send(edit(JSON.parse(typeof body === 'string' ? body : JSON.stringify(body)), response));
      };
    }
    pass();
  };

export interface Hold {
  fault: Fault;
  /** The first request has come. */
  reached: Promise<void>;
  /** Lets the held requests go on, except those whose caller has hung up. */
  letGo(): void;
}

/** Neither answers nor works on requests of these methods until told to. */
export function hold(methods: readonly string[]): Hold {
  const held: (() => void)[] = [];
  let arrived = () => {};
  const reached = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  return {
    fault: on(methods, (_request, response, pass) => {
      held.push(() => response.destroyed || pass());
      arrived();
    }),
    reached,
    letGo: () => {
      for (const go of held.splice(0)) go();
    },
  };
}
