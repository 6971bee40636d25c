import { z } from 'zod';
import { ProviderError } from '../../app/ports/provider.ts';
import type { Permission } from '../../domain/entitlement.ts';

/** Text without control characters, which no name in a directory needs and which hide in messages and logs. */
const NAME = /^[^\p{Cc}]+$/u;

export const permission = z.strictObject({
  group: z
    .string()
    .min(1, 'write the display name of a group')
    .max(1000, 'a group name has at most 1000 characters')
    .regex(NAME, 'a group name holds no control characters'),
});

/** The display name of the group that a permission names. */
export function groupOf(given: Permission): string {
  const parsed = permission.safeParse(given);
  if (parsed.success) return parsed.data.group;
  throw new ProviderError(
    'give-up',
    'invalid-permission',
    'The permission is not one group; write {group: <display name>}.',
  );
}
