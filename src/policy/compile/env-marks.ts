import { ENV_MARK } from '../env.ts';
import type { Path } from '../positions.ts';
import { type Problem, problem } from '../problems.ts';
import type { Kind } from '../schema/header.ts';
import type { Plain } from '../yaml/plain.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import { isStrayKey } from './stray-texts.ts';

/**
 * `${env:…}` anywhere but in the settings of a target or a SCIM directory is an error: it would be taken for the text it is, and a title with a
 * secret in it would reach every approver if it were not.
 */
export function straySecretReferences(kind: Kind, { positions, value }: YamlDocument): Problem[] {
  const problems: Problem[] = [];
  const sentence = `\`${ENV_MARK}…}\` can stand in the settings of a target or of a SCIM directory and nowhere else: write the value itself.`;
  const walk = (part: Plain, path: Path): void => {
    if (typeof part === 'string') {
      if (part.includes(ENV_MARK) && !isSetting(kind, path))
        problems.push(problem(positions.value(path), 'env-not-allowed', sentence));
    } else if (Array.isArray(part)) {
      for (const [index, item] of part.entries()) walk(item, [...path, index]);
    } else if (typeof part === 'object' && part !== null) {
      for (const [key, inner] of Object.entries(part)) {
        if (key.includes(ENV_MARK)) problems.push(problem(positions.key([...path, key]), 'env-not-allowed', sentence));
        walk(inner, [...path, key]);
      }
    }
  };
  for (const [key, part] of Object.entries(value)) {
    // Behind a key that there is not it may be where it belongs.
    if (!isStrayKey(kind, key)) walk(part, [key]);
  }
  return problems;
}

const isSetting = (kind: Kind, path: Path): boolean =>
  (kind === 'directory' && path[0] === 'from' && path[2] !== 'every' && path[2] !== 'groups') ||
  (kind === 'targets' && path.length >= 3 && path[0] === 'targets' && path[2] !== 'provider' && path[2] !== 'owner');
