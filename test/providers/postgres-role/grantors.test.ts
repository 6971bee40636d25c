import type pg from 'pg';
import type { Target } from '../../../src/app/ports/provider.ts';
import { provider } from '../../../src/providers/postgres-role/index.ts';
import { failure, settings } from '../../contract/provider-contract.ts';
import { postgresMajor } from '../../support/postgres.ts';
import { type RolesServer, startRolesServer } from '../../support/postgres-roles.ts';

/** The two kinds of server have different rules: which of them are held against it is the server's to say. */
const oneByGrantor = (await postgresMajor()) >= 16;

describe('a PostgreSQL role that others gave, too', () => {
  let roles: RolesServer;
  let admin: pg.Pool;
  let superuser: Target;
  const opened: Target[] = [];

  const open = (url: string) => {
    const target = provider.open(settings(provider, { url }), 'prod-postgres');
    opened.push(target);
    return target;
  };
  const call = (role: string, account: string) => ({
    permission: { role },
    account,
    signal: new AbortController().signal,
  });
  const of = async (role: string) => (await roles.memberships()).filter((line) => line.startsWith(`${role} <`));

  beforeAll(async () => {
    roles = await startRolesServer();
    admin = roles.admin;
    superuser = open(await roles.login('latchkey', 'SUPERUSER'));
    for (const account of ['ana', 'ben', 'cy']) await roles.login(account);
    await admin.query('CREATE ROLE standing_role; CREATE ROLE chained; CREATE ROLE app_writer; CREATE ROLE dba');
    await admin.query('GRANT standing_role TO dba WITH ADMIN OPTION');
    await admin.query('SET ROLE dba; GRANT standing_role TO ana; RESET ROLE');
  });
  afterAll(async () => {
    await Promise.all(opened.map((target) => target.close()));
    await roles?.stop();
  });

  it('is there', async () => {
    expect(await of('standing_role')).toContain('standing_role < ana (by dba)');
    expect(await superuser.inspect(call('standing_role', 'ana'))).toBe('present');
  });

  if (oneByGrantor) {
    describe('since PostgreSQL 16, which keeps a membership for every grantor', () => {
      it('stays when ours is taken', async () => {
        await superuser.provision(call('standing_role', 'ana'));
        await superuser.revoke(call('standing_role', 'ana'));
        expect(await of('standing_role')).toContain('standing_role < ana (by dba)');
        expect(await superuser.inspect(call('standing_role', 'ana'))).toBe('present');
      });

      it('is nothing to take for a login that never gave it', async () => {
        await admin.query('GRANT app_writer TO cy');
        const powerless = open(await roles.login('powerless'));
        await powerless.revoke(call('app_writer', 'cy'));
        expect(await of('app_writer')).toEqual(['app_writer < cy (by postgres)']);
      });

      it('is not taken while the account has given the role on: that would take it from others', async () => {
        await superuser.provision(call('chained', 'ben'));
        await admin.query('GRANT chained TO ben WITH ADMIN OPTION; GRANT chained TO cy GRANTED BY ben');
        const error = await failure(superuser.revoke(call('chained', 'ben')));
        expect(error).toMatchObject({ kind: 'give-up', code: 'dependent-grants' });
        expect(await superuser.inspect(call('chained', 'ben'))).toBe('present');
        await admin.query('REVOKE chained FROM cy GRANTED BY ben');
        await superuser.revoke(call('chained', 'ben'));
        expect(await superuser.inspect(call('chained', 'ben'))).toBe('absent');
      });
    });
  } else {
    describe('before PostgreSQL 16, which keeps one membership, whoever gave it', () => {
      it('is one with ours, and goes with it', async () => {
        await superuser.provision(call('standing_role', 'ana'));
        expect(await of('standing_role')).toContain('standing_role < ana (by dba)');
        await superuser.revoke(call('standing_role', 'ana'));
        expect(await superuser.inspect(call('standing_role', 'ana'))).toBe('absent');
      });

      it('is not taken by a login that may not, which is said: the account still has it', async () => {
        await admin.query('GRANT app_writer TO cy');
        const powerless = open(await roles.login('powerless'));
        expect(await failure(powerless.revoke(call('app_writer', 'cy')))).toMatchObject({
          kind: 'give-up',
          code: 'not-permitted',
        });
        expect(await of('app_writer')).toEqual(['app_writer < cy (by postgres)']);
      });

      it('goes with the ADMIN option that was added to ours, and what the account gave on stays', async () => {
        await superuser.provision(call('chained', 'ben'));
        await admin.query('GRANT chained TO ben WITH ADMIN OPTION');
        await admin.query('SET ROLE ben; GRANT chained TO cy; RESET ROLE');
        await superuser.revoke(call('chained', 'ben'));
        expect(await of('chained')).toEqual(['chained < cy (by ben)']);
      });

      it('is taken by our next login, when the one that gave it is gone from the server', async () => {
        await admin.query('CREATE ROLE handed_over');
        const before = open(await roles.login('login_before'));
        await admin.query('GRANT handed_over TO login_before WITH ADMIN OPTION');
        await before.provision(call('handed_over', 'ana'));
        await before.close();
        await admin.query('DROP ROLE login_before');
        const after = open(await roles.login('login_after'));
        await admin.query('GRANT handed_over TO login_after WITH ADMIN OPTION');
        expect(await after.inspect(call('handed_over', 'ana'))).toBe('present');
        await after.revoke(call('handed_over', 'ana'));
        expect(await after.inspect(call('handed_over', 'ana'))).toBe('absent');
      });

      it('is given and taken by a login with CREATEROLE and nothing else', async () => {
        await admin.query('CREATE ROLE created');
        const creator = open(await roles.login('creator', 'CREATEROLE'));
        await creator.provision(call('created', 'ana'));
        expect(await of('created')).toEqual(['created < ana (by creator)']);
        await creator.revoke(call('created', 'ana'));
        expect(await creator.inspect(call('created', 'ana'))).toBe('absent');
      });
    });
  }
});
