import { defineConfig } from 'prisma/config';

// `prisma generate`, `validate` and `format` do not use the native schema engine, yet Prisma downloads it before any
// of them. Naming an existing executable skips the download; a real engine named in the environment is left alone.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

const url = process.env.DATABASE_URL ?? 'file:./data/latchkey.db';
const folder = url.startsWith('file:') ? 'prisma' : 'prisma/postgres';

export default defineConfig({
  schema: `${folder}/schema.prisma`,
  migrations: { path: `${folder}/migrations` },
  datasource: { url },
});
