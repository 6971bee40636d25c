/** What the tests use of it; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Context {
    body: unknown;
    oidc: { params: { job: string } };
  }
  interface IdToken {
    scope: string;
    set(name: string, value: unknown): void;
    issue(options: { use: 'idtoken' }): Promise<string>;
  }
  export default class Provider {
    constructor(issuer: string, configuration: object);
    readonly IdToken: new (
      available: object,
      about: { ctx: Context },
    ) => IdToken;
    registerGrantType(name: string, handler: (ctx: Context) => Promise<void>, parameters: readonly string[]): void;
    on(event: 'server_error', listener: (ctx: Context, error: Error) => void): void;
    callback(): (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  }
}
