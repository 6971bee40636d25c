import { format } from 'node:util';
import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
  pino,
  stdTimeFunctions,
} from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from './config.ts';
import { redact, redactText, redactTokens } from './redact.ts';

export interface LoggerOptions {
  level: LogLevel;
  /** Where the lines go, as JSON. Absent: standard output, drawn for people when that is a terminal. */
  destination?: DestinationStream;
}

/**
 * One JSON object a line. NB. Tokens, signatures, passwords, response URLs and reasons never appear: every argument and
 * every binding is copied and cleaned before pino sees it, and the finished line is searched for tokens once more.
 */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  const logger = pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      // The copy of an error is complete: pino's own serializer would look into it as if it were the error.
      serializers: { err: (copy: unknown) => copy },
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method) {
          method.apply(this, cleaned(args) as typeof args);
        },
        streamWrite: redactTokens,
      },
    },
    destination ?? (process.stdout.isTTY ? pretty({ sync: true }) : pino.destination({ fd: 1, sync: true })),
  );
  cleanBindings(logger);
  return logger;
}

/** pino drops its `bindings` formatter in child loggers. They inherit these two methods, so they are all covered. */
function cleanBindings(logger: Logger): void {
  const child: (bindings: Bindings, options?: ChildLoggerOptions) => Logger = logger.child;
  const { setBindings } = logger;
  Object.assign(logger, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): Logger {
      return child.call(this, redact(bindings) as Bindings, options);
    },
    setBindings(this: Logger, bindings: Bindings): void {
      setBindings.call(this, redact(bindings) as Bindings);
    },
  });
}

/** `(object, message?, …values)` or `(message, …values)`, made into at most one clean object and one clean message. */
function cleaned(args: readonly unknown[]): unknown[] {
  const [first, ...rest] = args;
  if (typeof first === 'string') return [message(args)];
  const clean = redact(first);
  if (first instanceof Error) return [{ err: clean }, rest.length > 0 ? message(rest) : messageOf(clean)];
  const object = typeof clean === 'object' || clean === undefined ? clean : { value: clean };
  return rest.length > 0 ? [object, message(rest)] : [object];
}

const messageOf = (clean: unknown): string =>
  typeof clean === 'object' && clean !== null && 'message' in clean ? String(clean.message) : String(clean);

/** Values are formatted before they are cleaned, so that `reason: %s` hides the reason. */
const message = (parts: readonly unknown[]): string =>
  redactText(format(...parts.map((part) => (typeof part === 'string' ? part : redact(part)))));
