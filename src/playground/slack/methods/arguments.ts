import { SlackError } from '../errors.ts';

/** The arguments of one call: text when form-encoded, anything when JSON. */
export class Arguments {
  readonly raw: Readonly<Record<string, unknown>>;

  constructor(raw: Record<string, unknown>) {
    this.raw = raw;
  }

  text(name: string): string | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null || value === '') return undefined;
    return typeof value === 'string' ? value : String(value);
  }

  /** Throws `invalid_arguments` naming what is missing. */
  needed(name: string): string {
    const value = this.text(name);
    if (value !== undefined) return value;
    throw new SlackError('invalid_arguments', {
      response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
    });
  }

  /** `true` and `1` are yes. */
  flag(name: string): boolean | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : value === 'true' || value === '1';
  }

  /** A whole number from 1; `fallback` when absent, at most `max`. Throws `invalid_limit`. */
  limit(fallback: number, max: number): number {
    const value = this.text('limit');
    if (value === undefined) return fallback;
    const number = Number(value);
    if (!Number.isInteger(number) || number < 1 || number > max) throw new SlackError('invalid_limit');
    return number;
  }

  /** JSON written as text, or already JSON. Throws `otherwise` when it cannot be read. */
  json(name: string, otherwise: string): unknown {
    const value = this.raw[name];
    if (typeof value !== 'string') return value ?? undefined;
    if (value === '') return undefined;
    try {
      return JSON.parse(value);
    } catch {
      throw new SlackError(otherwise);
    }
  }

  /** One page of `all`, and where the next one starts. Throws `invalid_cursor`. */
  page<T>(all: readonly T[], fallback: number, max: number): { page: T[]; next_cursor: string } {
    const cursor = this.text('cursor');
    const start =
      cursor === undefined
        ? 0
        : Number(
            Buffer.from(cursor, 'base64')
              .toString()
              .replace(/^from:/, ''),
          );
    if (!Number.isInteger(start) || start < 0) throw new SlackError('invalid_cursor');
    const end = start + this.limit(fallback, max);
    const next_cursor = end < all.length ? Buffer.from(`from:${end}`).toString('base64') : '';
    return { page: all.slice(start, end), next_cursor };
  }
}
