import { readDocuments } from './compile/documents.ts';
import type { Env } from './env.ts';
import { parsePolicies } from './parse-policies.ts';
import { type PolicyFile, policiesAmong } from './policy-files.ts';
import type { PolicySet } from './policy-set.ts';
import type { ProviderSchemas } from './provider-schemas.ts';
import type { Kind } from './schema/header.ts';
import type { YamlDocument } from './yaml/read-yaml.ts';

/**
 * What a broken set is still good for: taking away. It has no access, so nothing can be asked, approved or given under
 * it; it has the targets whose own definition is sound, so that what was given there can be taken away; and, for what
 * people are told of that, the directory and the settings if they are sound.
 *
 * NB. nothing is read more leniently here: each part has to load without a problem by the same rules, alone. What a
 * target is used for is checked where it is used: only the very system that something was given at is ever touched.
 */
export function salvage(files: readonly PolicyFile[], providers: ProviderSchemas, env: Env): PolicySet {
  const parse = (parts: readonly PolicyFile[]) => parsePolicies(parts, providers, env);
  const { byKind } = readDocuments(policiesAmong(files));
  const flawless = (kind: Kind) => byKind[kind].filter(({ flawed }) => !flawed);

  const targets = flawless('targets').flatMap(targetsOf);
  const count = new Map<string, number>();
  for (const { path } of targets) count.set(path, (count.get(path) ?? 0) + 1);
  // Of two with one name nobody can say which is meant.
  const sound = targets.filter((target) => count.get(target.path) === 1 && parse([target]).ok);

  let parts = sound;
  for (const kind of ['directory', 'settings'] as const) {
    const more = [...parts, ...flawless(kind).map(({ value }, index) => file(`${kind}-${index}`, value))];
    if (parse(more).ok) parts = more;
  }
  const parsed = parse(parts);
  if (!parsed.ok) throw new Error('parts that are sound alone are not sound together');
  return parsed.policies;
}

/** Each target of a document as a file of its own, without what only approvals need. */
function targetsOf({ value }: YamlDocument): PolicyFile[] {
  const { version, kind, targets } = value;
  if (typeof targets !== 'object' || targets === null || Array.isArray(targets)) return [];
  return Object.entries(targets).map(([name, target]) => {
    if (typeof target !== 'object' || target === null || Array.isArray(target)) return file(`target-${name}`, target);
    // An owner is somebody to ask, and may be a group whose definition is what broke.
    const { owner: _, ...rest } = target;
    return file(`target-${name}`, { version, kind, targets: { [name]: rest } });
  });
}

/** JSON is YAML, too. */
const file = (name: string, value: unknown): PolicyFile => ({ path: `${name}.yaml`, text: JSON.stringify(value) });
