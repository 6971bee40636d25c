import { didYouMean } from '../nearest.ts';
import type { PolicyFile } from '../policy-files.ts';
import { type Problem, problem } from '../problems.ts';
import { KINDS, KINDS_NOT_YET, type Kind, VERSION } from '../schema/header.ts';
import { notYetSentence } from '../schema/words.ts';
import type { Plain } from '../yaml/plain.ts';
import { readYaml, type YamlDocument } from '../yaml/read-yaml.ts';

export interface Documents {
  readonly byKind: Readonly<Record<Kind, readonly YamlDocument[]>>;
  readonly problems: readonly Problem[];
  /** Every document of every file could be read, and its kind told. */
  readonly complete: boolean;
}

/** Reads all files and sorts their documents by kind. */
export function readDocuments(files: readonly PolicyFile[]): Documents {
  const byKind: Record<Kind, YamlDocument[]> = { access: [], targets: [], directory: [], settings: [] };
  const problems: Problem[] = [];
  let complete = true;
  for (const { path, text } of files) {
    const file = readYaml(path, text);
    if (file.problems.length > 0) complete = false;
    for (const each of file.problems) problems.push(each);
    for (const document of file.documents) {
      const header = readHeader(document);
      for (const each of header.problems) problems.push(each);
      if (header.kind !== undefined) byKind[header.kind].push(document);
      else complete &&= header.notYet;
    }
  }
  return { byKind, problems, complete };
}

/** What a test puts in the place of a folder's people and groups, and beside its policies. */
export interface Fixtures {
  /** The folder's own are left out. */
  readonly instead: readonly ('people' | 'groups')[];
  readonly documents: readonly YamlDocument[];
}

/** The folder's documents as a test with fixtures sees them. */
export function withFixtures(folder: Documents, { instead, documents }: Fixtures): Documents {
  const byKind: Record<Kind, YamlDocument[]> = { access: [], targets: [], directory: [], settings: [] };
  for (const kind of KINDS) byKind[kind].push(...folder.byKind[kind]);
  byKind.directory = byKind.directory.map(({ positions, value }) => ({
    positions,
    value: Object.fromEntries(
      Object.entries(value).flatMap(([key, part]): [string, Plain][] => {
        if (instead.some((left) => left === key)) return [];
        if (key !== 'from' || !instead.includes('groups')) return [[key, part]];
        return instead.includes('people') ? [] : [[key, withoutGroups(part)]];
      }),
    ),
  }));
  const problems = [...folder.problems];
  let { complete } = folder;
  for (const document of documents) {
    const header = readHeader(document);
    problems.push(...header.problems);
    if (header.kind !== undefined) byKind[header.kind].push(document);
    else complete &&= header.notYet;
  }
  return { byKind, problems, complete };
}

/** A live source of people whose groups a test says itself. */
function withoutGroups(from: Plain): Plain {
  if (typeof from !== 'object' || from === null || Array.isArray(from)) return from;
  const { scim } = from;
  if (typeof scim !== 'object' || scim === null || Array.isArray(scim)) return from;
  const { groups: _, ...rest } = scim;
  return { ...from, scim: rest };
}

interface Header {
  kind?: Kind;
  /** A kind of the language that defines no names for others. */
  notYet: boolean;
  problems: Problem[];
}

function readHeader({ positions, value }: YamlDocument): Header {
  const problems: Problem[] = [];
  const { version, kind } = value;
  if (version === undefined) {
    problems.push(
      problem(positions.value([]), 'missing-key', '`version` is missing: start the document with `version: 1`.'),
    );
  } else if (version !== VERSION) {
    const sentence = 'This release reads version 1 of the policy language: write `version: 1`, without quotes.';
    problems.push(problem(positions.value(['version']), 'unsupported-version', sentence));
  }
  const place = positions.value(['kind']);
  const known: readonly unknown[] = KINDS;
  const notYet: readonly unknown[] = KINDS_NOT_YET;
  if (kind === undefined) {
    problems.push(problem(place, 'missing-key', `\`kind\` is missing: it is one of ${KINDS.join(', ')}.`));
  } else if (notYet.includes(kind)) {
    problems.push(problem(place, 'not-supported-yet', notYetSentence(`kind: ${String(kind)}`)));
    return { notYet: true, problems };
  } else if (!known.includes(kind)) {
    const guess = typeof kind === 'string' ? didYouMean(kind, KINDS) : '';
    const sentence = `There is no such kind of document.${guess || ` The kinds are: ${KINDS.join(', ')}.`}`;
    problems.push(problem(place, 'unknown-kind', sentence));
  } else if (version === VERSION) return { kind: kind as Kind, notYet: false, problems };
  return { notYet: false, problems };
}
