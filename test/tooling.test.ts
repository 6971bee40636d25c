import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { jest } from '@jest/globals';

// Compilers and a Jest of its own, beside other workers.
jest.setTimeout(300_000);

/** The project's own scripts, at work in a small project of the same shape. */
const root = resolve(import.meta.dirname, '..');
const COPIED = [
  'scripts/build.js',
  'scripts/test.js',
  'bin',
  'test/support/left-out.ts',
  'test/support/environment.js',
  'test/support/sequencer.js',
  'package.json',
  'package-lock.json',
].concat([
  ...[
    'tsconfig.json',
    'tsconfig.browser.json',
    'tsconfig.test.json',
    'jest.config.js',
    'biome.json',
    '.dependency-cruiser.cjs',
    '.gitignore',
  ],
]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-tooling-'));
  for (const path of COPIED)
    if (existsSync(join(root, path))) cpSync(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  write(
    'src/cli/main.ts',
    "import { word } from '../domain/word.ts';\n\nexport const main = async (args: string[]): Promise<number> => args.filter((arg) => arg !== word).length;\n",
  );
  write('src/domain/word.ts', "export const word = 'serve';\n");
  write('src/playground/browser/page.ts', "document.title = 'playground';\n");
  write('src/playground/browser/page.css', 'body {\n  margin: 0;\n}\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
const has = (path: string) => existsSync(join(folder, path));

/** Runs `node …args` there, as from a plain shell. */
async function node(args: string[], env: NodeJS.ProcessEnv = {}) {
  const { NODE_OPTIONS, FORCE_COLOR, JEST_WORKER_ID, TEST_LEFT_OUT, TEST_LEFT_OUT_FILE, ...plain } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...plain, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}
const build = (...args: string[]) => node(['scripts/build.js', ...args]);

describe('the build', () => {
  it('makes what bin/latchkey.js runs, and then has nothing to do', async () => {
    expect(await node(['bin/latchkey.js', 'serve'])).toMatchObject({
      code: 1,
      text: expect.stringContaining('npm run build'),
    });
    expect(await build('--quiet')).toMatchObject({ code: 0, text: expect.stringContaining('Built 4 files') });
    expect(
      ['cli/main.js', 'playground/browser/page.js', 'playground/browser/page.css'].every((path) => has(`dist/${path}`)),
    ).toBe(true);
    expect(await node(['bin/latchkey.js', 'serve'])).toMatchObject({ code: 0 });
    expect(await node(['bin/latchkey.js', 'serve', 'more', 'words'])).toMatchObject({ code: 2 });
    expect(await build()).toEqual({ code: 0, text: 'Nothing to build.\n' });
    expect(await build('--quiet')).toEqual({ code: 0, text: '' });
  });

  it('follows the sources: changed, removed, and lost outputs', async () => {
    write('src/providers/old/index.ts', 'export const old = 1;\n');
    await build();
    expect(has('dist/providers/old/index.js')).toBe(true);

    rmSync(join(folder, 'src/providers'), { recursive: true });
    write('src/domain/word.ts', "export const word = 'other';\n");
    expect(await build()).toMatchObject({ code: 0 });
    // A provider's folder is its registration: it may not outlive its source.
    expect(has('dist/providers/old/index.js')).toBe(false);
    expect(await node(['bin/latchkey.js', 'other'])).toMatchObject({ code: 0 });

    for (const path of ['dist/domain/word.js', 'dist/playground/browser/page.js', 'dist/playground/browser/page.css'])
      rmSync(join(folder, path));
    expect(await build()).toMatchObject({ code: 0 });
    expect(await node(['bin/latchkey.js', 'other'])).toMatchObject({ code: 0 });
    expect(has('dist/playground/browser/page.css') && has('dist/playground/browser/page.js')).toBe(true);
  });

  it('fails with the compiler’s words, again and again, until it is mended', async () => {
    write('src/domain/word.ts', "export const word: number = 'serve';\n");
    for (const _ of [1, 2])
      expect(await build('--quiet')).toMatchObject({
        code: 1,
        text: expect.stringContaining('src/domain/word.ts(1,14)'),
      });
    write('src/domain/word.ts', "export const word = 'serve';\n");
    expect(await build()).toMatchObject({ code: 0 });
  });

  it('leaves an installation without dev dependencies as it is', async () => {
    rmSync(join(folder, 'node_modules'));
    mkdirSync(join(folder, 'node_modules'));
    expect(await build('--prepare')).toMatchObject({ code: 0, text: expect.stringContaining('Not built') });
    expect(await build('--quiet')).toMatchObject({ code: 1, text: expect.stringContaining('Not built') });
    write('dist/cli/main.js', 'export const main = async () => 7;\n');
    expect(await build('--quiet')).toEqual({ code: 0, text: '' });
    expect(await node(['bin/latchkey.js'])).toMatchObject({ code: 7 });
  });
});

describe('npm test', () => {
  const good = "describe('numbers', () => {\n  it('add', () => {\n    expect(1 + 1).toBe(2);\n  });\n});\n";
  const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

  it('counts the checks and the tests', async () => {
    write('test/good.test.ts', good);
    const { code, text } = await node(['scripts/test.js']);
    expect([lastLine(text), code, text.includes('Failed:') && text]).toEqual(['5 passed, 0 failed', 0, false]);
  });

  it('reports every failure of every kind, each by name', async () => {
    write('src/domain/clock.ts', "import { hrtime } from 'node:process';\n\nexport const now = () => hrtime();\n");
    write('test/good.test.ts', good.replace('toBe(2)', 'toBe(3)'));
    write('test/forgotten.test.ts', good.replace("it('add'", "it.skip('add'"));
    write('test/broken.test.ts', "throw new Error('at once');\n");
    write('test/types.test.ts', good.replace('1 + 1', "1 + Number('1', 2)"));
    write('test/ugly.test.ts', good.replaceAll("'", '"'));
    const { code, text } = await node(['scripts/test.js']);
    expect(
      text
        .split('\n')
        .filter((line) => line.startsWith('Failed: '))
        .sort(),
    ).toEqual([
      'Failed: format and lint',
      'Failed: import directions',
      'Failed: test/broken.test.ts (the file itself)',
      'Failed: test/forgotten.test.ts: numbers add (skipped without a reason; see test/support/left-out.ts)',
      'Failed: test/good.test.ts: numbers add',
      'Failed: types of the tests',
    ]);
    expect([lastLine(text), code]).toEqual(['3 passed, 6 failed', 1]);
  });

  it('says what was left out and why, and fails for it when told to', async () => {
    write(
      'test/out.test.ts',
      "import { describeUnless, leaveOut } from './support/left-out.ts';\n\nleaveOut('the moon', 'too far');\n" +
        "describeUnless('no Chromium', 'the page', () => {\n  it('opens', () => {});\n  it('closes', () => {});\n});\n" +
        "describeUnless(undefined, 'the rest', () => {\n  it('works', () => {});\n});\n",
    );
    const tolerant = await node(['scripts/test.js', 'out']);
    expect(tolerant.text).toContain('Left out: the moon (too far)\nLeft out: the page (no Chromium)\n');
    expect([lastLine(tolerant.text), tolerant.code]).toEqual(['2 passed, 0 failed', 0]);
    const strict = await node(['scripts/test.js', 'out'], { TEST_LEFT_OUT: 'fail' });
    expect(strict.text).toContain('Failed: nothing left out');
    expect([lastLine(strict.text), strict.code]).toEqual(['2 passed, 1 failed', 1]);
  });

  it('ends with the command that plays a case again which chance found', async () => {
    write(
      'test/chance.test.ts',
      "import fc from 'fast-check';\n\ndescribe('what is (nearly) so', () => {\n  it('holds (5 cases, seed 42)', () => {\n" +
        '    fc.assert(\n      fc.property(fc.nat(), (one) => one < 1),\n      { seed: 42 },\n    );\n  });\n});\n',
    );
    const { code, text } = await node(['scripts/test.js', 'chance']);
    const [again, last] = text.trimEnd().split('\n').slice(-2);
    expect(again).toMatch(
      /^Again: PROPERTY_SEED=42 PROPERTY_PATH=[\d:]+ npm test -- test\/chance.test.ts -t 'what is .nearly. so holds'$/,
    );
    expect([last, code]).toEqual(['1 passed, 1 failed', 1]);
  });

  it('hands its arguments to Jest, and fails when they choose nothing', async () => {
    write('test/good.test.ts', good);
    const chosen = await node(['scripts/test.js', 'good', '-t', 'add']);
    expect([lastLine(chosen.text), chosen.code]).toEqual(['2 passed, 0 failed', 0]);
    const nothing = await node(['scripts/test.js', 'no-such-test']);
    expect([lastLine(nothing.text), nothing.code]).toEqual(['1 passed, 1 failed', 1]);
  });

  it('fails when a test leaves something open', async () => {
    const leaking = good.replace('expect(1', 'setInterval(() => {}, 1_000);\n    expect(1');
    write('test/leaking.test.ts', leaking);
    write('test/good.test.ts', good);
    // Each of several files runs in a worker, which Jest ends by force: the environment names the file.
    const among = await node(['scripts/test.js'], { TEST_MS_TO_END: '1000' });
    expect(among.text).toContain('The tests of this file left something open: 1 × Timeout.');
    expect(among.text).toContain('Failed: test/leaking.test.ts (the file itself)');
    expect(among.code).toBe(1);

    // A single file runs in Jest itself, which then does not end.
    const alone = await node(['scripts/test.js', 'leaking'], { TEST_MS_TO_END: '1000' });
    expect(alone.text).toContain('Failed: Jest did not end after its last test');
    expect(alone.code).toBe(1);
  });
});
