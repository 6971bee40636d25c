import fc from 'fast-check';
import { cases } from '../support/cases.ts';
import { access, DIRECTORY, parse, SECRET, TARGETS } from './support/world.ts';

const FILES: Readonly<Record<string, string>> = {
  'a.yaml': access({
    title: 'Database, read',
    labels: '{env: production}',
    deny: "['group:contractors']",
    reason: '{required: true, min_length: 10}',
    channel: "'#db'",
  }),
  'd.yaml': DIRECTORY,
  's.yaml':
    "version: 1\nkind: settings\ntimezone: Europe/Berlin\ndigest: {channel: '#audit', at: '09:00', days: [mon]}\n",
  't.yaml': TARGETS,
};

/** What slips into files by hand, by merge and by malice. */
const PIECES = [
  '',
  ' ',
  '\n',
  '\t',
  ':',
  ': ',
  '- ',
  '---\n',
  '...\n',
  '#',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  '|',
  '>',
  '? ',
  '&a ',
  '*a',
  '!x ',
  '%YAML 1.1\n',
  '<<: ',
  '__proto__: ',
  'constructor: ',
  'null',
  '~',
  'true',
  '1e999',
  '.nan',
  '0x10',
  '${env:SCIM_TOKEN}',
  '${env:',
  'group:',
  'user:',
  'owner',
  'manager',
  '\u0000',
  '\uFEFF',
  '\ud800',
  '😀',
  '<<<<<<< HEAD\n',
  'when: x\n',
];

const mutation = fc.record({
  file: fc.constantFrom(...Object.keys(FILES)),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.integer({ min: 0, max: 30 }),
  insert: fc.constantFrom(...PIECES),
});

describe('files with anything wrong in them', () => {
  it('give policies or problems: never an exception, never a secret, always a place in a file', () => {
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const files = { ...FILES };
        for (const { file, at, remove, insert } of mutations) {
          const text = files[file] ?? '';
          const start = Math.floor(at * text.length);
          files[file] = text.slice(0, start) + insert + text.slice(start + remove);
        }
        const parsed = parse(files);
        if (parsed.ok) {
          expect(JSON.stringify([...parsed.policies.targets.values()].map(({ config }) => config))).not.toContain(
            SECRET,
          );
          return;
        }
        expect(parsed.problems.length).toBeGreaterThan(0);
        for (const { file, line, col, sentence } of parsed.problems) {
          const lines = (files[file] ?? '').split('\n');
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(col).toBeGreaterThanOrEqual(1);
          expect(col).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
          expect(sentence).not.toContain(SECRET);
        }
      }),
      cases(150),
    );
  });
});
