import type { Provider } from '../../app/ports/provider.ts';
import { config, systemOf } from './config.ts';
import { permission } from './permission.ts';
import { PostgresRoleTarget } from './target.ts';

/** Membership of a role in a PostgreSQL 14+ cluster. The account is a role that can log in. */
export const provider: Provider = {
  name: 'postgres-role',
  config,
  secretSettings: ['url'],
  permission,
  account: 'local-part',
  tellsUse: true,
  describe: ({ role }) => `role ${role}`,
  howToUse: ({ role }, account, target) =>
    `Connect to ${target} as ${account}; if the rights of ${role} are not there at once, run SET ROLE ${quotedForPeople(role)}.`,
  identity: (settings) => systemOf(config.parse(settings)),
  open: (settings, target) => new PostgresRoleTarget(config.parse(settings), target),
};

/** As it must be typed: Postgres folds an unquoted name to lower case. */
function quotedForPeople(role = ''): string {
  return /^[a-z_][a-z0-9_]*$/.test(role) ? role : `"${role.replaceAll('"', '""')}"`;
}
