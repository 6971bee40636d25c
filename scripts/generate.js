/**
 * Generates both Prisma clients into src/store/generated, unless they are there and current: `prisma generate` takes two
 * seconds, and the start of the product should not.
 *
 *   node scripts/generate.js           generate what is stale
 *   node scripts/generate.js --force   generate in any case
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js');

/** What a client is made of: its schema, and the release of Prisma that writes it. */
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
  mkdirSync(join(ROOT, output), { recursive: true });
  writeFileSync(stamp, wanted);
  console.log(`generated ${output}`);
}
