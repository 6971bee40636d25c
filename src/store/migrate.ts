import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Provider } from './errors.ts';

// Migrations are applied at start, by the few lines in migrate-sqlite.ts and migrate-postgres.ts: Prisma's native engine
// is a download, and the other one breaks the bodies of functions at their semicolons.

/** One migration of the product, as its file has it. */
export interface Migration {
  name: string;
  sql: string;
  /** SHA-256 of the file, as Prisma records it. */
  checksum: string;
}

/** A row of Prisma's own table. */
export interface AppliedMigration {
  migration_name: string;
  checksum: string;
  finished_at: unknown;
  rolled_back_at: unknown;
}

/** Reads Prisma's table, in either database. */
export const HISTORY = 'SELECT "migration_name", "checksum", "finished_at", "rolled_back_at" FROM "_prisma_migrations"';

/** The database's history does not fit this release; nothing was changed. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
  readonly code: 'unknown-migration' | 'changed-migration' | 'half-applied-migration' | 'missing-migration';
  constructor(code: MigrationRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The folder of the migrations; the same distance from `src/store` and from `dist/store`. */
const FOLDERS: Readonly<Record<Provider, URL>> = {
  sqlite: new URL('../../prisma/migrations/', import.meta.url),
  postgres: new URL('../../prisma/postgres/migrations/', import.meta.url),
};

/** Every migration of this release, oldest first. */
export function migrationsFor(provider: Provider): Migration[] {
  const folder = FOLDERS[provider];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^\d{14}_\w+$/.test(entry.name))
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const bytes = readFileSync(new URL(`${name}/migration.sql`, folder));
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    });
}

/**
 * The migrations that are still to be applied.
 *
 * @throws MigrationRefused when the database was migrated by a newer release, by other files of the same names, or only
 * in part.
 */
export function pendingMigrations(known: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  const done = new Set<string>();
  for (const row of applied) {
    if (row.rolled_back_at !== null) continue;
    const name = row.migration_name;
    const migration = known.find((candidate) => candidate.name === name);
    if (!migration) {
      throw new MigrationRefused(
        'unknown-migration',
        `The database has the migration ${name}, which this release of Latchkey does not know. Run the newer release that applied it, or restore a backup from before.`,
      );
    }
    if (row.finished_at === null) {
      throw new MigrationRefused(
        'half-applied-migration',
        `The migration ${name} was begun and not finished. Restore the backup from before it, or finish it by hand and mark it with \`prisma migrate resolve\`.`,
      );
    }
    if (row.checksum !== migration.checksum) {
      throw new MigrationRefused(
        'changed-migration',
        `The migration ${name} in the database is not the one of this release: its checksum is ${row.checksum}, the file's is ${migration.checksum}. Restore the released file.`,
      );
    }
    done.add(name);
  }
  const pending = known.filter((migration) => !done.has(migration.name));
  const newest = [...done].sort().at(-1) ?? '';
  const skipped = pending.find((migration) => migration.name < newest);
  if (skipped) {
    throw new MigrationRefused(
      'missing-migration',
      `The database has the migration ${newest} but not the older ${skipped.name}, so it is in a state no release made. Restore a backup.`,
    );
  }
  return pending;
}
