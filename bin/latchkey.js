#!/usr/bin/env node
// Only syntax that old releases of Node know, so that they get as far as the sentence below.
const [major, minor] = process.versions.node.split('.').map(Number);
const { existsSync } = await import('node:fs');
const program = new URL('../dist/cli/main.js', import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Latchkey needs Node 20.19 or later; this is ${process.version}.`);
  process.exitCode = 1;
} else if (!existsSync(program)) {
  console.error('Latchkey is not built yet: run `npm run build` first (`npm start` does it by itself).');
  process.exitCode = 1;
} else {
  // `latchkey audit list | head`: whoever read has read enough.
  process.stdout.on('error', () => process.exit());
  const { main } = await import(program.href);
  process.exitCode = await main(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
  });
}
