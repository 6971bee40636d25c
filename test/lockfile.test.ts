import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Locked {
  version?: string;
  resolved?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}
const text = readFileSync(resolve(import.meta.dirname, '../package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };

/** Where Node would find a package from a place in the tree. */
function found(from: string, name: string): boolean {
  const folders =
    from === ''
      ? ['']
      : [...from.split('/node_modules/').map((_, i, parts) => parts.slice(0, i + 1).join('/node_modules/')), ''];
  return folders.some((folder) => `${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages);
}

describe('package-lock.json', () => {
  // An npm mirror may lack the packages of other systems. `npm install` then leaves them out of the lock without a word,
  // and `npm ci` refuses that lock, everywhere.
  it('has every package that one of its packages names, those for other systems too', () => {
    const missing = Object.entries(packages).flatMap(([at, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !found(at, name))
        .map((name) => `${name} (of ${at || 'the project'})`),
    );
    expect(missing).toEqual([]);
  });

  it('names no host to download from', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});
