import type { Provider } from '../app/ports/provider.ts';
import { provider as postgresRole } from './postgres-role/index.ts';
import { provider as scimGroup } from './scim-group/index.ts';

/** Every provider by its name. A test holds this list against the folders beside this file. */
export const providers: ReadonlyMap<string, Provider> = new Map(
  [postgresRole, scimGroup].map((provider) => [provider.name, provider]),
);
