import { didYouMean } from '../nearest.ts';
import type { PolicyFile } from '../policy-files.ts';
import { type Problem, problem } from '../problems.ts';
import { KINDS, KINDS_NOT_YET, type Kind, VERSION } from '../schema/header.ts';
import { notYetSentence } from '../schema/words.ts';
import { isMapping, type Plain } from '../yaml/plain.ts';
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

/** What a test puts beside a folder's documents; its people and groups in the place of the folder's of the same name. */
export interface Fixtures {
  readonly documents: readonly YamlDocument[];
}

/** The folder's documents as a test with fixtures sees them. */
export function withFixtures(folder: Documents, { documents }: Fixtures): Documents {
  const byKind: Record<Kind, YamlDocument[]> = { access: [], targets: [], directory: [], settings: [] };
  for (const kind of KINDS) byKind[kind].push(...folder.byKind[kind]);
  const emails = new Set(documents.flatMap(({ value }) => listOf(value.people).map(emailOf)));
  const groups = new Set(documents.flatMap(({ value }) => Object.keys(mappingOf(value.groups))));
  byKind.directory = byKind.directory.map(({ positions, value }) => ({
    positions,
    value: {
      ...value,
      people: listOf(value.people).filter((person) => !emails.has(emailOf(person))),
      groups: without(value.groups, groups),
      ...(value.from === undefined ? {} : { from: withoutGroups(value.from, groups) }),
    },
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

const without = (mapping: Plain | undefined, names: ReadonlySet<string>): { [key: string]: Plain } =>
  Object.fromEntries(Object.entries(mappingOf(mapping)).filter(([name]) => !names.has(name)));

/** A live source of people, some of whose groups a test says itself. */
function withoutGroups(from: Plain, names: ReadonlySet<string>): Plain {
  const { scim } = mappingOf(from);
  if (scim === undefined) return from;
  return { ...mappingOf(from), scim: { ...mappingOf(scim), groups: without(mappingOf(scim).groups, names) } };
}

const listOf = (value: Plain | undefined): Plain[] => (Array.isArray(value) ? value : []);

const mappingOf = (value: Plain | undefined): { [key: string]: Plain } => (isMapping(value) ? value : {});

/** Regardless of case; undefined for what is no person. */
function emailOf(person: Plain): string | undefined {
  const { email } = mappingOf(person);
  return typeof email === 'string' ? email.toLowerCase() : undefined;
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
