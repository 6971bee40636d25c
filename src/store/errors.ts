import { StaleWrite, StoreUnavailable } from '../app/ports/store.ts';

/** What a database error means to the store. `undefined`: nothing it knows, so it is handed on as it is. */
export type Meaning = 'stale' | StoreUnavailable['code'] | undefined;

export type Provider = 'sqlite' | 'postgres';

/** The parts of a driver's error that survive Prisma: its own code, or the kind Prisma made of it. */
interface Trace {
  codes: Set<string>;
  kinds: Set<string>;
  text: string;
}

const SQLITE: Readonly<Record<number, Meaning>> = {
  5: 'locked', // SQLITE_BUSY
  6: 'locked', // SQLITE_LOCKED
  8: 'read-only', // SQLITE_READONLY
  10: 'gone', // SQLITE_IOERR
  11: 'gone', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'gone', // SQLITE_CANTOPEN
  26: 'gone', // SQLITE_NOTADB
};

const POSTGRES: Readonly<Record<string, Meaning>> = {
  '23505': 'stale', // unique_violation
  '40001': 'stale', // serialization_failure
  '40P01': 'stale', // deadlock_detected
  '55P03': 'locked', // lock_not_available
  '53100': 'full', // disk_full
  '25006': 'read-only', // read_only_sql_transaction
  '53300': 'gone', // too_many_connections
  '57P01': 'gone', // admin_shutdown
  '57P02': 'gone', // crash_shutdown
  '57P03': 'gone', // cannot_connect_now
  '57P05': 'gone', // idle_session_timeout
  '25P03': 'gone', // idle_in_transaction_session_timeout
  '28000': 'gone',
  '28P01': 'gone',
  '3D000': 'gone',
};

const KINDS: Readonly<Record<string, Meaning>> = {
  UniqueConstraintViolation: 'stale',
  TransactionWriteConflict: 'stale',
  DatabaseNotReachable: 'gone',
  DatabaseDoesNotExist: 'gone',
  DatabaseAccessDenied: 'gone',
  AuthenticationFailed: 'gone',
  ConnectionClosed: 'gone',
  SocketTimeout: 'gone',
  TlsConnectionError: 'gone',
  TooManyConnections: 'gone',
};

const PRISMA: Readonly<Record<string, Meaning>> = {
  P2002: 'stale',
  P2034: 'stale',
  P1000: 'gone',
  P1001: 'gone',
  P1002: 'gone',
  P1003: 'gone',
  P1008: 'gone',
  P1010: 'gone',
  P1011: 'gone',
  P1017: 'gone',
  P2024: 'gone',
  P2028: 'gone', // the interactive transaction ran out of time or lost its connection
  P2037: 'gone',
};

const SOCKETS = /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** What pg says in plain `Error`s without a code: there is nothing but the text to go by. */
const PG_SENTENCES =
  /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout|Cannot use a pool after|Connection ended|Client was closed/i;

/** What an error of the database, Prisma or the driver means; looks through every `cause`. */
export function meaningOf(error: unknown, provider: Provider): Meaning {
  if (error instanceof StaleWrite) return 'stale';
  if (error instanceof StoreUnavailable) return error.code;
  const { codes, kinds, text } = trace(error);
  for (const code of codes) {
    if (provider === 'sqlite' && /^\d+$/.test(code)) {
      const number = Number(code);
      if (number === 1555 || number === 2067) return 'stale'; // primary key, unique index
      if (SQLITE[number & 0xff]) return SQLITE[number & 0xff];
    }
    if (provider === 'postgres') {
      if (POSTGRES[code]) return POSTGRES[code];
      if (/^08\w{3}$/.test(code) || SOCKETS.test(code)) return 'gone'; // connection_exception
    }
  }
  for (const kind of kinds)
    if (KINDS[kind]) return kind === 'SocketTimeout' && provider === 'sqlite' ? 'locked' : KINDS[kind];
  for (const code of codes) if (PRISMA[code]) return PRISMA[code];
  return provider === 'postgres' && PG_SENTENCES.test(text) ? 'gone' : undefined;
}

function trace(error: unknown): Trace {
  const found: Trace = { codes: new Set(), kinds: new Set(), text: '' };
  const seen = new Set<unknown>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    const part = value as Record<string, unknown>;
    for (const name of ['originalCode', 'extendedCode', 'rawCode', 'code']) {
      const code = part[name];
      if (typeof code === 'string' || typeof code === 'number') found.codes.add(String(code));
    }
    if (typeof part.kind === 'string') found.kinds.add(part.kind);
    for (const name of ['message', 'originalMessage'])
      if (typeof part[name] === 'string') found.text += `${part[name]}\n`;
    look(part.cause);
    look(part.driverAdapterError);
    look(part.meta);
    if (Array.isArray(part.errors)) part.errors.forEach(look);
  };
  look(error);
  return found;
}

const SENTENCES: Readonly<Record<StoreUnavailable['code'], string>> = {
  locked: 'The database is locked by another process for too long.',
  full: 'The database cannot grow: its disk or its size limit is full.',
  'read-only': 'The database can be read but not written.',
  gone: 'The database cannot be reached.',
};

/**
 * The error for callers: `StoreUnavailable`, `StaleWrite`, or the error itself when its meaning is unknown.
 * NB. the driver's words are kept as the cause without its fields, which may hold the address and its password.
 */
export function forCallers(error: unknown, provider: Provider): unknown {
  if (error instanceof StoreUnavailable || error instanceof StaleWrite) return error;
  const meaning = meaningOf(error, provider);
  if (meaning === undefined) return error;
  const cause = new Error(withoutPasswords(error instanceof Error ? error.message : String(error)));
  if (meaning === 'stale') return new StaleWrite('A row changed or appeared between reading and writing.', { cause });
  return new StoreUnavailable(meaning, SENTENCES[meaning], { cause });
}

/** Removes the password of every address in a text. */
export const withoutPasswords = (text: string): string => text.replace(/(\w+:\/\/[^\s:/@]+):[^\s@]*@/g, '$1:***@');
