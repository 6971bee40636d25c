import { z } from 'zod';
import { ProviderError } from '../../app/ports/provider.ts';
import type { Permission } from '../../domain/entitlement.ts';
import { problemOfName } from './names.ts';

/** Any role can be named, those with superuser rights and the predefined `pg_…` ones too: the policy decides. */
export const permission = z.strictObject({
  role: z.string().superRefine((text, context) => {
    const message = problemOfName(text);
    if (message) context.addIssue({ code: 'custom', message });
  }),
});

/** The role that a permission names. */
export function roleOf(given: Permission): string {
  const parsed = permission.safeParse(given);
  if (parsed.success) return parsed.data.role;
  const why = parsed.error.issues[0]?.message ?? 'write {role: <name>}';
  throw new ProviderError('give-up', 'invalid-role-name', `The permission is not one role: ${why}.`);
}
