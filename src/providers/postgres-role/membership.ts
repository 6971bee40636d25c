import pg from 'pg';
import { ProviderError } from '../../app/ports/provider.ts';
import type { Run, ServerFacts } from './connections.ts';

export interface Names {
  target: string;
  role: string;
  account: string;
}

interface Roles {
  role: string | null;
  account: string | null;
  login: boolean | null;
  own: boolean;
}

/**
 * Since 16 a member has one row for every grantor, and REVOKE takes the row of one grantor only. Before, it has one row: a
 * second GRANT changes nothing, and REVOKE takes it, whoever is written there as its grantor.
 */
const ROWS_BY_GRANTOR = 160_000;

/** Is the account a direct member of the role, whoever made it one? Membership through another role does not count. */
export async function isMember(run: Run, { role, account }: Names): Promise<boolean> {
  const rows = await run(
    `SELECT 1 FROM pg_auth_members m
       JOIN pg_roles r ON r.oid = m.roleid
       JOIN pg_roles a ON a.oid = m.member
      WHERE r.rolname = $1 AND a.rolname = $2`,
    [role, account],
  );
  return rows.length > 0;
}

/** Makes the account a member, never with the ADMIN option. Throws `give-up` with the reason when that cannot be. */
export async function grant(run: Run, names: Names): Promise<void> {
  const { target, role, account } = names;
  const found = await lookUp(run, names);
  const refuse = (code: string, sentence: string) => new ProviderError('give-up', code, `${target} ${sentence}`);
  if (found.role === null) throw refuse('no-such-role', `has no role ${role}.`);
  if (found.account === null) throw refuse('no-such-account', `has no account ${account}.`);
  if (found.role === found.account) throw refuse('same-name', `has one role ${role}: it cannot be a member of itself.`);
  // NB. A group role of the account's name would hand the permission to everybody in it.
  if (!found.login)
    throw refuse('not-a-login', `has a role ${account}, but nobody can log in with it: it is no account.`);
  // NB. What Latchkey itself logs in with must not grow with what it gives.
  if (found.own) throw refuse('own-account', `knows ${account} as the role that Latchkey itself logs in with.`);
  await run(`GRANT ${pg.escapeIdentifier(role)} TO ${pg.escapeIdentifier(account)}`);
}

/**
 * Takes away the membership that this login gives. A role or account that is gone has none. NB. before 16 the one there is
 * goes, with what others gave meanwhile: the grantor does not tell whose it is (it stays that of the first, who may be a
 * login that we no longer use, or a role that is gone), and an access that outlives its end is the worse mistake.
 */
export async function revoke(run: Run, names: Names, { version }: ServerFacts): Promise<void> {
  const statement = `REVOKE ${pg.escapeIdentifier(names.role)} FROM ${pg.escapeIdentifier(names.account)}`;
  if (version < ROWS_BY_GRANTOR) {
    if (await isMember(run, names)) await run(statement);
    return;
  }
  for (const grantor of await ownGrantors(run, names)) {
    await run(`${statement} GRANTED BY ${pg.escapeIdentifier(grantor)}`);
  }
}

/**
 * Under which names a membership that we gave can be recorded. A superuser's is recorded as the bootstrap superuser's
 * (oid 10), another's as that of the role through which it has the ADMIN option: itself, or one whose rights it inherits.
 * Naming them makes the revocation independent of what our login's rights have become since. NB. A superuser may act for
 * every grantor, but only these rows are ours: what others gave is theirs to take.
 */
async function ownGrantors(run: Run, { role, account }: Names): Promise<string[]> {
  const rows = await run<{ grantor: string }>(
    `SELECT g.rolname AS grantor
       FROM pg_auth_members m
       JOIN pg_roles r ON r.oid = m.roleid
       JOIN pg_roles a ON a.oid = m.member
       JOIN pg_roles g ON g.oid = m.grantor
       JOIN pg_roles me ON me.rolname = current_user
      WHERE r.rolname = $1 AND a.rolname = $2
        AND (m.grantor = me.oid
             OR (me.rolsuper AND m.grantor = 10)
             OR (NOT me.rolsuper AND pg_has_role(m.grantor, 'USAGE')))`,
    [role, account],
  );
  return rows.map(({ grantor }) => grantor);
}

async function lookUp(run: Run, { role, account }: Names): Promise<Roles> {
  const [found] = await run<Roles>(
    `SELECT r.rolname AS role, a.rolname AS account, a.rolcanlogin AS login,
            coalesce(a.rolname IN (session_user, current_user), false) AS own
       FROM (SELECT) AS one
       LEFT JOIN pg_roles r ON r.rolname = $1
       LEFT JOIN pg_roles a ON a.rolname = $2`,
    [role, account],
  );
  return found ?? { role: null, account: null, login: null, own: false };
}
