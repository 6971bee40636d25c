import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  anyKind,
  DIALECT,
  describe,
  type JsonSchema,
  jsonSchemas,
  plain,
} from '../../policy/json-schema/json-schema.ts';
import { TEST_DESCRIPTIONS } from '../../policy-test/grammar/descriptions.ts';
import { Names } from '../../policy-test/grammar/names.ts';
import { testsSchema } from '../../policy-test/grammar/tests-schema.ts';
import { providers } from '../../providers/registry.ts';
import { EXIT } from '../terminal.ts';
import { type PolicyVerb, readArgs } from './verb.ts';

/** The schemas by the name of their file: one for each kind, and one for files that hold any. */
export function schemaFiles(): Record<string, JsonSchema> {
  const tests = plain(testsSchema(new Names(undefined)));
  describe(tests, 'tests', TEST_DESCRIPTIONS);
  const kinds: Record<string, JsonSchema> = { ...jsonSchemas(providers), tests };
  const files = Object.entries(kinds).map(
    ([kind, schema]) => [`${kind}.schema.json`, { $schema: DIALECT, ...schema }] as const,
  );
  return { ...Object.fromEntries(files), 'latchkey.schema.json': anyKind(kinds) };
}

export const textOf = (schema: JsonSchema): string => `${JSON.stringify(schema, null, 2)}\n`;

/** `latchkey policy schema`: what editors need to help with policies. */
export const schema: PolicyVerb = {
  usage: '[--out FOLDER]',
  summary: 'JSON Schema of the policies, for editors; --out: a file for each kind',
  async run(args, { terminal }) {
    const { values } = readArgs(args, { options: { out: { type: 'string' } }, most: 0 });
    const files = schemaFiles();
    if (values.out === undefined) {
      terminal.out(textOf(files['latchkey.schema.json'] ?? {}));
      return EXIT.ok;
    }
    await mkdir(values.out, { recursive: true });
    for (const [name, each] of Object.entries(files)) await writeFile(join(values.out, name), textOf(each));
    terminal.err(`${Object.keys(files).length} schemas in ${values.out}\n`);
    return EXIT.ok;
  },
};
