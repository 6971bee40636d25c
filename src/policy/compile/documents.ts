import { misspeltKeys } from '../misspelt.ts';
import { didYouMean } from '../nearest.ts';
import type { PolicyFile } from '../policy-files.ts';
import { type Problem, problem } from '../problems.ts';
import { KINDS, type Kind, VERSION } from '../schema/header.ts';
import { isRead, UNREAD } from '../unread.ts';
import { isMapping, type Plain } from '../yaml/plain.ts';
import { readYaml, type YamlDocument } from '../yaml/read-yaml.ts';

export interface Documents {
  readonly byKind: Readonly<Record<Kind, readonly YamlDocument[]>>;
  /** Those whose kind cannot be told, or that are of another version of the language: names may be defined in them. */
  readonly unplaced: readonly YamlDocument[];
  readonly problems: readonly Problem[];
  /** Every document of every file is there, if some are flawed. */
  readonly complete: boolean;
}

/**
 * Reads all files and sorts their documents by kind.
 * @param missing why some files of the folder are not among them
 */
export function readDocuments(files: readonly PolicyFile[], missing: readonly Problem[] = []): Documents {
  const sorted = new SortedDocuments();
  sorted.note(missing);
  let complete = missing.length === 0;
  for (const { path, text } of files) {
    const file = readYaml(path, text);
    complete &&= file.complete;
    sorted.note(file.problems);
    for (const document of file.documents) sorted.add(document);
  }
  return sorted.result(complete);
}

const noneOfEach = (): Record<Kind, YamlDocument[]> => ({
  access: [],
  action: [],
  targets: [],
  directory: [],
  settings: [],
});

class SortedDocuments {
  readonly #byKind = noneOfEach();
  readonly #unplaced: YamlDocument[] = [];
  readonly #problems: Problem[] = [];

  note(problems: readonly Problem[]): void {
    for (const each of problems) this.#problems.push(each);
  }

  add(document: YamlDocument): void {
    const { kind, problems } = readHeader(document);
    this.note(problems);
    if (kind !== undefined) {
      const { value } = document;
      // What is wrong with its version has been said.
      const right = value.version === VERSION;
      this.#byKind[kind].push(right ? document : { ...document, value: { ...value, version: VERSION }, flawed: true });
    } else this.#unplaced.push(document);
  }

  result(complete: boolean): Documents {
    return { byKind: this.#byKind, unplaced: this.#unplaced, problems: this.#problems, complete };
  }
}

/** What a test puts beside a folder's documents; its people and groups in the place of the folder's of the same name. */
export interface Fixtures {
  readonly documents: readonly YamlDocument[];
}

/** The folder's documents as a test with fixtures sees them. */
export function withFixtures(folder: Documents, { documents }: Fixtures): Documents {
  const byKind = noneOfEach();
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
  const added = new SortedDocuments();
  for (const document of documents) added.add(document);
  const fixtures = added.result(folder.complete);
  for (const kind of KINDS) byKind[kind].push(...fixtures.byKind[kind]);
  return {
    byKind,
    unplaced: [...folder.unplaced, ...fixtures.unplaced],
    problems: [...folder.problems, ...fixtures.problems],
    complete: folder.complete,
  };
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
  problems: Problem[];
}

function readHeader({ positions, value }: YamlDocument): Header {
  const problems: Problem[] = [];
  const { version, kind } = value;
  const say = (key: string, code: Problem['code'], sentence: string): void => {
    if (isRead(value[key])) problems.push(problem(positions.value(key in value ? [key] : []), code, sentence));
  };
  const known: readonly unknown[] = KINDS;
  if (version === undefined) {
    // A key that was meant to be it is an unknown one of its kind.
    if (!known.includes(kind) || !misspeltKeys(Object.keys(value), ['version']).has('version'))
      say('version', 'missing-key', '`version` is missing: start the document with `version: 1`.');
  } else if (version !== VERSION) {
    const sentence = 'This release reads version 1 of the policy language: write `version: 1`, without quotes.';
    say('version', 'unsupported-version', sentence);
  }
  if (kind === undefined) {
    say('kind', 'missing-key', `\`kind\` is missing: it is one of ${KINDS.join(', ')}.`);
  } else if (!known.includes(kind)) {
    const guess = typeof kind === 'string' ? didYouMean(kind, KINDS) : '';
    say('kind', 'unknown-kind', `There is no such kind of document.${guess || ` The kinds are: ${KINDS.join(', ')}.`}`);
  } else if (meansThisVersion(version)) {
    return { kind: kind as Kind, problems };
  }
  return { problems };
}

/** What is written in another version of the language is not judged by the rules of this one. */
const meansThisVersion = (version: Plain | undefined): boolean =>
  version === undefined || version === VERSION || version === String(VERSION) || version === UNREAD;
