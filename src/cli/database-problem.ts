import { StoreUnavailable } from '../app/ports/store.ts';
import { GuardMissing } from '../store/guards.ts';
import { MigrationRefused } from '../store/migrate.ts';
import { DatabaseNotForAudit } from './audit-database.ts';

/**
 * What is wrong with a database that could not be opened, for the person who has to do something about it: what was
 * wrong, and the driver's own words where there are any. `undefined`: it is not the database.
 */
export function databaseProblem(error: unknown, shown: string): string | undefined {
  if (error instanceof StoreUnavailable)
    return `the database ${shown} cannot be used. ${error.message}${driversWords(error.cause)}`;
  if (error instanceof MigrationRefused || error instanceof GuardMissing || error instanceof DatabaseNotForAudit)
    return `the database ${shown} cannot be used. ${error.message}`;
  // The path of a `file:` address is decoded like one of a browser.
  if (error instanceof URIError)
    return `the database ${shown} cannot be used. Its path has a % that no two hexadecimal digits follow: write %25 for the character itself.`;
  return undefined;
}

/** Prisma puts its own lines around what the driver said, which comes last. The store has taken the passwords out. */
function driversWords(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  const last = cause.message.trim().split('\n').at(-1)?.trim() ?? '';
  return last === '' ? '' : ` (${last})`;
}
