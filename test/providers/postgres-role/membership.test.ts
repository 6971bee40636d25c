import type pg from 'pg';
import type { Target } from '../../../src/app/ports/provider.ts';
import { provider } from '../../../src/providers/postgres-role/index.ts';
import { failure, settings } from '../../contract/provider-contract.ts';
import { postgresMajor } from '../../support/postgres.ts';
import { type RolesServer, startRolesServer } from '../../support/postgres-roles.ts';

const since16 = (await postgresMajor()) >= 16;

describe('membership of a PostgreSQL role', () => {
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
    for (const account of ['ana', 'ben']) await roles.login(account);
  });
  afterAll(async () => {
    await Promise.all(opened.map((target) => target.close()));
    await roles?.stop();
  });

  describe('given by others', () => {
    it('does not count when it comes through another role', async () => {
      await admin.query('CREATE ROLE wide; CREATE ROLE team; GRANT wide TO team; GRANT team TO ana');
      expect(await superuser.inspect(call('wide', 'ana'))).toBe('absent');
      await superuser.provision(call('wide', 'ana'));
      expect(await superuser.inspect(call('wide', 'ana'))).toBe('present');
      await superuser.revoke(call('wide', 'ana'));
      expect(await superuser.inspect(call('wide', 'ana'))).toBe('absent');
      expect(await of('team')).toEqual(['team < ana (by postgres)']);
    });
  });

  describe('given by us', () => {
    it('never carries the ADMIN option', async () => {
      await admin.query('CREATE ROLE plain');
      await superuser.provision(call('plain', 'ana'));
      const { rows } = await admin.query(
        `SELECT bool_or(admin_option) AS admin FROM pg_auth_members WHERE roleid = 'plain'::regrole`,
      );
      expect(rows).toEqual([{ admin: false }]);
    });

    it('works with a login that is no superuser and holds the ADMIN option', async () => {
      await admin.query('CREATE ROLE narrow');
      const target = open(await roles.login('narrow_latchkey'));
      const nothingElse = since16 ? ', INHERIT FALSE, SET FALSE' : '';
      await admin.query(`GRANT narrow TO narrow_latchkey WITH ADMIN OPTION${nothingElse}`);
      await target.provision(call('narrow', 'ana'));
      expect(await of('narrow')).toContain('narrow < ana (by narrow_latchkey)');
      await target.revoke(call('narrow', 'ana'));
      expect(await target.inspect(call('narrow', 'ana'))).toBe('absent');
    });

    it('is taken after our login got the ADMIN option in a second way', async () => {
      await admin.query('CREATE ROLE shifting; CREATE ROLE granters; GRANT shifting TO granters WITH ADMIN OPTION');
      const target = open(await roles.login('shifting_latchkey', 'IN ROLE granters'));
      await target.provision(call('shifting', 'ana'));
      expect(await of('shifting')).toContain(`shifting < ana (by ${since16 ? 'granters' : 'shifting_latchkey'})`);
      await admin.query('GRANT shifting TO shifting_latchkey WITH ADMIN OPTION');
      await target.revoke(call('shifting', 'ana'));
      expect(await target.inspect(call('shifting', 'ana'))).toBe('absent');
    });

    it('is taken after our login became a superuser', async () => {
      await admin.query('CREATE ROLE rising');
      const target = open(await roles.login('rising_latchkey'));
      await admin.query('GRANT rising TO rising_latchkey WITH ADMIN OPTION');
      await target.provision(call('rising', 'ana'));
      await admin.query('ALTER ROLE rising_latchkey SUPERUSER');
      await target.revoke(call('rising', 'ana'));
      expect(await target.inspect(call('rising', 'ana'))).toBe('absent');
    });

    it('may be of a predefined role or of a superuser: the policy decides', async () => {
      await admin.query('CREATE ROLE root_like SUPERUSER');
      for (const role of ['pg_read_all_data', 'root_like']) {
        await superuser.provision(call(role, 'ben'));
        expect(await superuser.inspect(call(role, 'ben'))).toBe('present');
        await superuser.revoke(call(role, 'ben'));
        expect(await superuser.inspect(call(role, 'ben'))).toBe('absent');
      }
    });
  });

  describe('that cannot be', () => {
    const refusal = async (role: string, account: string, target = superuser) => {
      const { kind, code, message } = await failure(target.provision(call(role, account)));
      expect(message).toContain('prod-postgres');
      return `${kind} ${code}`;
    };

    beforeAll(() => admin.query('CREATE ROLE app_writer'));

    it('is refused without the ADMIN option', async () => {
      const target = open(await roles.login('powerless'));
      expect(await refusal('app_writer', 'ana', target)).toBe('give-up not-permitted');
      expect(await of('app_writer')).toEqual([]);
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
        expect(await failure(superuser.provision(call('app_writer', longer)))).toMatchObject({
          kind: 'give-up',
          code: 'invalid-account-name',
        });
        await superuser.provision(call('app_writer', name));
        expect(await superuser.inspect(call('app_writer', longer))).toBe('absent');
        await superuser.revoke(call('app_writer', longer));
        expect(await superuser.inspect(call('app_writer', name))).toBe('present');
        await superuser.revoke(call('app_writer', name));
      }
    });

    it('is refused for a name with a NUL, an empty one and half a character', async () => {
      for (const account of ['a\0b', '', '\ud800']) {
        expect((await failure(superuser.provision(call('app_writer', account)))).code).toBe('invalid-account-name');
        expect(provider.permission.safeParse({ role: account }).success).toBe(false);
      }
      expect(provider.permission.safeParse({ role: 'x'.repeat(63) }).success).toBe(true);
      expect(provider.permission.safeParse({ role: 'x'.repeat(64) }).success).toBe(false);
    });
  });
});
