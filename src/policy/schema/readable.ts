import type { z } from 'zod';
import { misspeltKeys } from '../misspelt.ts';
import type { Schema, SchemaIssue } from '../provider-schemas.ts';
import { UNREAD, type Unread } from '../unread.ts';
import { isMapping } from '../yaml/plain.ts';

/**
 * What of a value a schema can read: mappings and lists part by part, everything else whole or not at all. A part that is
 * not written and need not be is what it is without (`undefined`, or its default); one that should be there is unread.
 */
export type Readable<S> =
  S extends z.ZodObject<infer Shape>
    ? { readonly [K in keyof Shape]: Readable<Shape[K]> } | Unread
    : S extends z.ZodArray<infer Element>
      ? readonly Readable<Element>[] | Unread
      : S extends z.ZodRecord<infer _Key, infer Value>
        ? Readonly<Record<string, Readable<Value>>> | Unread
        : S extends z.ZodOptional<infer Inner>
          ? Readable<Inner> | undefined
          : S extends z.ZodDefault<infer Inner>
            ? Readable<Inner>
            : z.output<S> | Unread;

/** The same where the mapping, list or text itself can be read. */
export type Read<S> = Exclude<Readable<S>, Unread | undefined>;

export type Checked<S extends z.ZodType> =
  | { sound: true; data: z.output<S>; parts: Readable<S> }
  | { sound: false; issues: readonly SchemaIssue[]; parts: Readable<S> };

/** Reads a value, or says all that is wrong with it and what can be read all the same. */
export function readWith<S extends z.ZodType>(schema: S, value: unknown): Checked<S> {
  const parsed = schema.safeParse(value);
  // Whatever is sound is readable through and through.
  if (parsed.success) return { sound: true, data: parsed.data, parts: parsed.data as Readable<S> };
  return { sound: false, issues: parsed.error.issues, parts: readable(schema, value) };
}

/** As much of a zod schema as is needed to go down it with a value. */
interface Def {
  type: string;
  shape?: Record<string, unknown>;
  element?: unknown;
  valueType?: unknown;
  innerType?: unknown;
}

/** What of a value a schema can read. Each part is read by its own schema, by the same rules as the whole. */
export function readable<S>(schema: S, value: unknown): Readable<S> {
  return partOf(schema, value) as Readable<S>;
}

function partOf(schema: unknown, value: unknown): unknown {
  const { def } = schema as { def: Def };
  switch (def.type) {
    case 'object':
      return isMapping(value) ? objectParts(def.shape ?? {}, value) : UNREAD;
    case 'array':
      return Array.isArray(value) ? value.map((entry) => partOf(def.element, entry)) : UNREAD;
    case 'record':
      return isMapping(value) ? recordParts(def.valueType, value) : UNREAD;
    case 'optional':
    case 'default':
      return value === undefined ? leaf(schema, value) : partOf(def.innerType, value);
    default:
      return leaf(schema, value);
  }
}

function objectParts(shape: Record<string, unknown>, value: Record<string, unknown>): Record<string, unknown> {
  const known = Object.keys(shape);
  const misspelt = misspeltKeys(Object.keys(value), known);
  return Object.fromEntries(
    known.map((key) => {
      const written = Object.hasOwn(value, key);
      if (!written && misspelt.has(key)) return [key, UNREAD];
      return [key, partOf(shape[key], written ? value[key] : undefined)];
    }),
  );
}

/** NB. no prototype: a key may be called `constructor`. */
function recordParts(valueType: unknown, value: Record<string, unknown>): Record<string, unknown> {
  const parts: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) parts[key] = partOf(valueType, inner);
  return parts;
}

function leaf(schema: unknown, value: unknown): unknown {
  const parsed = (schema as Schema<unknown>).safeParse(value);
  return parsed.success ? parsed.data : UNREAD;
}
