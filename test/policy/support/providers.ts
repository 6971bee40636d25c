import { z } from 'zod';
import type { ProviderSchemas } from '../../../src/policy/index.ts';

/** Only the host: enough to tell the systems of these tests apart. */
const systemOf = (config: object) => ('url' in config ? new URL(String(config.url)).host : '');

/** Two providers as the policy language sees them: one that uses e-mails, one that uses the part before the `@`. */
export const providers: ProviderSchemas = new Map([
  [
    'scim-group',
    {
      config: z.strictObject({ url: z.url(), token: z.string().min(1) }),
      secretSettings: ['token'],
      permission: z.strictObject({ group: z.string().min(1) }),
      account: 'email' as const,
      tellsUse: false,
      describe: ({ group }: Readonly<Record<string, string>>) => `group ${group}`,
      identity: (config: object) => systemOf(config),
    },
  ],
  [
    'postgres-role',
    {
      config: z.strictObject({
        url: z.string().refine((text) => text.startsWith('postgresql://'), {
          // As careless as a provider can be: the message repeats the value.
          error: (issue) => `${String(issue.input)} is not a postgresql:// address`,
        }),
        end_sessions: z.boolean().optional(),
        options: z.strictObject({ pool: z.number() }).optional(),
      }),
      secretSettings: ['url'],
      permission: z.strictObject({ role: z.string().min(1) }),
      account: 'local-part' as const,
      tellsUse: true,
      describe: ({ role }: Readonly<Record<string, string>>) => `role ${role}`,
      identity: (config: object) => systemOf(config),
    },
  ],
]);
