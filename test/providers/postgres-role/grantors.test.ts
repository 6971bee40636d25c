import type pg from 'pg';
import type { Target } from '../../../src/app/ports/provider.ts';
import { failure } from '../../contract/provider-contract.ts';
import { postgresMajor } from '../../support/postgres.ts';
import { membership, type RoleTargets, startRoleTargets } from '../../support/postgres-role-targets.ts';

/** The two kinds of server have different rules: which of them are held against it is the server's to say. */
const oneByGrantor = (await postgresMajor()) >= 16;

describe('a PostgreSQL role that others gave, too', () => {
  let roles: RoleTargets;
  let admin: pg.Pool;
  let superuser: Target;

  beforeAll(async () => {
    roles = await startRoleTargets();
    admin = roles.admin;
    superuser = roles.open(await roles.login('latchkey', 'SUPERUSER'));
    for (const account of ['ana', 'ben', 'cy']) await roles.login(account);
    await admin.query('CREATE ROLE standing_role; CREATE ROLE chained; CREATE ROLE app_writer; CREATE ROLE dba');
    await admin.query('GRANT standing_role TO dba WITH ADMIN OPTION');
    await admin.query('SET ROLE dba; GRANT standing_role TO ana; RESET ROLE');
  });
  afterAll(() => roles?.stop());

  it('is there', async () => {
    expect(await roles.membersOf('standing_role')).toContain('standing_role < ana (by dba)');
    expect(await superuser.inspect(membership('standing_role', 'ana'))).toBe('present');
  });

  if (oneByGrantor) {
    describe('since PostgreSQL 16, which keeps a membership for every grantor', () => {
      it('stays when ours is taken', async () => {
        await superuser.provision(membership('standing_role', 'ana'));
        await superuser.revoke(membership('standing_role', 'ana'));
        expect(await roles.membersOf('standing_role')).toContain('standing_role < ana (by dba)');
        expect(await superuser.inspect(membership('standing_role', 'ana'))).toBe('present');
      });

      it('is nothing to take for a login that never gave it', async () => {
        await admin.query('GRANT app_writer TO cy');
        const powerless = roles.open(await roles.login('powerless'));
        await powerless.revoke(membership('app_writer', 'cy'));
        expect(await roles.membersOf('app_writer')).toEqual(['app_writer < cy (by postgres)']);
      });

      it('is not taken while the account has given the role on: that would take it from others', async () => {
        await superuser.provision(membership('chained', 'ben'));
        await admin.query('GRANT chained TO ben WITH ADMIN OPTION; GRANT chained TO cy GRANTED BY ben');
        const error = await failure(superuser.revoke(membership('chained', 'ben')));
        expect(error).toMatchObject({ kind: 'give-up', code: 'dependent-grants' });
        expect(await superuser.inspect(membership('chained', 'ben'))).toBe('present');
        await admin.query('REVOKE chained FROM cy GRANTED BY ben');
        await superuser.revoke(membership('chained', 'ben'));
        expect(await superuser.inspect(membership('chained', 'ben'))).toBe('absent');
      });
    });
  } else {
    describe('before PostgreSQL 16, which keeps one membership, whoever gave it', () => {
      it('is one with ours, and goes with it', async () => {
        await superuser.provision(membership('standing_role', 'ana'));
        expect(await roles.membersOf('standing_role')).toContain('standing_role < ana (by dba)');
        await superuser.revoke(membership('standing_role', 'ana'));
        expect(await superuser.inspect(membership('standing_role', 'ana'))).toBe('absent');
      });

      it('is not taken by a login that may not, which is said: the account still has it', async () => {
        await admin.query('GRANT app_writer TO cy');
        const powerless = roles.open(await roles.login('powerless'));
        expect(await failure(powerless.revoke(membership('app_writer', 'cy')))).toMatchObject({
          kind: 'give-up',
          code: 'not-permitted',
        });
        expect(await roles.membersOf('app_writer')).toEqual(['app_writer < cy (by postgres)']);
      });

      it('goes with the ADMIN option that was added to ours, and what the account gave on stays', async () => {
        await superuser.provision(membership('chained', 'ben'));
        await admin.query('GRANT chained TO ben WITH ADMIN OPTION');
        await admin.query('SET ROLE ben; GRANT chained TO cy; RESET ROLE');
        await superuser.revoke(membership('chained', 'ben'));
        expect(await roles.membersOf('chained')).toEqual(['chained < cy (by ben)']);
      });

      it('is taken by our next login, when the one that gave it is gone from the server', async () => {
        await admin.query('CREATE ROLE handed_over');
        const before = roles.open(await roles.login('login_before'));
        await admin.query('GRANT handed_over TO login_before WITH ADMIN OPTION');
        await before.provision(membership('handed_over', 'ana'));
        await before.close();
        await admin.query('DROP ROLE login_before');
        const after = roles.open(await roles.login('login_after'));
        await admin.query('GRANT handed_over TO login_after WITH ADMIN OPTION');
        expect(await after.inspect(membership('handed_over', 'ana'))).toBe('present');
        await after.revoke(membership('handed_over', 'ana'));
        expect(await after.inspect(membership('handed_over', 'ana'))).toBe('absent');
      });

      it('is given and taken by a login with CREATEROLE and nothing else', async () => {
        await admin.query('CREATE ROLE created');
        const creator = roles.open(await roles.login('creator', 'CREATEROLE'));
        await creator.provision(membership('created', 'ana'));
        expect(await roles.membersOf('created')).toEqual(['created < ana (by creator)']);
        await creator.revoke(membership('created', 'ana'));
        expect(await creator.inspect(membership('created', 'ana'))).toBe('absent');
      });
    });
  }
});
