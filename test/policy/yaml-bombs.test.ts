import { cpuMs } from '../support/cpu-time.ts';
import { parse } from './support/world.ts';

const MIB = 1 << 20;

/** Whole files of one mistake. None may take the process with it, or more than seconds, or go through. */
const BOMBS: [what: string, text: string][] = [
  // NB. A naive reader does not survive this one: the engine aborts instead of throwing a RangeError.
  ['a MiB of {', '{'.repeat(MIB)],
  ['a MiB of [', '['.repeat(MIB)],
  ['half a MiB of lists in lists', '- '.repeat(MIB / 2)],
  ['half a MiB of keys in keys', '? '.repeat(MIB / 2)],
  ['half a MiB of empty keys', ': '.repeat(MIB / 2)],
  ['a staircase', Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['deep nesting that is closed', `a: ${'['.repeat(5000)}${']'.repeat(5000)}`],
  [
    'a billion laughs',
    `a: &a [x, x]\n${Array.from('bcdefghij', (name, n) => `${name}: &${name} [*${'abcdefghi'[n]}, *${'abcdefghi'[n]}]\n`).join('')}`,
  ],
  ['64 KiB of quotes', '"'.repeat(MIB / 16)],
  ['64 KiB of tags', '! '.repeat(MIB / 32)],
  ['a MiB of colons', ':'.repeat(MIB)],
  ['thirty thousand keys', Array.from({ length: 30_000 }, (_, n) => `k${n}: 1\n`).join('')],
  ['one key thirty thousand times', 'version: 1\n'.repeat(30_000)],
];

describe('a YAML bomb', () => {
  it.each(BOMBS)('is a problem and no more: %s', (_what, text) => {
    const cost = cpuMs(() => {
      const parsed = parse({ 'bomb.yaml': text });
      expect(parsed.ok).toBe(false);
      if (!parsed.ok) expect(parsed.problems.length).toBeLessThanOrEqual(201);
    });
    expect(cost).toBeLessThan(20_000);
  });

  it('does not go off in comments, blank lines and empty documents', () => {
    expect(
      parse({ 'a.yaml': '#\n'.repeat(MIB / 16), 'b.yaml': '\n'.repeat(MIB / 8), 'c.yaml': '---\n'.repeat(MIB / 64) })
        .ok,
    ).toBe(true);
  });
});

describe('plain YAML', () => {
  it('means what it looks like: no Norway, no base 60, no octal, no merge', () => {
    const settings = 'version: 1\nkind: settings\ndigest: {channel: C012, at: 09:30}\n';
    const parsed = parse({
      'a.yaml': settings,
      'b.yaml': 'version: 1\r\nkind: directory\r\ngroups:\r\n  no: []\r\n  010: []\r\n',
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.policies.settings.digest?.at).toBe('09:30');
    expect(parsed.policies.directory.groups).toEqual(['010', 'no']);
  });
});
