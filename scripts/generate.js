/**
 * Generates both Prisma clients into src/store/generated, unless they are there and current: `prisma generate` takes two
 * seconds, and the start of the product should not.
 *
 *   node scripts/generate.js           generate what is stale
 *   node scripts/generate.js --force   generate in any case
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js');

/** Where a generated client asks for its query compiler: a script of two megabytes that holds it as text. */
const COMPILER_AS_TEXT = / *const \{ wasm \} = await import\("([^"]+)"\)\n *return await decodeBase64AsWasm\(wasm\)\n/;

/** What a client is made of: its schema, the release of Prisma that writes it, and this script. */
const CLIENTS = [
  { schema: 'prisma/schema.prisma', output: 'src/store/generated/sqlite' },
  { schema: 'prisma/postgres/schema.prisma', output: 'src/store/generated/postgres' },
];

/** @param {string} file */
const stampOf = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

for (const { schema, output } of CLIENTS) {
  const version = require('prisma/package.json').version;
  const wanted = createHash('sha256')
    .update(version)
    .update(readFileSync(join(ROOT, schema)))
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .digest('hex');
  const stamp = join(ROOT, output, '.stamp');
  if (stampOf(stamp) === wanted && !process.argv.includes('--force')) continue;
  rmSync(join(ROOT, output), { recursive: true, force: true });
  execFileSync(process.execPath, [CLI, 'generate', '--no-hints', '--schema', schema], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    // Neither a look for newer releases nor anything else that needs the network.
    env: { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
  });
  compilerIntoFile(join(ROOT, output, 'internal'));
  writeFileSync(stamp, wanted);
  console.log(`generated ${output}`);
}

/**
 * Has the client read its query compiler from a file beside it. As the text of a script it stays in memory twice for as long
 * as the process runs, 12 MB with what the heap grows by (docs/decisions/0008).
 *
 * @param {string} folder of the generated `class.ts`
 */
function compilerIntoFile(folder) {
  const file = join(folder, 'class.ts');
  const source = readFileSync(file, 'utf8');
  const script = COMPILER_AS_TEXT.exec(source)?.[1];
  const text =
    script && /"([A-Za-z0-9+/=]{1000,})"/.exec(readFileSync(fileURLToPath(import.meta.resolve(script)), 'utf8'))?.[1];
  if (!text) throw new Error(`${file} does not ask for its query compiler in the way that scripts/generate.js knows.`);
  writeFileSync(join(folder, 'query-compiler.wasm'), Buffer.from(text, 'base64'));
  const read = `    const { readFile } = await import('node:fs/promises')
    return new WebAssembly.Module(await readFile(new URL('./query-compiler.wasm', import.meta.url)))
`;
  writeFileSync(
    file,
    source.replace(COMPILER_AS_TEXT, () => read),
  );
}
