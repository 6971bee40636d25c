import { check } from './check.ts';
import { test } from './test.ts';
import type { PolicyVerb } from './verb.ts';

/** The verbs of `latchkey policy`, in the order in which `latchkey help` lists them. */
export const VERBS: Readonly<Record<string, PolicyVerb>> = { check, test };

/** `latchkey policy check [DIR]`, by verb. */
export const usageOf = (name: string, { usage }: PolicyVerb): string => `latchkey policy ${name} ${usage}`.trimEnd();
