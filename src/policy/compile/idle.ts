import { formatDuration } from '../../domain/duration.ts';
import type { TargetPolicy } from '../policy-set.ts';
import { type Problem, problem } from '../problems.ts';
import type { ProviderSchemas } from '../provider-schemas.ts';
import type { AccessDocument } from '../schema/access.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import { judgedGrants } from './access.ts';

/** A `revoke_on_idle` that could do nothing: nobody would see that it is not used, or it would come after the end. */
export function idleProblems(
  { positions }: YamlDocument,
  document: AccessDocument,
  { targets, providers }: { targets: ReadonlyMap<string, TargetPolicy>; providers: ProviderSchemas },
): Problem[] {
  const { revoke_on_idle: idleMs, duration } = document;
  if (idleMs === undefined) return [];
  const problems: Problem[] = [];
  const { max, extend } = duration;
  const longest = max + (extend ? extend.times * extend.by : 0);
  if (idleMs >= longest) {
    const sentence = `The access lasts ${formatDuration(longest)} at the longest, so this would never come: make it shorter, or remove it.`;
    problems.push(problem(positions.value(['revoke_on_idle']), 'idle-after-end', sentence));
  }
  const able = [...providers].filter(([, { tellsUse }]) => tellsUse).map(([name]) => `\`${name}\``);
  const blind = new Map<string, string>();
  for (const { target } of judgedGrants(document)) {
    const provider = targets.get(target)?.provider;
    if (provider !== undefined && providers.get(provider)?.tellsUse === false) blind.set(target, provider);
  }
  for (const [target, provider] of blind) {
    const who = able.length === 0 ? 'no provider can' : `those that can: ${able.join(', ')}`;
    const sentence = `\`${target}\` is a \`${provider}\`, and that provider cannot tell when a permission was used last (${who}): remove \`revoke_on_idle\`, or what the access gives at this target.`;
    problems.push(problem(positions.key(['revoke_on_idle']), 'cannot-tell-use', sentence));
  }
  return problems;
}
