/**
 * Prisma's schema engine as WebAssembly, for the scripts and tests that write and check migrations. It is the engine of
 * the same release, and unlike the native one it comes from npm.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

const require = createRequire(import.meta.url);

/** @type {Promise<any> | undefined} */
let loaded;

/** @returns {Promise<any>} the engine's bindings; Node needs the WebAssembly module to be joined to them by hand */
function bindings() {
  loaded ??= (async () => {
    const path = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
    const glue = await import(pathToFileURL(path).href);
    const bytes = await readFile(path.replace(/\.js$/, '.wasm'));
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue });
    glue.__wbg_set_wasm(instance.exports);
    /** @type {any} */ (instance.exports).__wbindgen_start();
    return glue;
  })();
  return loaded;
}

/**
 * An adapter factory through which the engine can read an SQLite file: it asks for partial indexes with the name in
 * double quotes, which libsql takes for a column.
 *
 * @param {string} url `file:…` @returns {any} give it to `diff`
 */
export function sqliteFactory(url) {
  const factory = new PrismaLibSql({ url });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const database = await connect();
    const queryRaw = database.queryRaw.bind(database);
    database.queryRaw = (query) => queryRaw({ ...query, sql: query.sql.replace(/\bname = "([^"']*)"/, "name = '$1'") });
    return database;
  };
  return factory;
}

/** Object ids of Postgres types, and Prisma's number for a column of single characters. */
const PG_CHAR = 18;
const PG_TEXT = 25;
const CHARACTER = 6;

/**
 * An adapter factory through which the engine can read a Postgres catalogue: the adapter does not know the catalogue's
 * `"char"` columns, so they pass it as text and are given their type behind it.
 *
 * @param {string} url @returns {any} give it to `diff`; its pool is closed with the engine
 */
export function postgresFactory(url) {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  /** @type {number[]} the `"char"` columns of the last result; there is one connection, so one query at a time */
  let characters = [];
  const query = /** @type {any} */ (pool.query).bind(pool);
  /** @type {any} */ (pool).query = async (/** @type {any[]} */ ...args) => {
    const result = await query(...args);
    characters = [];
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== PG_CHAR) continue;
      field.dataTypeID = PG_TEXT;
      characters.push(index);
    }
    return result;
  };
  const factory = new PrismaPg(pool, { disposeExternalPool: true });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const database = await connect();
    const queryRaw = database.queryRaw.bind(database);
    database.queryRaw = async (statement) => {
      const result = await queryRaw(statement);
      for (const index of characters) result.columnTypes[index] = CHARACTER;
      return result;
    };
    return database;
  };
  return factory;
}

/**
 * The SQL that leads from a database (or from nothing) to a schema.
 *
 * @param {{ factory: any, schema: string, fromDatabase: boolean }} options `factory`: a driver adapter factory of Prisma
 * @returns {Promise<string>} the script; `-- This is an empty migration.` when there is nothing to do
 */
export async function diff({ factory, schema, fromDatabase }) {
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils');
  const { SchemaEngine } = await bindings();
  const files = [{ path: 'schema.prisma', content: schema }];
  const engine = await SchemaEngine.new(
    { datamodels: [['schema.prisma', schema]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  try {
    const { stdout } = await engine.diff({
      from: fromDatabase ? { tag: 'schemaDatasource', files, configDir: '.' } : { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return stdout ?? '';
  } finally {
    engine.free();
  }
}
