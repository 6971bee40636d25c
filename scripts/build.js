/**
 * Builds what `bin/latchkey.js` runs: the database clients when their schemas changed, then `src/` into `dist/`.
 * Takes a moment when nothing changed. `--quiet` says nothing unless there is something to do or to mend.
 * `--prepare` is how npm calls it after an installation: without dev dependencies it leaves things as they are.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const quiet = process.argv.includes('--quiet');
const preparing = process.argv.includes('--prepare');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const stamp = join(root, 'dist/.stamp');
const projects = ['tsconfig.json', 'tsconfig.browser.json'];

process.exitCode = await build();

/** @returns {Promise<number>} the exit code */
async function build() {
  const begun = performance.now();
  if (!existsSync(compiler)) return withoutCompiler();
  if (existsSync(join(root, 'scripts/generate.js'))) {
    const code = await run([join(root, 'scripts/generate.js'), ...(quiet ? ['--quiet'] : [])]);
    if (code !== 0) return code;
  }

  const sources = files(join(root, 'src'));
  const fingerprint = fingerprintOf([
    ...sources,
    ...[...projects, 'package-lock.json'].map((name) => join(root, name)),
  ]);
  const outputs = new Set(sources.flatMap(outputsOf));
  const lost = [...outputs].filter((path) => !existsSync(path));
  if (lost.length === 0 && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) {
    if (!quiet) console.log('Nothing to build.');
    return 0;
  }

  rmSync(stamp, { force: true });
  // The compiler remembers what it has written, and does not look whether it is still there.
  if (lost.length > 0)
    for (const name of ['.tsbuildinfo', '.tsbuildinfo-browser']) rmSync(join(root, 'dist', name), { force: true });
  const codes = await Promise.all(projects.map((project) => run([compiler, '-p', join(root, project)])));
  if (codes.some((code) => code !== 0)) return 1;

  for (const source of sources.filter((path) => !path.endsWith('.ts'))) {
    for (const target of outputsOf(source)) {
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(source, target);
    }
  }
  // What has no source any more must not be found by those who list a folder (the registry of providers does).
  for (const path of files(join(root, 'dist')))
    if (!outputs.has(path) && !/[\\/]dist[\\/]\.[^\\/]+$/.test(path)) rmSync(path);
  const missing = [...outputs].filter((path) => !existsSync(path));
  if (missing.length > 0) {
    console.error(`The build left out ${missing.map((path) => relative(root, path)).join(', ')}.`);
    return 1;
  }
  writeFileSync(stamp, fingerprint);
  console.log(`Built ${sources.length} files in ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
  return 0;
}

function withoutCompiler() {
  const built = existsSync(join(root, 'dist/cli/main.js'));
  if (built && (preparing || quiet)) return 0;
  const message =
    'Not built: the compiler is a dev dependency. Run `npm ci` with dev dependencies, then `npm run build`.';
  if (preparing) console.log(message);
  else console.error(message);
  return preparing ? 0 : 1;
}

/** @param {string} folder @returns {string[]} every file below it */
function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {string} source @returns {string[]} the files in `dist/` that come of it */
function outputsOf(source) {
  const target = join(root, 'dist', relative(join(root, 'src'), source));
  if (source.endsWith('.d.ts')) return [];
  if (!source.endsWith('.ts')) return [target];
  const script = target.replace(/\.ts$/, '.js');
  return [script, `${script}.map`];
}

/** @param {string[]} paths @returns {string} changes when one is added, removed or written */
function fingerprintOf(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path).split(sep).join('/')} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** @param {string[]} args @returns {Promise<number>} the exit code of `node …args` */
function run(args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => {
      console.error(error.message);
      done(1);
    });
    child.once('exit', (code) => done(code ?? 1));
  });
}
