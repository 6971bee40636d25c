import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** What the rules say of `src/` in a folder, each as `rule: file`. */
function directions(folder: string): string[] {
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const run = spawnSync(
    process.execPath,
    [bin, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'],
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 100_000_000,
    },
  );
  if (run.stdout === '') throw new Error(run.stderr);
  const { summary } = JSON.parse(run.stdout) as {
    summary: { violations: { rule: { name: string }; from: string }[]; totalCruised: number };
  };
  if (summary.totalCruised === 0) throw new Error(`nothing was checked in ${folder}`);
  return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
}

/** What Biome says in a folder, each as `rule: file`. */
function lint(folder: string, rules: string[]): string[] {
  const bin = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const run = spawnSync(process.execPath, [bin, 'lint', '--vcs-enabled=false', '--reporter=json', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(run.stdout) as {
    diagnostics: { category: string; location: { path: unknown } }[];
  };
  return diagnostics
    .map(({ category, location }) => ({ rule: category.split('/').at(-1) ?? '', file: JSON.stringify(location.path) }))
    .filter(({ rule }) => rules.includes(rule))
    .map(({ rule, file }) => `${rule}: ${/src\/[\w./-]+/.exec(file)?.[0]}`)
    .sort();
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A project of the given files under this project's rules and with its packages. */
function project(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-architecture-'));
  folders.push(folder);
  for (const file of ['.dependency-cruiser.cjs', 'biome.json', 'package.json'])
    cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const leaf = 'export const x = 1;\n';
const leaves = Object.fromEntries(
  [
    'domain',
    'policy',
    'policy-test',
    'audit',
    'app',
    'store',
    'slack',
    'http',
    'scheduler',
    'tokens',
    'playground',
  ].map((folder) => [`src/${folder}/leaf.ts`, leaf]),
);
const base = {
  ...leaves,
  'src/providers/one/index.ts': leaf,
  'src/providers/two/index.ts': leaf,
  'src/providers/shared.ts': leaf,
  'src/playground/browser/leaf.ts': leaf,
  'src/config.ts': leaf,
  'src/redact.ts': leaf,
  'test/leaf.ts': leaf,
  'scripts/leaf.js': leaf,
};

/** File, what it imports, and the rules that must say no. */
const cases: [string, string, ...string[]][] = [
  ['domain/a.ts', './leaf.ts'],
  ['domain/b.ts', 'node:crypto', 'domain-is-pure'],
  ['domain/c.ts', 'zod', 'domain-is-pure'],
  ['domain/d.ts', '../policy/leaf.ts', 'domain-is-pure'],
  ['domain/e.ts', '../config.ts', 'domain-is-pure'],
  ['policy/a.ts', '../domain/leaf.ts'],
  ['policy/b.ts', 'yaml'],
  ['policy/c.ts', 'node:crypto'],
  ['policy/d.ts', 'node:fs', 'policy-is-pure'],
  ['policy/e.ts', '../audit/leaf.ts', 'policy-is-pure'],
  ['policy/f.ts', 'pino', 'policy-is-pure'],
  ['policy/read-folder.ts', 'node:fs/promises'],
  ['policy/sub/read-folder.ts', 'node:fs/promises', 'policy-is-pure'],
  ['audit/a.ts', 'node:crypto'],
  ['audit/b.ts', '../domain/leaf.ts'],
  ['audit/c.ts', 'node:fs', 'audit-is-pure'],
  ['audit/d.ts', '../policy/leaf.ts', 'audit-is-pure'],
  ['app/a.ts', '../policy/leaf.ts'],
  ['app/b.ts', '../audit/leaf.ts'],
  ['app/c.ts', '../store/leaf.ts', 'app-knows-ports-only', 'one-composition-root'],
  ['app/d.ts', 'pg', 'app-knows-ports-only'],
  ['app/e.ts', 'node:http', 'app-knows-ports-only'],
  ['app/f.ts', '../policy-test/leaf.ts', 'app-knows-ports-only'],
  ['policy-test/a.ts', '../app/leaf.ts'],
  ['policy-test/b.ts', 'zod'],
  ['policy-test/c.ts', '../store/leaf.ts', 'one-composition-root', 'policy-tests-run-the-core'],
  ['policy-test/d.ts', 'node:fs', 'policy-tests-run-the-core'],
  ['store/a.ts', '../app/leaf.ts'],
  ['store/b.ts', 'pg'],
  ['store/c.ts', '../slack/leaf.ts', 'store-is-an-adapter'],
  ['store/d.ts', '../policy/leaf.ts', 'store-is-an-adapter'],
  ['store/e.ts', 'node:fs'],
  ['slack/a.ts', '@slack/bolt'],
  ['slack/b.ts', '../http/leaf.ts', 'slack-is-an-adapter'],
  ['slack/c.ts', '../config.ts', 'slack-is-an-adapter'],
  ['slack/d.ts', '../playground/leaf.ts', 'slack-is-an-adapter'],
  ['http/a.ts', '../store/leaf.ts', 'http-is-an-adapter'],
  ['http/b.ts', 'fast-check', 'product-without-dev-dependencies'],
  ['http/c.ts', 'no-such-package', 'everything-resolves', 'http-is-an-adapter'],
  ['scheduler/a.ts', '../store/leaf.ts', 'scheduler-is-an-adapter'],
  ['scheduler/b.ts', 'node-cron'],
  ['tokens/a.ts', 'jose'],
  ['tokens/b.ts', '../http/leaf.ts', 'tokens-is-an-adapter'],
  ['http/d.ts', '../tokens/leaf.ts', 'http-is-an-adapter'],
  ['providers/one/a.ts', '../two/index.ts', 'providers-know-themselves-only'],
  ['providers/one/b.ts', '../shared.ts'],
  ['providers/one/c.ts', './index.ts'],
  ['providers/one/d.ts', '../../store/leaf.ts', 'providers-is-an-adapter'],
  ['playground/a.ts', '../app/leaf.ts'],
  ['playground/b.ts', '../slack/leaf.ts', 'playground-is-outside'],
  ['playground/browser/a.ts', './leaf.ts'],
  ['playground/browser/b.ts', '../leaf.ts', 'browser-is-alone'],
  ['playground/browser/c.ts', 'node:fs', 'browser-is-alone'],
  ['logger.ts', './redact.ts'],
  ['secret.ts', './domain/leaf.ts', 'root-files-stand-alone'],
  ['helper.ts', './store/leaf.ts', 'one-composition-root'],
  ['compose.ts', './store/leaf.ts'],
  ['main.ts', './http/leaf.ts'],
  ['cli/a.ts', '../providers/one/index.ts'],
  ['cli/b.ts', '../../test/leaf.ts', 'product-without-tests'],
  ['cli/c.ts', '../../scripts/leaf.js', 'product-without-tests'],
  ['cli/d.ts', './missing.ts', 'everything-resolves'],
  ['cli/action/a.ts', '../../domain/leaf.ts'],
  ['cli/action/b.ts', '../../store/leaf.ts', 'callers-need-no-server'],
  ['cli/action/c.ts', '../../app/leaf.ts', 'callers-need-no-server'],
];

describe('the import directions', () => {
  it('hold in this project', () => {
    expect(directions(root)).toEqual([]);
  });

  it.each([
    ['imports', (from: string) => `import { x } from '${from}';\nexport const y = x;\n`],
    ['imports of types', (from: string) => `import type { x } from '${from}';\nexport type Y = typeof x;\n`],
    ['re-exports', (from: string) => `export { x } from '${from}';\n`],
    ['dynamic imports', (from: string) => `export const y = () => import('${from}');\n`],
  ])('refuse what they should in %s, and nothing else', (_, source) => {
    const files = Object.fromEntries(cases.map(([file, from]) => [`src/${file}`, source(from)]));
    const expected = cases.flatMap(([file, , ...rules]) => rules.map((rule) => `${rule}: src/${file}`)).sort();
    expect(directions(project({ ...base, ...files }))).toEqual(expected);
  });
});

describe('the lint rules', () => {
  it('let nobody but src/config.ts read the environment', () => {
    const source = 'export const home = process.env.HOME;\n';
    const files = {
      'src/config.ts': source,
      'src/slack/a.ts': source,
      'src/slack/config.ts': source,
      'scripts/a.js': source,
    };
    expect(lint(project(files), ['noProcessEnv'])).toEqual([
      'noProcessEnv: src/slack/a.ts',
      'noProcessEnv: src/slack/config.ts',
    ]);
  });

  it('refuse cycles, but for those of types', () => {
    const files = {
      'src/app/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
      'src/app/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
      'src/app/c.ts': "import { d } from './d.ts';\nexport const c = d;\nexport type C = 1;\n",
      'src/app/d.ts': "import type { C } from './c.ts';\nexport const d: C = 1;\n",
    };
    expect(lint(project(files), ['noImportCycles'])).toEqual([
      'noImportCycles: src/app/a.ts',
      'noImportCycles: src/app/b.ts',
    ]);
  });
});
