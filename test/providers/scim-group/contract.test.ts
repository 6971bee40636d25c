import { provider } from '../../../src/providers/scim-group/index.ts';
import { type ProviderFixture, providerContract } from '../../contract/provider-contract.ts';
import { hold, startFaultyDirectory } from '../../support/scim-directory.ts';

async function start(): Promise<ProviderFixture> {
  const directory = await startFaultyDirectory();
  const gone = await startFaultyDirectory();
  await gone.stop();
  const permissionNamed = (group: string) => ({ group });
  const accountNamed = (name: string) => `${name}@example.com`;
  return {
    provider,
    config: { url: directory.url, token: directory.token },
    rotated: { url: `${directory.url}/`, token: 'hunter2' },
    unreachable: { config: { url: gone.url, token: 'hunter2' }, secrets: ['hunter2', 'Bearer'] },
    async createPermission(name) {
      directory.addGroup(name);
      return permissionNamed(name);
    },
    permissionNamed,
    async createAccount(name) {
      directory.addUser(accountNamed(name));
      return accountNamed(name);
    },
    accountNamed,
    hostileNames: [
      'a"b',
      '" or displayName pr or displayName eq "',
      'back\\',
      '\\"',
      "o'brien; --",
      '../Users',
      '%2e%2e%2f',
      'a&filter=userName pr#x?y',
      'members[value eq "x"]',
      'über — 角色 😀',
      'UPPER Case',
      '*',
    ],
    unknown: { permission: 'no-such-group', account: 'no-such-account' },
    outside: {
      async set({ group = '' }, account, present) {
        directory.setMember(group, account, present);
      },
      async everything() {
        return directory
          .groups()
          .flatMap(({ name, members }) => members.map((member) => `${name} < ${member}`))
          .sort();
      },
    },
    async stall() {
      const { fault, reached, letGo } = hold(['PATCH']);
      directory.setFault(fault);
      return {
        reached,
        async letGo() {
          directory.setFault(undefined);
          await directory.settled(); // The caller has hung up, which is all that HTTP lets it do.
          letGo();
        },
      };
    },
    held: async () => directory.pending(),
    stop: () => directory.stop(),
  };
}

providerContract('scim-group', start);
