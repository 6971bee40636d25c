import type { SchemaIssue } from '../provider-schemas.ts';

/** Issues of a schema inside a schema, carried outwards as they are; `issues.ts` reads them at their own path. */
export interface Forwarded {
  issue: SchemaIssue;
  /** The inner schema, for suggesting its keys. */
  schema: unknown;
  /** Texts that must not appear in a sentence. */
  secrets: readonly string[];
}

export interface Context {
  addIssue(issue: { code: 'custom'; message: string; params: object; path: PropertyKey[] }): void;
}

export function forward(
  context: Context,
  issues: readonly SchemaIssue[],
  inner: { schema: unknown; secrets?: readonly string[] },
): void {
  for (const issue of issues) {
    const forwarded: Forwarded = { issue, schema: inner.schema, secrets: inner.secrets ?? [] };
    context.addIssue({ code: 'custom', message: issue.message, params: { forwarded }, path: [...issue.path] });
  }
}
