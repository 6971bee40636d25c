import fc from 'fast-check';
import type { Problem } from '../../src/policy/index.ts';
import { cases } from '../support/cases.ts';
import { API_KEY_PARTS, actionParts } from './support/action-mistakes.ts';
import { everyMistake, type MistakenSet, mistakenSets, rightSets, written } from './support/mistaken-sets.ts';
import { accessParts, DIRECTORY_PARTS, plainAccessParts, SETTINGS_PARTS, TARGET_PARTS } from './support/mistakes.ts';
import { parse } from './support/world.ts';

type Files = MistakenSet['files'];

const problemsIn = (files: Files): readonly Problem[] => {
  const parsed = parse(files);
  return parsed.ok ? [] : parsed.problems;
};

const placed = (problems: readonly Problem[]): string[] =>
  problems.map(({ file, line, col, code }) => `${file}:${line}:${col} ${code}`);

const WHOLE = {
  documents: [
    { file: 'directory.yaml', parts: DIRECTORY_PARTS },
    { file: 'settings.yaml', parts: [...SETTINGS_PARTS, ...API_KEY_PARTS] },
    { file: 'targets.yaml', parts: TARGET_PARTS },
    { file: 'a.yaml', parts: accessParts('first') },
    { file: 'a.yaml', parts: plainAccessParts('second') },
    { file: 'b.yaml', parts: actionParts('third') },
  ],
};

describe('mistakes that have nothing to do with one another', () => {
  it('are made in sets that are right without them', () => {
    fc.assert(
      fc.property(rightSets, (set) => {
        expect(problemsIn(written(set, []).files)).toEqual([]);
      }),
      cases(20),
    );
  });

  it.each(everyMistake(WHOLE).map((made) => [made.mistake.code, made.mistake.wrong.trim(), made] as const))(
    'are one problem each: %s %s',
    (_code, _wrong, made) => {
      const { files, expected } = written(WHOLE, [made]);
      expect(placed(problemsIn(files))).toEqual(expected);
    },
  );

  it('are all told in one run, each at its place, and nothing else is', () => {
    fc.assert(allAtOnce(problemsIn), cases(300));
  });

  describe('would not pass as told', () => {
    const relations = new Set(['after-timeout', 'duplicate-flow', 'empty-group', 'too-few-approvers', 'no-owner']);

    it.each<[string, (files: Files) => readonly Problem[]]>([
      ['by a check that stops at the first', (files) => problemsIn(files).slice(0, 1)],
      [
        'by one that looks at what parts mean together only where each is right',
        (files) => {
          const problems = problemsIn(files);
          const wrong = new Set(problems.filter(({ code }) => !relations.has(code)).map(({ file }) => file));
          return problems.filter(({ code, file }) => !relations.has(code) || !wrong.has(file));
        },
      ],
      [
        'by one that looks up names only when all else is right',
        (files) => {
          const others = problemsIn(files).filter(({ code }) => !code.startsWith('unknown-'));
          return others.length > 0 ? others : problemsIn(files);
        },
      ],
      [
        'by one that tells what follows from another one',
        (files) =>
          problemsIn(files).flatMap((each) => (each.code === 'bad-duration' ? [each, { ...each, col: 1 }] : each)),
      ],
    ])('%s', (_what, twin) => {
      expect(fc.check(allAtOnce(twin), { ...cases(300), endOnFailure: true }).failed).toBe(true);
    });
  });
});

const allAtOnce = (check: (files: Files) => readonly Problem[]) =>
  fc.property(mistakenSets(9), ({ files, expected }) => {
    expect(placed(check(files))).toEqual(expected);
  });

describe('one slip', () => {
  const { files } = written(WHOLE, []);
  const lines = Object.entries(files).flatMap(([file, text]) =>
    text.split('\n').map((line, index) => ({ file, line, index, text })),
  );
  /** The problems when a line is put in the place of another. */
  const withLine = ({ file, index, text }: (typeof lines)[number], line: string): readonly Problem[] => {
    const changed = text.split('\n');
    changed[index] = line;
    return problemsIn({ ...files, [file]: changed.join('\n') });
  };

  /** What stands in the place of a key and is a name that the policies give: it may be any. */
  const NAMES = new Set([
    'area',
    'backend',
    'directory',
    'nightly',
    'nobody',
    'night',
    'office',
    'repository',
    'stage',
    'ticket',
  ]);

  it('in a key is one problem, whatever the key is', () => {
    const keys = lines.flatMap((each) =>
      [...each.line.matchAll(/(?<![\w'"$-])([a-z_]{4,})(?=: |:$)/g)]
        .filter(([key]) => !NAMES.has(key))
        .map((match) => ({ ...each, match })),
    );
    expect(keys.length).toBeGreaterThan(60);
    for (const { match, ...each } of keys) {
      const [key] = match;
      const slip =
        each.line.slice(0, match.index) + key.replace(/.$/, '$&$&') + each.line.slice(match.index + key.length);
      const problems = withLine(each, slip);
      expect({ slip, problems: placed(problems) }).toEqual({ slip, problems: [expect.any(String)] });
    }
  });

  it('that makes a value unreadable is one problem', () => {
    const values = lines.filter(({ line }) => /^ *(?:- )?[a-z_]+: \S/.test(line));
    expect(values.length).toBeGreaterThan(30);
    for (const each of values) {
      for (const value of ['*x', '!x y', 'a: b']) {
        const slip = each.line.replace(/: .*$/, `: ${value}`);
        const problems = withLine(each, slip);
        expect({ slip, problems: placed(problems) }).toEqual({ slip, problems: [expect.any(String)] });
      }
    }
  });

  it('that doubles a line is one problem', () => {
    for (const each of lines.filter(({ line }) => /^ *[a-z_]+: \S/.test(line))) {
      const problems = withLine(each, `${each.line}\n${each.line}`);
      expect({ line: each.line, codes: problems.map(({ code }) => code) }).toEqual({
        line: each.line,
        codes: ['duplicate-key'],
      });
    }
  });

  it('that makes a file unreadable is told of this file alone', () => {
    for (const file of Object.keys(files)) {
      const problems = problemsIn({ ...files, [file]: `${files[file]}{` });
      expect(problems.map((found) => `${found.file} ${found.code}`)).toEqual([`${file} yaml-syntax`]);
      expect(problems[0]?.sentence).toContain('names that nothing else defines are taken to be right');
    }
  });
});
