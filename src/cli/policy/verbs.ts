import { check } from './check.ts';
import { diff } from './diff.ts';
import { explain } from './explain.ts';
import { schema } from './schema.ts';
import { test } from './test.ts';
import type { PolicyVerb } from './verb.ts';

/** The verbs of `latchkey policy`, in the order in which `latchkey help` lists them. */
export const VERBS: Readonly<Record<string, PolicyVerb>> = { check, test, explain, diff, schema };

/** `latchkey policy check [DIR]`, by verb. */
export const usageOf = (name: string, { usage }: PolicyVerb): string => `latchkey policy ${name} ${usage}`.trimEnd();
