import { z } from 'zod';
import { ENV_MARK } from '../env.ts';
import { ANY_KNOWN_NAMES } from '../names.ts';
import type { ProviderSchema, ProviderSchemas } from '../provider-schemas.ts';
import { accessSchema } from '../schema/access.ts';
import { actionSchema } from '../schema/action.ts';
import { directorySchema, liveGroup } from '../schema/directory.ts';
import { KINDS, type Kind, VERSION } from '../schema/header.ts';
import { principal } from '../schema/principal.ts';
import { scimKeys } from '../schema/scim-source.ts';
import { settingsSchema } from '../schema/settings.ts';
import { targetsSchema } from '../schema/targets.ts';
import { DESCRIPTIONS, HEADER } from './descriptions.ts';

/** JSON Schema, draft 2020-12, or a part of one. */
export interface JsonSchema {
  [key: string]: unknown;
  description?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

export const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/**
 * A schema of each kind for editors, made from those that the loader reads with: keys, types, enums and shapes of words,
 * with a description of each key. NB. what it lets pass may still be refused: `policy check` is the judge.
 */
export function jsonSchemas(providers: ProviderSchemas): Record<Kind, JsonSchema> {
  const schemas: Record<Kind, JsonSchema> = {
    access: plain(accessSchema(ANY_KNOWN_NAMES, providers)),
    action: plain(actionSchema(ANY_KNOWN_NAMES)),
    targets: plain(targetsSchema(ANY_KNOWN_NAMES, providers, () => undefined)),
    directory: plain(directorySchema(ANY_KNOWN_NAMES, providers, () => undefined)),
    settings: plain(settingsSchema),
  };
  for (const kind of KINDS) describe(schemas[kind], kind, DESCRIPTIONS);
  const { access, targets, directory } = schemas;
  const grants = access.properties?.grants;
  if (grants) grants.items = { anyOf: [...providers].map(([name, provider]) => grantAt(name, provider)) };
  const systems = targets.properties?.targets;
  if (systems) systems.additionalProperties = { anyOf: [...providers].map(([name, each]) => targetOf(name, each)) };
  const scim = directory.properties?.from?.properties?.scim;
  const client = providers.get('scim-group');
  if (scim && client) {
    const { properties = {}, required } = configOf('scim-group', client);
    const own = plain(scimKeys);
    Object.assign(scim, own, {
      properties: { ...properties, ...own.properties },
      required,
      additionalProperties: false,
    });
    describe(scim, 'directory.from.scim', DESCRIPTIONS);
  }
  const groups = directory.properties?.groups;
  const members: JsonSchema = { type: 'array', items: { type: 'string', format: 'email' } };
  const live = plain(liveGroup);
  if (groups) groups.additionalProperties = { anyOf: [members, live] };
  for (const each of [live, groups?.additionalProperties]) {
    if (typeof each === 'object') describe(each, 'directory.groups.*', DESCRIPTIONS);
  }
  return schemas;
}

/** One schema for files that hold documents of any kind, as `# yaml-language-server: $schema=…` takes one for a file. */
export function anyKind(schemas: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const kinds = Object.keys(schemas);
  return {
    $schema: DIALECT,
    title: 'A policy of Latchkey',
    type: 'object',
    required: ['version', 'kind'],
    properties: {
      version: { const: VERSION, description: HEADER.version ?? '' },
      kind: { enum: kinds, description: HEADER.kind ?? '' },
    },
    allOf: kinds.map((kind) => ({
      if: { required: ['kind'], properties: { kind: { const: kind } } },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: { $ref: `#/$defs/${kind}` },
    })),
    $defs: schemas,
  };
}

/** The input side of a zod schema: what is written, before it is read. */
export function plain(schema: unknown): JsonSchema {
  const {
    $schema: _,
    '~standard': __,
    ...made
  } = z.toJSONSchema(schema as z.ZodType, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      // A duration is read from a number, too, but only to say which unit is missing.
      if (jsonSchema.type === 'string' && jsonSchema.anyOf) delete jsonSchema.anyOf;
    },
  }) as JsonSchema;
  return made;
}

/** Puts the descriptions beside the keys, each found by the kind and the place: `access.flows[].name`. */
export function describe(schema: JsonSchema, path: string, descriptions: Readonly<Record<string, string>>): void {
  const description =
    descriptions[path] ?? (path.split('.').length === 2 ? HEADER[path.split('.')[1] ?? ''] : undefined);
  // What the schema says itself is that this release does not do the key yet.
  if (description !== undefined) schema.description ??= description;
  describeInside(schema, path, descriptions);
}

function describeInside(schema: JsonSchema, path: string, descriptions: Readonly<Record<string, string>>): void {
  for (const [key, inner] of Object.entries(schema.properties ?? {})) describe(inner, `${path}.${key}`, descriptions);
  if (typeof schema.additionalProperties === 'object') describe(schema.additionalProperties, `${path}.*`, descriptions);
  if (schema.items) describe(schema.items, `${path}[]`, descriptions);
  // Different shapes of one key: it is described once, and what each of them holds at its place.
  for (const shape of schema.anyOf ?? []) describeInside(shape, path, descriptions);
}

/** `{target: prod-postgres, role: app_writer}`. */
function grantAt(name: string, { permission }: ProviderSchema): JsonSchema {
  const { properties = {}, required = [] } = settingsOf(permission);
  return {
    type: 'object',
    title: name,
    properties: {
      target: { type: 'string', description: `The name of a target of the provider ${name}.` },
      ...described(properties, (key) => `The ${key} at the target.`),
    },
    required: ['target', ...(required as string[])],
    additionalProperties: false,
  };
}

function targetOf(name: string, provider: ProviderSchema): JsonSchema {
  const { properties = {}, required } = configOf(name, provider);
  return {
    type: 'object',
    title: name,
    properties: {
      provider: { const: name, description: 'The code that changes this kind of system.' },
      owner: { ...plain(principal(ANY_KNOWN_NAMES)), description: 'Who answers for it: what `owner` means in a step.' },
      ...properties,
    },
    required: ['provider', ...required],
    additionalProperties: false,
  };
}

/** The settings of a provider, secrets as the references that they must be. */
function configOf(
  name: string,
  { config, secretSettings }: ProviderSchema,
): { properties: Record<string, JsonSchema>; required: readonly string[] } {
  const { properties = {}, required = [] } = settingsOf(config);
  const isSecret = (key: string): boolean => secretSettings.includes(key);
  const settings = described(properties, (key) => `A setting of ${name}.${isSecret(key) ? ' A secret.' : ''}`);
  for (const [key, setting] of Object.entries(settings)) {
    if (!isSecret(key)) continue;
    setting.pattern = '^\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}$';
    setting.examples = [`${ENV_MARK}NAME}`];
  }
  return { properties: settings, required: required as string[] };
}

/** NB. a value may come from the environment, so that its own shape says nothing about what is written. */
function settingsOf(schema: unknown): JsonSchema {
  const made = plain(schema);
  for (const setting of Object.values(made.properties ?? {})) {
    delete setting.pattern;
    delete setting.format;
  }
  return made;
}

const described = (properties: Record<string, JsonSchema>, say: (key: string) => string): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, { description: say(key), ...schema }]));
