/**
 * Writes prisma/postgres/schema.prisma from the hand-written prisma/schema.prisma. Prisma wants the provider as a
 * literal, so the two databases need two schemas.
 *
 *   node scripts/prisma-schema.js           write it
 *   node scripts/prisma-schema.js --check   exit 1 when it is not current
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SOURCE = new URL('../prisma/schema.prisma', import.meta.url);
const TARGET = new URL('../prisma/postgres/schema.prisma', import.meta.url);

/** @param {string} sqlite the hand-written schema @returns {string} the same model for Postgres */
export function postgresSchema(sqlite) {
  const model = sqlite.slice(sqlite.indexOf('generator client {'));
  const replaced = model
    .replace(
      'output                 = "../src/store/generated/sqlite"',
      'output                 = "../../src/store/generated/postgres"',
    )
    .replace('provider = "sqlite"', 'provider = "postgresql"')
    // Milliseconds are all that an Instant has; with a time zone, so that no session setting changes a moment.
    .replace(
      /^( {2}\w+ +)DateTime\b(\??)(.*)$/gm,
      (_line, head, optional, tail) => `${head}DateTime${optional} @db.Timestamptz(3)${tail}`,
    );
  return `// Generated from prisma/schema.prisma by \`node scripts/prisma-schema.js\`. Edit that one.\n\n${replaced}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = postgresSchema(readFileSync(SOURCE, 'utf8'));
  if (!process.argv.includes('--check')) {
    writeFileSync(TARGET, wanted);
  } else if (readFileSync(TARGET, 'utf8') !== wanted) {
    console.error('prisma/postgres/schema.prisma is not current: run `node scripts/prisma-schema.js`.');
    process.exit(1);
  }
}
