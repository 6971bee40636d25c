import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { schemaFiles, textOf } from '../../src/cli/policy/schema.ts';
import type { JsonSchema } from '../../src/policy/json-schema/json-schema.ts';
import { latchkey } from '../support/product.ts';

const folder = (path: string) => fileURLToPath(new URL(`../../${path}/`, import.meta.url));
const COMMITTED = folder('docs/schema');
const SAMPLES = folder('policies');

const KINDS = ['access', 'targets', 'directory', 'settings', 'tests'] as const;
const files = schemaFiles();
const schemaOf = (kind: string): JsonSchema => files[`${kind}.schema.json`] ?? {};

/** Every place that has a key of its own, with what editors show there. */
function keysOf(schema: JsonSchema, path: string): { path: string; description: string | undefined }[] {
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [
      { path: `${path}.${key}`, description: inner.description },
      ...keysOf(inner, `${path}.${key}`),
    ]),
    ...(typeof schema.additionalProperties === 'object' ? keysOf(schema.additionalProperties, `${path}.*`) : []),
    ...(schema.items ? keysOf(schema.items, `${path}[]`) : []),
    ...(schema.anyOf ?? []).flatMap((each) => keysOf(each, path)),
  ];
}

describe('the committed schemas', () => {
  it('are those of the code; `npx latchkey policy schema --out docs/schema` makes them anew', () => {
    expect(readdirSync(COMMITTED).sort()).toEqual(Object.keys(files).sort());
    for (const [name, schema] of Object.entries(files)) {
      expect({ name, text: readFileSync(join(COMMITTED, name), 'utf8') }).toEqual({ name, text: textOf(schema) });
    }
  });
});

describe.each(KINDS)('the schema of kind: %s', (kind) => {
  const isOfKind = kind === 'tests' ? /\.test\.yaml$/ : /(?<!\.test)\.yaml$/;

  it('says something about each key', () => {
    const keys = keysOf(schemaOf(kind), kind);
    expect(keys.length).toBeGreaterThan(3);
    expect(keys.filter(({ description }) => !description).map(({ path }) => path)).toEqual([]);
  });

  it('accepts the samples', () => {
    const check = z.fromJSONSchema(schemaOf(kind) as Parameters<typeof z.fromJSONSchema>[0]);
    let checked = 0;
    for (const name of readdirSync(SAMPLES).filter((each) => isOfKind.test(each))) {
      for (const document of parseAllDocuments(readFileSync(SAMPLES + name, 'utf8'))) {
        const value: unknown = document.toJS();
        if ((value as { kind?: string }).kind !== kind) continue;
        checked += 1;
        expect({ name, error: check.safeParse(value).error }).toEqual({ name, error: undefined });
      }
    }
    expect(checked).toBeGreaterThan(0);
  });
});

describe('the schema of an access', () => {
  const check = z.fromJSONSchema(schemaOf('access') as Parameters<typeof z.fromJSONSchema>[0]);
  const access = (keys: object) => ({
    version: 1,
    kind: 'access',
    name: 'db-read',
    grants: [{ target: 'db', role: 'reader' }],
    duration: { default: '1h', max: '4h' },
    ...keys,
  });

  it.each([
    ['a misspelt key', { requestors: ['everyone'] }],
    ['a principal without its kind', { requesters: ['backend'] }],
    ['a bare number as a duration', { duration: { default: 1, max: '4h' } }],
    ['a name with capitals', { name: 'DB' }],
    ['no approvals needed', { flows: [{ name: 'x', steps: [{ approvers: ['everyone'], need: 0 }] }] }],
    ['a grant that no provider knows', { grants: [{ target: 'db', rolle: 'reader' }] }],
    ['yes for true', { reason: { required: 'yes' } }],
  ])('marks %s', (_what, keys) => {
    expect(check.safeParse(access({})).error).toBeUndefined();
    expect(check.safeParse(access(keys)).success).toBe(false);
  });
});

describe('latchkey policy schema', () => {
  it('prints one schema for files of any kind', async () => {
    const { code, out } = await latchkey(['policy', 'schema'], {});
    expect(code).toBe(0);
    const schema = JSON.parse(out) as { $schema: string; $defs: object; allOf: { then: { $ref: string } }[] };
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.allOf.map(({ then }) => then.$ref).sort()).toEqual(
      Object.keys(schema.$defs)
        .sort()
        .map((kind) => `#/$defs/${kind}`),
    );
  });

  it('writes a file for each kind, with --out', async () => {
    const out = await mkdtemp(join(tmpdir(), 'latchkey-schema-'));
    try {
      expect((await latchkey(['policy', 'schema', '--out', out], {})).code).toBe(0);
      for (const name of await readdir(COMMITTED))
        expect(await readFile(join(out, name), 'utf8')).toBe(await readFile(join(COMMITTED, name), 'utf8'));
    } finally {
      await rm(out, { recursive: true });
    }
  });
});

describe('the samples', () => {
  it('each tell editors where the schema is', () => {
    for (const name of readdirSync(SAMPLES).filter((each) => each.endsWith('.yaml')))
      expect({ name, text: readFileSync(SAMPLES + name, 'utf8').split('\n')[0] }).toEqual({
        name,
        text: '# yaml-language-server: $schema=../docs/schema/latchkey.schema.json',
      });
  });
});
