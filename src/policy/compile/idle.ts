import { formatDuration } from '../../domain/duration.ts';
import type { KnownNames } from '../names.ts';
import { type Problem, problem } from '../problems.ts';
import type { ProviderSchemas } from '../provider-schemas.ts';
import type { ReadableAccess } from '../schema/access.ts';
import { isRead, readOnes } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import type { TargetNames } from './at-best.ts';

/** A `revoke_on_idle` that could do nothing: nobody would see that it is not used, or it would come after the end. */
export function idleProblems(
  { positions }: YamlDocument,
  access: ReadableAccess,
  { targets, known, providers }: { targets: TargetNames; known: KnownNames; providers: ProviderSchemas },
): Problem[] {
  const { revoke_on_idle: idleMs } = access;
  if (idleMs === undefined) return [];
  const problems: Problem[] = [];
  const longest = longestOf(access);
  if (isRead(idleMs) && longest !== undefined && idleMs >= longest) {
    const sentence = `The access lasts ${formatDuration(longest)} at the longest, so this would never come: make it shorter, or remove it.`;
    problems.push(problem(positions.value(['revoke_on_idle']), 'idle-after-end', sentence));
  }
  // That nobody could tell is true of any length of time, if one is written.
  if (!positions.has(['revoke_on_idle'])) return problems;
  const able = [...providers].filter(([, { tellsUse }]) => tellsUse).map(([name]) => `\`${name}\``);
  for (const target of readOnes(targets)) {
    const provider = known.providerOf(target);
    if (provider === undefined || providers.get(provider)?.tellsUse !== false) continue;
    const who = able.length === 0 ? 'no provider can' : `those that can: ${able.join(', ')}`;
    const sentence = `\`${target}\` is a \`${provider}\`, and that provider cannot tell when a permission was used last (${who}): remove \`revoke_on_idle\`, or what the access gives at this target.`;
    problems.push(problem(positions.key(['revoke_on_idle']), 'cannot-tell-use', sentence));
  }
  return problems;
}

/** How long the access can last, extensions and all; undefined when that cannot be read. */
function longestOf({ duration }: ReadableAccess): number | undefined {
  if (!isRead(duration) || !isRead(duration.max)) return undefined;
  const { max, extend } = duration;
  if (extend === undefined) return max;
  if (!isRead(extend) || !isRead(extend.times) || !isRead(extend.by)) return undefined;
  return max + extend.times * extend.by;
}
