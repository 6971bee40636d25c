import { type Provider, ProviderError, type Target, type TargetCall } from '../../src/app/ports/provider.ts';
import type { Permission } from '../../src/domain/entitlement.ts';

/** A real server of the kind that a provider changes, with ways around the provider. */
export interface ProviderFixture {
  provider: Provider;
  /** Settings that the provider's schema accepts, for this server. */
  config: object;
  /** The same server with `hunter2` for a credential, and written otherwise as far as that does not change which it is. */
  rotated: object;
  /** Settings for an address where nothing listens, and the texts that no message may hold. */
  unreachable: { config: object; secrets: readonly string[] };
  /** Makes something that can be given, of that name, and returns how a policy names it. */
  createPermission(name: string): Promise<Permission>;
  /** How a policy names it, without making it. */
  permissionNamed(name: string): Permission;
  /** Makes an account of that name; a fixture may add to the name what accounts there need, such as a domain. */
  createAccount(name: string): Promise<string>;
  accountNamed(name: string): string;
  /** Names that try to mean more than a name, for permissions and accounts alike. */
  hostileNames: readonly string[];
  /** Codes of the give-ups for what is not there. */
  unknown: { permission: string; account: string };
  outside: {
    set(permission: Permission, account: string, present: boolean): Promise<void>;
    /** Everything that is given on this server, as sorted text, to see that nothing else was touched. */
    everything(): Promise<string[]>;
  };
  /** With a provider that `tellsUse`: the account begins to use what it has, and stops. */
  beginUse?(account: string): Promise<{ stop(): Promise<void> }>;
  /** Holds changes of this permission back at the server. */
  stall(permission: Permission): Promise<Stall>;
  /** What open targets hold at the server now: connections of their own, requests in work. */
  held(): Promise<number>;
  stop(): Promise<void>;
}

export interface Stall {
  /** A change is being held back now. */
  reached: Promise<void>;
  /** Lets everything through, and settles when the server has nothing of ours left to do. */
  letGo(): Promise<void>;
}

/** What every provider must do, against its own kind of real server. */
export function providerContract(name: string, start: () => Promise<ProviderFixture>): void {
  describe(`provider contract: ${name}`, () => {
    let fixture: ProviderFixture;
    let target: Target;
    let count = 0;

    beforeAll(async () => {
      fixture = await start();
    });
    afterAll(() => fixture?.stop());
    beforeEach(() => {
      target = open(fixture.config);
    });
    afterEach(() => target.close());

    const open = (config: object, as = 'the-target') => fixture.provider.open(settings(fixture.provider, config), as);
    const call = (permission: Permission, account: string, signal = new AbortController().signal): TargetCall => ({
      permission,
      account,
      signal,
    });
    const withUse = () => {
      const of = (one: Target) => one.lastUsed?.bind(one);
      return { of, lastUsed: of(target) };
    };
    const fresh = async () => {
      count++;
      return call(await fixture.createPermission(`perm_${count}`), await fixture.createAccount(`person_${count}`));
    };

    it('is named like its folder and names only settings that it has as secret', () => {
      expect(fixture.provider.name).toBe(name);
      for (const secret of fixture.provider.secretSettings) expect(Object.keys(fixture.config)).toContain(secret);
    });

    it('gives a permission and sees it there', async () => {
      const one = await fresh();
      expect(await target.inspect(one)).toBe('absent');
      await target.provision(one);
      expect(await target.inspect(one)).toBe('present');
    });

    it('gives it twice with success, and once is enough to take it away', async () => {
      const one = await fresh();
      await target.provision(one);
      await target.provision(one);
      await target.revoke(one);
      expect(await target.inspect(one)).toBe('absent');
    });

    it('takes it away, and again with success', async () => {
      const one = await fresh();
      await target.provision(one);
      await target.revoke(one);
      expect(await target.inspect(one)).toBe('absent');
      await target.revoke(one);
      expect(await target.inspect(one)).toBe('absent');
    });

    it('sees what others have changed, every time it looks', async () => {
      const one = await fresh();
      await fixture.outside.set(one.permission, one.account, true);
      expect(await target.inspect(one)).toBe('present');
      await fixture.outside.set(one.permission, one.account, false);
      expect(await target.inspect(one)).toBe('absent');
    });

    it('touches nothing but the one permission of the one account', async () => {
      const mine = await fresh();
      const other = await fresh();
      await target.provision(other);
      await target.provision(call(other.permission, mine.account));
      await target.provision(call(mine.permission, other.account));
      const before = await fixture.outside.everything();
      await target.provision(mine);
      expect(await fixture.outside.everything()).toHaveLength(before.length + 1);
      await target.revoke(mine);
      expect(await fixture.outside.everything()).toEqual(before);
    });

    it('gives up on a permission that does not exist, and has nothing to take away of it', async () => {
      const { account } = await fresh();
      const one = call(fixture.permissionNamed('nowhere'), account);
      expect(await failure(target.provision(one))).toMatchObject({ kind: 'give-up', code: fixture.unknown.permission });
      expect((await failure(target.provision(one))).message).toContain('nowhere');
      await target.revoke(one);
      expect(await target.inspect(one)).toBe('absent');
    });

    it('gives up on an account that does not exist, and has nothing to take away from it', async () => {
      const { permission } = await fresh();
      const one = call(permission, fixture.accountNamed('nobody'));
      expect(await failure(target.provision(one))).toMatchObject({ kind: 'give-up', code: fixture.unknown.account });
      expect((await failure(target.provision(one))).message).toContain('nobody');
      await target.revoke(one);
      expect(await target.inspect(one)).toBe('absent');
    });

    it('takes names for names, whatever they hold', async () => {
      for (const hostile of fixture.hostileNames) {
        const one = call(await fixture.createPermission(hostile), await fixture.createAccount(hostile));
        const before = await fixture.outside.everything();
        await target.provision(one);
        expect({ hostile, seen: await target.inspect(one) }).toEqual({ hostile, seen: 'present' });
        expect(await fixture.outside.everything()).toHaveLength(before.length + 1);
        await target.revoke(one);
        expect({ hostile, seen: await target.inspect(one) }).toEqual({ hostile, seen: 'absent' });
        expect(await fixture.outside.everything()).toEqual(before);
      }
    });

    it('does not reach anything through a hostile name that nobody has', async () => {
      const { permission, account } = await fresh();
      for (const hostile of fixture.hostileNames) {
        const before = await fixture.outside.everything();
        const name = `${hostile} not there`;
        await failure(target.provision(call(fixture.permissionNamed(name), account)));
        await failure(target.provision(call(permission, fixture.accountNamed(name))));
        await target.revoke(call(permission, fixture.accountNamed(name)));
        expect(await fixture.outside.everything()).toEqual(before);
      }
    });

    it('stops at the deadline, and nothing lands later', async () => {
      const one = await fresh();
      const deadline = new AbortController();
      const stall = await fixture.stall(one.permission);
      const given = failure(target.provision({ ...one, signal: deadline.signal }));
      await stall.reached;
      deadline.abort();
      expect(await given).toMatchObject({ kind: 'retry', code: 'deadline' });
      await stall.letGo();
      expect(await target.inspect(one)).toBe('absent');

      await target.provision(one);
      const late = new AbortController();
      const again = await fixture.stall(one.permission);
      const taken = failure(target.revoke({ ...one, signal: late.signal }));
      await again.reached;
      late.abort();
      expect(await taken).toMatchObject({ kind: 'retry', code: 'deadline' });
      await again.letGo();
      expect(await target.inspect(one)).toBe('present');
      await target.revoke(one);
      expect(await target.inspect(one)).toBe('absent');
    });

    it('begins nothing after the deadline', async () => {
      const one = await fresh();
      const past = { ...one, signal: AbortSignal.abort() };
      for (const work of [() => target.provision(past), () => target.revoke(past), () => target.inspect(past)]) {
        expect(await failure(work())).toMatchObject({ kind: 'retry', code: 'deadline' });
      }
      expect(await target.inspect(one)).toBe('absent');
    });

    it('asks to try again when the server cannot be reached, and tells no secret', async () => {
      const away = open(fixture.unreachable.config, 'away');
      const one = await fresh();
      for (const work of [() => away.provision(one), () => away.revoke(one), () => away.inspect(one)]) {
        const error = await failure(work());
        expect(error).toMatchObject({ kind: 'retry', code: 'unreachable' });
        expect(error.message).toContain('away');
        const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
        for (const secret of fixture.unreachable.secrets) expect(everything).not.toContain(secret);
      }
      await away.close();
    });

    it('does many accounts at once, and all land', async () => {
      const permission = await fixture.createPermission(`crowd_${++count}`);
      const numbers = Array.from({ length: 12 }, (_, index) => index);
      const accounts = await Promise.all(numbers.map((number) => fixture.createAccount(`crowd_${count}_${number}`)));
      const look = async () => {
        const seen = await Promise.all(accounts.map((account) => target.inspect(call(permission, account))));
        return seen.filter((state) => state === 'present').length;
      };
      await Promise.all(accounts.map((account) => target.provision(call(permission, account))));
      expect(await look()).toBe(12);
      await Promise.all(
        accounts.map((account, index) => target[index % 2 ? 'revoke' : 'provision'](call(permission, account))),
      );
      expect(await look()).toBe(6);
      await Promise.all(accounts.map((account) => target.revoke(call(permission, account))));
      expect(await look()).toBe(0);
    });

    it('says whether it can tell when a permission was used last, and then can', () => {
      expect(typeof target.lastUsed === 'function').toBe(fixture.provider.tellsUse);
      expect(typeof fixture.beginUse === 'function').toBe(fixture.provider.tellsUse);
    });

    it('that can tell of use sees it while it lasts, of the one account, and knows of none where there is none', async () => {
      const { lastUsed } = withUse();
      if (!lastUsed || !fixture.beginUse) return;
      const [mine, other] = [await fresh(), await fresh()];
      await target.provision(mine);
      expect((await lastUsed(mine)).usedMsAgo).toBeUndefined();
      const using = await fixture.beginUse(mine.account);
      const seen = await lastUsed(mine);
      expect(seen.usedMsAgo).toBe(0);
      expect(seen.knownMs).toBeGreaterThanOrEqual(0);
      expect((await lastUsed(other)).usedMsAgo).toBeUndefined();
      await using.stop();
      expect((await lastUsed(mine)).usedMsAgo).not.toBe(0);
      await target.revoke(mine);
      // Asking changes nothing and needs nothing to be there.
      expect((await lastUsed(call(fixture.permissionNamed('nowhere'), mine.account))).usedMsAgo).not.toBe(0);
      expect((await lastUsed(call(mine.permission, fixture.accountNamed('nobody')))).usedMsAgo).toBeUndefined();
    });

    it('that can tell of use takes names for names, and fails like the rest', async () => {
      const { lastUsed, of } = withUse();
      if (!lastUsed) return;
      const one = await fresh();
      for (const hostile of fixture.hostileNames) {
        const named = call(fixture.permissionNamed(hostile), fixture.accountNamed(`${hostile} not there`));
        expect({ hostile, ...(await lastUsed(named)) }).not.toHaveProperty('usedMsAgo');
      }
      expect(await failure(lastUsed({ ...one, signal: AbortSignal.abort() }))).toMatchObject({ code: 'deadline' });
      const away = open(fixture.unreachable.config, 'away');
      const error = await failure(of(away)?.(one) ?? Promise.resolve());
      expect(error).toMatchObject({ kind: 'retry', code: 'unreachable' });
      for (const secret of fixture.unreachable.secrets) expect(error.message).not.toContain(secret);
      await away.close();
      await target.close();
      expect(await failure(lastUsed(one))).toMatchObject({ kind: 'retry', code: 'closed' });
    });

    it('refuses settings and permissions with keys that it does not know', () => {
      const { provider, config } = fixture;
      expect(provider.config.safeParse(config).success).toBe(true);
      const strange = provider.config.safeParse({ ...config, colour: 'blue' });
      expect(strange).toMatchObject({
        success: false,
        error: { issues: [{ message: expect.stringContaining('colour') }] },
      });
      const permission = fixture.permissionNamed('one');
      expect(provider.permission.safeParse(permission).success).toBe(true);
      expect(provider.permission.safeParse({ ...permission, colour: 'blue' }).success).toBe(false);
      expect(provider.permission.safeParse({}).success).toBe(false);
      for (const key of Object.keys(permission)) {
        expect(provider.permission.safeParse({ ...permission, [key]: '' }).success).toBe(false);
        expect(provider.permission.safeParse({ ...permission, [key]: 7 }).success).toBe(false);
      }
    });

    it('tells no setting in the problem of a setting', () => {
      const { provider, config } = fixture;
      for (const key of Object.keys(config)) {
        const problem = provider.config.safeParse({ ...config, [key]: 'http://user:hunter2@%/ö' });
        expect(problem.success).toBe(false);
        expect(JSON.stringify(problem)).not.toContain('hunter2');
      }
    });

    it('names the system that its settings point at, whatever the credentials, and with none of them in the name', () => {
      const { provider, config, rotated, unreachable } = fixture;
      const identity = (of: object) => provider.identity(settings(provider, of));
      expect(identity(config)).toMatch(/^\S+$/);
      expect(identity(rotated)).toBe(identity(config));
      expect(identity(unreachable.config)).not.toBe(identity(config));
      expect(identity(rotated) + identity(unreachable.config)).not.toContain('hunter2');
    });

    it('says what it gives, and how to use it, in one line each', () => {
      const permission = fixture.permissionNamed('one');
      expect(fixture.provider.describe(permission)).toMatch(/^\S.*one$/);
      expect(fixture.provider.howToUse(permission, 'ana', 'prod')).toMatch(/^[A-Z][^\n]*ana[^\n]*\.$/);
    });

    it('opens nothing before it is asked, lets go of everything when closed, and works no more', async () => {
      const one = await fresh();
      await target.close();
      expect(await fixture.held()).toBe(0);
      const other = open(fixture.config);
      expect(await fixture.held()).toBe(0);
      await Promise.all([other.inspect(one), other.inspect(one)]);
      await other.close();
      await other.close();
      expect(await fixture.held()).toBe(0);
      expect(await failure(other.inspect(one))).toMatchObject({ kind: 'retry', code: 'closed' });
    });
  });
}

/** What the schema makes of settings: with the defaults filled in, as the program opens a target. */
export function settings(provider: Provider, config: object): object {
  const parsed = provider.config.safeParse(config);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  return parsed.data;
}

/** The contract's error, which must be what a call fails with. */
export async function failure(work: Promise<unknown>): Promise<ProviderError> {
  const outcome = await work.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
  if (outcome instanceof ProviderError) return outcome;
  throw new Error('Expected a ProviderError.', { cause: outcome });
}
