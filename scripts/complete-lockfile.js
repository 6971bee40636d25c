/**
 * Run after `npm install` behind a mirror that does not hold every system's packages. npm then leaves the optional
 * packages that it could not find (the binaries for other systems) out of package-lock.json, and `npm ci` refuses the
 * file. This adds them as their parents name them: by version and system, without an integrity hash, which nobody here
 * could know. `test/lockfile.test.ts` says when it is needed.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const SYSTEMS = ['android', 'darwin', 'freebsd', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'aix', 'linux'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el', 'wasm32'];

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
/** @type {Record<string, any>} */
const packages = lock.packages;

let added = 0;
for (const [parent, entry] of Object.entries({ ...packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(parent, name)) continue;
    packages[`node_modules/${name}`] = optionalPackage(name, version, entry);
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional packages added.`);

/**
 * Whether the parent finds the package where Node would look: beside it, or in a folder above.
 * @param {string} parent @param {string} name
 */
function isLocked(parent, name) {
  for (let folder = parent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

/** @param {string} name @param {string} version @param {{dev?: boolean, devOptional?: boolean}} parent */
function optionalPackage(name, version, parent) {
  const words = name.slice(name.lastIndexOf('/') + 1);
  const system = words.includes('win32') ? 'win32' : SYSTEMS.find((one) => words.includes(one));
  const arm = /arm-|armv7|-arm$/.test(words);
  const processor = arm ? 'arm' : PROCESSORS.find((one) => words.includes(one));
  const libc = system === 'linux' && (words.includes('musl') ? 'musl' : words.includes('gnu') && 'glibc');
  return {
    version: version.replace(/^\D*/, ''),
    ...(processor ? { cpu: [processor] } : {}),
    ...(parent.dev ? { dev: true } : {}),
    ...(parent.devOptional ? { devOptional: true } : {}),
    ...(libc ? { libc: [libc] } : {}),
    optional: true,
    ...(system ? { os: [system] } : {}),
  };
}
