import { entitlementKey } from '../../domain/entitlement.ts';
import { type Problem, problem } from '../problems.ts';
import type { ReadableAccess } from '../schema/access.ts';
import { isRead } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** One permission twice in one access. A grant at a target without a usable provider cannot be judged. */
export function repeatedGrants({ positions }: YamlDocument, { grants }: ReadableAccess): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, grant] of (isRead(grants) ? grants : []).entries()) {
    if (!grant || !isRead(grant)) continue;
    const { target, permission, label } = grant;
    const key = entitlementKey(target, permission, '');
    if (seen.has(key)) {
      const sentence = `${label} at \`${target}\` is already among the grants: remove one.`;
      problems.push(problem(positions.value(['grants', index]), 'duplicate-grant', sentence));
    }
    seen.add(key);
  }
  return problems;
}
