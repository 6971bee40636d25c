import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/**
 * Invariant 11: time is an input, and so are ids and randomness. Biome refuses the globals it can name; this refuses
 * what it cannot: reading the clock through `Date`, and chance through `Math.random`.
 */
const root = resolve(import.meta.dirname, '..');
const PURE = ['src/domain', 'src/policy', 'src/policy-test', 'src/audit'];

const FORBIDDEN: [RegExp, string][] = [
  [/\bDate\s*(\?\.|\.)\s*now\b|\bDate\s*\[/, 'reads the clock: Date.now'],
  [/\bnew\s+Date\b(?!\s*\(\s*[^)\s])/, 'reads the clock: new Date()'],
  [/(?<!new\s|[\w$.])Date\s*\(/, 'reads the clock: Date()'],
  [/(?<![\w$.])Date\s*(?=[,;)}\]]|$)/m, 'hands the clock on: Date as a value'],
  [/\bMath\s*(\?\.|\.)\s*random\b|\bMath\s*\[/, 'is left to chance: Math.random'],
  [/\brandom(UUID|Bytes|Int|FillSync|Fill)\b|\bgetRandomValues\b/, 'is left to chance: node:crypto'],
  [/\bhrtime\b|\bTemporal\b/, 'reads the clock'],
  [/\bglobalThis\b/, 'reaches the globals'],
  [/\bIntl\.DateTimeFormat\(\s*\)|\.format(ToParts)?\(\s*\)/, 'formats the present moment'],
];

/** The code without comments and with every literal text emptied; the expressions inside templates stay. */
function code(source: string): string {
  const literal =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|(?<=[=(,:;!&|?{}[\]\n]\s*)\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
  return source.replace(literal, (found) => (/^\/[/*]/.test(found) ? ' ' : "''"));
}

const impurities = (source: string): string[] =>
  FORBIDDEN.filter(([pattern]) => pattern.test(code(source))).map(([, why]) => why);

const files = PURE.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
).sort();

describe('the pure folders', () => {
  it.each(PURE)('%s is looked at', (folder) => {
    expect(files.some((file) => file.startsWith(`${folder}/`))).toBe(true);
  });

  it('never read the clock, and leave nothing to chance', () => {
    expect(
      files.flatMap((file) => impurities(readFileSync(join(root, file), 'utf8')).map((why) => `${file} ${why}`)),
    ).toEqual([]);
  });
});

describe('the check itself', () => {
  it.each([
    'const t = Date.now();',
    'const t = Date\n  .now();',
    'const t = Date?.now();',
    "const t = Date['now']();",
    'const t = new Date();',
    'const t = new Date( );',
    'const t = new Date;',
    'const t = new Date /* now */ ();',
    'const t = new Date( // now\n);',
    'const t = Date();',
    'const { now } = Date;',
    'f(Date)',
    'const r = Math.random();',
    "const r = Math['random']();",
    'const t = `at $' + '{Date.now()}`;',
    "const a = '// not a comment'; const t = Date.now();",
    "const a = '/*'; const t = Date.now(); const b = '*/';",
    "const a = /'/; const t = Date.now(); const b = /'/;",
    "import { randomUUID } from 'node:crypto';",
    'process.hrtime.bigint()',
    'globalThis.Date',
    'new Intl.DateTimeFormat("en").format()',
  ])('catches %j', (bad) => expect(impurities(bad)).not.toEqual([]));

  it.each([
    'const t = new Date(epochMs).toISOString();',
    'const t = new Date(\n  epochMs,\n);',
    'const t = Date.parse(instant) + Date.UTC(2026, 1);',
    '// Date.now() is forbidden',
    '/* new Date()\n * Math.random() */',
    "const text = 'Date.now()';",
    'const text = "it\'s new Date()";',
    'const updated = toDate(x); this.Date(1);',
    'const ok = Math.max(1, 2) / Math.min(3, 4);',
    'const ok = digest.update(a).digest();',
  ])('lets pass %j', (good) => expect(impurities(good)).toEqual([]));
});
