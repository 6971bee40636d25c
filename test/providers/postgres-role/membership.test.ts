import type pg from 'pg';
import type { Target } from '../../../src/app/ports/provider.ts';
import { provider } from '../../../src/providers/postgres-role/index.ts';
import { failure } from '../../contract/provider-contract.ts';
import { postgresMajor } from '../../support/postgres.ts';
import { membership, type RoleTargets, startRoleTargets } from '../../support/postgres-role-targets.ts';

const since16 = (await postgresMajor()) >= 16;

describe('membership of a PostgreSQL role', () => {
  let roles: RoleTargets;
  let admin: pg.Pool;
  let superuser: Target;

  beforeAll(async () => {
    roles = await startRoleTargets();
    admin = roles.admin;
    superuser = roles.open(await roles.login('latchkey', 'SUPERUSER'));
    for (const account of ['ana', 'ben']) await roles.login(account);
  });
  afterAll(() => roles?.stop());

  describe('given by others', () => {
    it('does not count when it comes through another role', async () => {
      await admin.query('CREATE ROLE wide; CREATE ROLE team; GRANT wide TO team; GRANT team TO ana');
      expect(await superuser.inspect(membership('wide', 'ana'))).toBe('absent');
      await superuser.provision(membership('wide', 'ana'));
      expect(await superuser.inspect(membership('wide', 'ana'))).toBe('present');
      await superuser.revoke(membership('wide', 'ana'));
      expect(await superuser.inspect(membership('wide', 'ana'))).toBe('absent');
      expect(await roles.membersOf('team')).toEqual(['team < ana (by postgres)']);
    });
  });

  describe('given by us', () => {
    it('never carries the ADMIN option', async () => {
      await admin.query('CREATE ROLE plain');
      await superuser.provision(membership('plain', 'ana'));
      const { rows } = await admin.query(
        `SELECT bool_or(admin_option) AS admin FROM pg_auth_members WHERE roleid = 'plain'::regrole`,
      );
      expect(rows).toEqual([{ admin: false }]);
    });

    it('works with a login that is no superuser and holds the ADMIN option', async () => {
      await admin.query('CREATE ROLE narrow');
      const target = roles.open(await roles.login('narrow_latchkey'));
      const nothingElse = since16 ? ', INHERIT FALSE, SET FALSE' : '';
      await admin.query(`GRANT narrow TO narrow_latchkey WITH ADMIN OPTION${nothingElse}`);
      await target.provision(membership('narrow', 'ana'));
      expect(await roles.membersOf('narrow')).toContain('narrow < ana (by narrow_latchkey)');
      await target.revoke(membership('narrow', 'ana'));
      expect(await target.inspect(membership('narrow', 'ana'))).toBe('absent');
    });

    it('is taken after our login got the ADMIN option in a second way', async () => {
      await admin.query('CREATE ROLE shifting; CREATE ROLE granters; GRANT shifting TO granters WITH ADMIN OPTION');
      const target = roles.open(await roles.login('shifting_latchkey', 'IN ROLE granters'));
      await target.provision(membership('shifting', 'ana'));
      expect(await roles.membersOf('shifting')).toContain(
        `shifting < ana (by ${since16 ? 'granters' : 'shifting_latchkey'})`,
      );
      await admin.query('GRANT shifting TO shifting_latchkey WITH ADMIN OPTION');
      await target.revoke(membership('shifting', 'ana'));
      expect(await target.inspect(membership('shifting', 'ana'))).toBe('absent');
    });

    it('is taken after our login became a superuser', async () => {
      await admin.query('CREATE ROLE rising');
      const target = roles.open(await roles.login('rising_latchkey'));
      await admin.query('GRANT rising TO rising_latchkey WITH ADMIN OPTION');
      await target.provision(membership('rising', 'ana'));
      await admin.query('ALTER ROLE rising_latchkey SUPERUSER');
      await target.revoke(membership('rising', 'ana'));
      expect(await target.inspect(membership('rising', 'ana'))).toBe('absent');
    });

    it('may be of a predefined role or of a superuser: the policy decides', async () => {
      await admin.query('CREATE ROLE root_like SUPERUSER');
      for (const role of ['pg_read_all_data', 'root_like']) {
        await superuser.provision(membership(role, 'ben'));
        expect(await superuser.inspect(membership(role, 'ben'))).toBe('present');
        await superuser.revoke(membership(role, 'ben'));
        expect(await superuser.inspect(membership(role, 'ben'))).toBe('absent');
      }
    });
  });

  describe('that cannot be', () => {
    const refusal = async (role: string, account: string, target = superuser) => {
      const { kind, code, message } = await failure(target.provision(membership(role, account)));
      expect(message).toContain('prod-postgres');
      return `${kind} ${code}`;
    };

    beforeAll(() => admin.query('CREATE ROLE app_writer'));

    it('is refused without the ADMIN option', async () => {
      const target = roles.open(await roles.login('powerless'));
      expect(await refusal('app_writer', 'ana', target)).toBe('give-up not-permitted');
      expect(await roles.membersOf('app_writer')).toEqual([]);
    });

    it('is refused for a role that is its own account, or a member of it', async () => {
      await admin.query('CREATE ROLE inner_role; CREATE ROLE outer_login LOGIN; GRANT outer_login TO inner_role');
      expect(await refusal('ana', 'ana')).toBe('give-up same-name');
      expect(await refusal('inner_role', 'outer_login')).toBe('give-up circular-membership');
    });

    it('is refused for a group role in the place of an account', async () => {
      await admin.query('CREATE ROLE admins NOLOGIN');
      expect(await refusal('app_writer', 'admins')).toBe('give-up not-a-login');
    });

    it("is refused for Latchkey's own login", async () => {
      expect(await refusal('app_writer', 'latchkey')).toBe('give-up own-account');
    });

    it('is refused for the words that Postgres reads as everybody or nobody', async () => {
      expect(await refusal('app_writer', 'public')).toBe('give-up no-such-account');
      expect(await refusal('app_writer', 'none')).toBe('give-up no-such-account');
      expect(await refusal('public', 'ana')).toBe('give-up no-such-role');
    });

    it('does not reach the account whose name is the first 63 bytes of a longer one', async () => {
      const name = `${'ü'.repeat(31)}x`;
      await roles.login(name);
      for (const longer of [`${name}y`, `${name}${'ü'.repeat(40)}`]) {
        expect(await failure(superuser.provision(membership('app_writer', longer)))).toMatchObject({
          kind: 'give-up',
          code: 'invalid-account-name',
        });
        await superuser.provision(membership('app_writer', name));
        expect(await superuser.inspect(membership('app_writer', longer))).toBe('absent');
        await superuser.revoke(membership('app_writer', longer));
        expect(await superuser.inspect(membership('app_writer', name))).toBe('present');
        await superuser.revoke(membership('app_writer', name));
      }
    });

    it('is refused for a name with a NUL, an empty one and half a character', async () => {
      for (const account of ['a\0b', '', '\ud800']) {
        expect((await failure(superuser.provision(membership('app_writer', account)))).code).toBe(
          'invalid-account-name',
        );
        expect(provider.permission.safeParse({ role: account }).success).toBe(false);
      }
      expect(provider.permission.safeParse({ role: 'x'.repeat(63) }).success).toBe(true);
      expect(provider.permission.safeParse({ role: 'x'.repeat(64) }).success).toBe(false);
    });
  });
});
