import type { Target } from '../../src/app/ports/provider.ts';
import { provider } from '../../src/providers/postgres-role/index.ts';
import { settings } from '../contract/provider-contract.ts';
import { type RolesServer, startRolesServer } from './postgres-roles.ts';

/** A server of roles with the provider's targets at it, which are closed before it stops. */
export interface RoleTargets extends RolesServer {
  open(url: string): Target;
  /** The memberships of one role, as `memberships` tells them. */
  membersOf(role: string): Promise<string[]>;
}

export async function startRoleTargets(): Promise<RoleTargets> {
  const roles = await startRolesServer();
  const opened: Target[] = [];
  return {
    ...roles,
    open(url) {
      const target = provider.open(settings(provider, { url }), 'prod-postgres');
      opened.push(target);
      return target;
    },
    membersOf: async (role) => (await roles.memberships()).filter((line) => line.startsWith(`${role} <`)),
    async stop() {
      await Promise.all(opened.map((target) => target.close()));
      await roles.stop();
    },
  };
}

export const membership = (role: string, account: string) => ({
  permission: { role },
  account,
  signal: new AbortController().signal,
});
