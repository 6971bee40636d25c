import fc from 'fast-check';
import { API_KEY_PARTS, actionParts } from './action-mistakes.ts';
import {
  accessParts,
  DIRECTORY_PARTS,
  type Mistake,
  type Part,
  plainAccessParts,
  SETTINGS_PARTS,
  TARGET_PARTS,
} from './mistakes.ts';
import { HERE } from './world.ts';

/** Documents of a right set of policies, each with the file it stands in. */
export interface RightSet {
  readonly documents: readonly { file: string; parts: readonly Part[] }[];
}

/** A mistake at its part. */
interface Made {
  document: number;
  part: number;
  mistake: Mistake;
}

export interface MistakenSet {
  files: Readonly<Record<string, string>>;
  /** `file:line:col code` of each mistake, in the order of the files. */
  expected: readonly string[];
}

/** One to three accesses of either make or actions, in one file or several, beside a directory, targets and settings. */
export const rightSets: fc.Arbitrary<RightSet> = fc
  .array(
    fc.record({
      make: fc.constantFrom(accessParts, plainAccessParts, actionParts),
      file: fc.constantFrom('a.yaml', 'b.yaml', 'settings.yaml'),
    }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((asked) => ({
    documents: [
      { file: 'directory.yaml', parts: DIRECTORY_PARTS },
      { file: 'settings.yaml', parts: [...SETTINGS_PARTS, ...API_KEY_PARTS] },
      { file: 'targets.yaml', parts: TARGET_PARTS },
      ...asked.map(({ make, file }, index) => ({ file, parts: make(`asked-${index}`) })),
    ],
  }));

/** A right set with up to `most` mistakes in it, none of which keeps another from being told. */
export const mistakenSets = (most: number): fc.Arbitrary<MistakenSet> =>
  rightSets.chain((set) =>
    fc
      .shuffledSubarray(everyMistake(set), { minLength: 1, maxLength: most })
      .map((made) => written(set, independent(set, made))),
  );

/** Every mistake that can be made in a set. */
export const everyMistake = ({ documents }: RightSet): Made[] =>
  documents.flatMap(({ parts }, document) =>
    parts.flatMap(({ mistakes = [] }, part) => mistakes.map((mistake) => ({ document, part, mistake }))),
  );

/** As many as can be told in one run: each that goes with all before it. */
function independent(set: RightSet, made: readonly Made[]): Made[] {
  const kept: Made[] = [];
  for (const each of made) if (kept.every((other) => compatible(set, each, other))) kept.push(each);
  return kept;
}

function compatible(set: RightSet, one: Made, other: Made): boolean {
  const sameDocument = one.document === other.document;
  if (sameDocument && one.part === other.part) return false;
  return ![[one, other] as const, [other, one] as const].some(([judged, wrong]) => {
    const { by = [], byOthers = [], about } = judged.mistake;
    const id = set.documents[wrong.document]?.parts[wrong.part]?.id ?? '';
    const names = about !== undefined && about === wrong.mistake.mayDefine;
    return names || byOthers.includes(id) || (sameDocument && by.includes(id));
  });
}

/** The files of a set with these mistakes, and where each of them is to be found. */
export function written({ documents }: RightSet, made: readonly Made[]): MistakenSet {
  const texts = new Map<string, string>();
  const codes = new Map<string, string[]>();
  for (const [index, { file, parts }] of documents.entries()) {
    const before = texts.get(file);
    const text = parts.map(({ right }, part) => wrongAt(made, index, part)?.wrong ?? right).join('');
    texts.set(file, before === undefined ? text : `${before}---\n${text}`);
    const found = parts.flatMap((_part, part) => wrongAt(made, index, part)?.code ?? []);
    codes.set(file, [...(codes.get(file) ?? []), ...found]);
  }
  const expected: string[] = [];
  const files: Record<string, string> = {};
  for (const [file, text] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const pieces = text.split(HERE);
    files[file] = pieces.join('');
    for (const [index, code] of (codes.get(file) ?? []).entries()) {
      const lines = pieces
        .slice(0, index + 1)
        .join('')
        .split('\n');
      expected.push(`${file}:${lines.length}:${(lines.at(-1) ?? '').length + 1} ${code}`);
    }
  }
  return { files, expected };
}

const wrongAt = (made: readonly Made[], document: number, part: number): Mistake | undefined =>
  made.find((each) => each.document === document && each.part === part)?.mistake;
