import { type Problem, problem } from '../problems.ts';
import type { ReadableSettings } from '../schema/settings.ts';
import { isRead } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** One key under two names: whoever shows it would be two callers, and the record would name one of them. */
export function repeatedKeys({ positions }: YamlDocument, { api_keys: keys }: ReadableSettings): Problem[] {
  if (!keys || !isRead(keys)) return [];
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const [name, hashes] of Object.entries(keys)) {
    for (const [index, hash] of (isRead(hashes) ? hashes : []).entries()) {
      const before = seen.get(hash);
      if (before === undefined) {
        seen.set(hash, name);
        continue;
      }
      const path = ['api_keys', name];
      const place = positions.value(positions.has([...path, index]) ? [...path, index] : path);
      const sentence =
        before === name
          ? 'This key stands here twice: remove one of them.'
          : `This is the key of \`${before}\`, too, and a key is one caller’s: make another one.`;
      problems.push(problem(place, 'duplicate-api-key', sentence));
    }
  }
  return problems;
}
