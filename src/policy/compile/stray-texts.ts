import { ANY_KNOWN_NAMES } from '../names.ts';
import { directorySchema } from '../schema/directory.ts';
import type { Kind } from '../schema/header.ts';
import { keysAt } from '../schema/schema-keys.ts';
import { settingsSchema } from '../schema/settings.ts';
import { targetsSchema } from '../schema/targets.ts';
import { isMapping, type Plain } from '../yaml/plain.ts';
import type { Documents } from './documents.ts';

const nothing = new Map<string, never>();
const KEYS: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  directory: keysAt(
    directorySchema(ANY_KNOWN_NAMES, nothing, () => undefined),
    [],
  ),
  targets: keysAt(
    targetsSchema(ANY_KNOWN_NAMES, nothing, () => undefined),
    [],
  ),
  settings: keysAt(settingsSchema, []),
};

/** Whether a key of a document is one that its kind does not have: what stands behind it may belong anywhere. */
export const isStrayKey = (kind: Kind, key: string): boolean => KEYS[kind]?.includes(key) === false;

/**
 * Every key and text that stands where the language has no place for it: in a document whose kind cannot be told, or
 * behind an unknown key. Each may be a name that is defined once its key or kind is mended: `grups: {backend: […]}`. What
 * is neither a mapping nor a list defines nothing.
 */
export function strayTexts({ byKind, unplaced }: Documents): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const { value } of unplaced) addTexts(value, texts);
  for (const kind of ['directory', 'targets', 'settings'] as const) {
    for (const { value } of byKind[kind]) {
      for (const [key, part] of Object.entries(value)) {
        if (isStrayKey(kind, key) && typeof part === 'object') addTexts(part, texts);
      }
    }
  }
  for (const { value } of byKind.directory) {
    const { scim, ...others } = isMapping(value.from) ? value.from : {};
    addTexts(others, texts);
    // The settings of a source are the provider's own: none of them is a mapping or a list.
    for (const [key, part] of Object.entries(isMapping(scim) ? scim : {})) {
      if (key !== 'groups' && typeof part === 'object') addTexts(part, texts);
    }
  }
  return texts;
}

function addTexts(part: Plain, texts: Set<string>): void {
  if (typeof part === 'string') texts.add(part).add(part.toLowerCase());
  else if (Array.isArray(part)) for (const each of part) addTexts(each, texts);
  else if (isMapping(part)) {
    for (const [key, inner] of Object.entries(part)) {
      texts.add(key);
      addTexts(inner, texts);
    }
  }
}
