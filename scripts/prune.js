/**
 * For the image: removes the installed packages that the built product cannot reach. `npm prune --omit=dev` keeps more:
 * Prisma's client names its generator and the compiler as optional peers, 240 MB that only the build needs.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const BUILD_ONLY = new Set(['prisma', 'typescript']);

const root = resolve(import.meta.dirname, '..');
/** @type {{ packages: Record<string, Record<'dependencies' | 'optionalDependencies' | 'peerDependencies', Record<string, string> | undefined>> }} */
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

/** @param {string} from @param {string} name @returns {string | undefined} where Node finds it, looking outwards */
function find(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (folder === '') return undefined;
  }
}

const reached = new Set(['']);
// The set grows while it is walked.
for (const path of reached) {
  const { dependencies, optionalDependencies, peerDependencies } = packages[path] ?? {};
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
    const found = BUILD_ONLY.has(name) ? undefined : find(path, name);
    if (found !== undefined) reached.add(found);
  }
}
const unreached = Object.keys(packages).filter((path) => !reached.has(path));
for (const path of unreached) {
  // Not when something that is reached lies inside.
  if (![...reached].some((kept) => kept.startsWith(`${path}/`)))
    rmSync(join(root, path), { recursive: true, force: true });
}
console.log(`Kept ${reached.size - 1} packages.`);
