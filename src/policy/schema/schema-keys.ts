/** As much of a zod schema as is needed to find the keys it knows. A schema of another make has none to suggest. */
interface Def {
  type?: string;
  innerType?: unknown;
  in?: unknown;
  element?: unknown;
  valueType?: unknown;
  shape?: Record<string, unknown>;
  options?: readonly unknown[];
  catchall?: unknown;
}

const defOf = (schema: unknown): Def | undefined => (schema as { def?: Def } | undefined)?.def;

/** Takes off what does not change the shape: optional, default, transform. */
function bare(schema: unknown): unknown {
  let current = schema;
  for (;;) {
    const def = defOf(current);
    const inner = def?.innerType ?? (def?.type === 'pipe' ? def.in : undefined);
    if (inner === undefined) return current;
    current = inner;
  }
}

/** The keys that the mapping at `path` may have, in the order of the schema; none when that cannot be told. */
export const keysAt = (schema: unknown, path: readonly PropertyKey[]): string[] =>
  Object.keys(defOf(schemaAt(schema, path))?.shape ?? {});

/** Whether another key than those is an issue of this schema. */
export const isStrictAt = (schema: unknown, path: readonly PropertyKey[]): boolean =>
  defOf(defOf(schemaAt(schema, path))?.catchall)?.type === 'never';

function schemaAt(schema: unknown, path: readonly PropertyKey[]): unknown {
  let current = bare(schema);
  for (const part of path) {
    const def = defOf(current);
    const next = def?.type === 'object' ? def.shape?.[String(part)] : (def?.element ?? def?.valueType);
    current = bare(next);
  }
  return current;
}
