import type { Provider } from '../../app/ports/provider.ts';
import { ScimClient } from './client.ts';
import { config, systemOf } from './config.ts';
import { permission } from './permission.ts';
import { ScimGroupTarget } from './target.ts';

/** Membership of a group in a SCIM 2.0 directory (RFC 7643, 7644). The account is the user's `userName`, an e-mail. */
export const provider: Provider = {
  name: 'scim-group',
  config,
  secretSettings: ['token'],
  permission,
  account: 'email',
  tellsUse: false,
  describe: ({ group }) => `group ${group}`,
  howToUse: ({ group }, account, target) =>
    `You are in the group ${group} of ${target} as ${account}; if an application does not see it yet, sign out of it and in again.`,
  identity: (settings) => systemOf(config.parse(settings)),
  open: (settings, target) => new ScimGroupTarget(new ScimClient(config.parse(settings), target), target),
};
