/** The server could not listen. `code` is the system's (`EADDRINUSE`); the message says what to do. */
export class HttpStartError extends Error {
  override readonly name = 'HttpStartError';
  readonly code: string;

  constructor(code: string, message: string, options: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function startError(error: NodeJS.ErrnoException, port: number, host: string): HttpStartError {
  const code = error.code ?? 'UNKNOWN';
  return new HttpStartError(code, sentence(code, error.message, port, host), { cause: error });
}

function sentence(code: string, message: string, port: number, host: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another program. Stop that one, or choose another port: PORT=${port === 65_535 ? 3001 : port + 1} npm start`;
    case 'EACCES':
      return `Port ${port} may not be used by this user: ports below 1024 usually need privileges. Choose another one, for example PORT=3000.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST is ${host}, which is not an address of this machine. Use 127.0.0.1 (this machine only) or 0.0.0.0 (every network).`;
    default:
      return `The HTTP server could not listen on ${host} port ${port}: ${message}`;
  }
}
