import { Composer, type Document, isMap, isScalar, Lexer, Parser, type YAMLError } from 'yaml';
import { LIMITS } from '../limits.ts';
import { Lines } from '../lines.ts';
import { Positions } from '../positions.ts';
import { type Problem, problem } from '../problems.ts';
import { UNREAD } from '../unread.ts';
import { isMapping, type Plain, plainOf } from './plain.ts';
import { yamlErrorCode, yamlErrorSentence } from './yaml-errors.ts';

/** One YAML document that is a mapping. */
export interface YamlDocument {
  readonly positions: Positions;
  readonly value: Readonly<Record<string, Plain>>;
  /** Something in it has a problem already: it is read on for the others, and nothing is made of it. */
  readonly flawed?: true;
}

export interface YamlFile {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
  /** Every document of the file is there, if some are flawed. */
  readonly complete: boolean;
}

/**
 * Plain YAML 1.2 with the core schema and nothing clever: no anchors and aliases (a few lines of them unfold to
 * gigabytes), no tags, no merge keys, no directives, each key once. So a file means exactly what it looks like.
 */
const OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
  stringKeys: true,
  // Checked in plain.ts in linear time: the package compares every key with every other one.
  uniqueKeys: false,
  // NB. Its messages quote the source, and the source may be a secret that somebody wrote into a file.
  prettyErrors: false,
  logLevel: 'silent',
} as const;

const NAMES_OPEN = ' Until then, names that nothing else defines are taken to be right.';

/**
 * Reads the documents of one file, with every problem of its YAML. A document that is no YAML is left out: what it would
 * say is anybody's guess. One that says more than plain YAML can is flawed only where it does.
 */
export function readYaml(file: string, text: string): YamlFile {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lines = new Lines(file, source);
  const problems: Problem[] = [];
  const place = (offset: number) => lines.place(offset);
  const composed = compose(source);
  if (composed.tooDeepAt !== undefined) {
    const sentence = `The nesting is more than ${LIMITS.yamlDepth} levels deep, and no policy needs that: check the brackets and the indentation here.`;
    problems.push(problem(place(composed.tooDeepAt), 'too-deep', sentence));
  }
  const documents: YamlDocument[] = [];
  let complete = composed.tooDeepAt === undefined && composed.stray.length === 0;
  const say = (error: YAMLError): Problem =>
    problem(place(error.pos[0]), yamlErrorCode(error.code), yamlErrorSentence(error.code));
  for (const doc of composed.docs) {
    // An unknown tag is a warning to the package; plain.ts reports every tag as what it is.
    const warnings = doc.warnings.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED');
    const found = firstOf([...doc.errors, ...warnings]).map(say);
    if (doc.directives && doc.directives.yaml.version !== '1.2') {
      const sentence = 'Policies are YAML 1.2: remove the `%YAML` line.';
      found.push(problem(place(doc.range[0]), 'yaml-directive', sentence));
    }
    // `---` with nothing but comments after it says nothing.
    const silent = doc.contents === null || (isScalar(doc.contents) && doc.contents.source === '');
    if (!silent || found.length > 0) {
      const positions = new Positions(doc.contents, lines);
      // What is made of a text that is no YAML may be anything.
      const value = found.length === 0 ? plainOf(doc.contents, { place, problems: found }) : UNREAD;
      if (found.length === 0 && !isMap(doc.contents)) {
        const sentence = 'A policy document is a mapping that starts with `version: 1` and `kind: …`.';
        found.push(problem(positions.value([]), 'not-a-mapping', sentence));
      }
      if (isMapping(value)) documents.push({ positions, value, ...(found.length > 0 ? { flawed: true } : {}) });
      else {
        complete = false;
        // So that nobody wonders why a name is found to be unknown only later.
        if (found[0]) found[0].sentence += NAMES_OPEN;
      }
    }
    for (const each of found) problems.push(each);
  }
  if (problems.length === 0) problems.push(...firstOf(composed.stray).map(say));
  return { documents, problems, complete };
}

/**
 * What stops a document from being YAML. Behind it the parser is lost: one bracket too many makes it complain of every
 * word that comes after. A tab confuses it already where it looks back.
 */
const firstOf = (errors: readonly YAMLError[]): YAMLError[] =>
  (errors.some(isTab) ? errors.filter(isTab) : errors).slice(0, 1);

const isTab = ({ code }: YAMLError): boolean => code === 'TAB_AS_INDENT';

interface Composed {
  docs: Document.Parsed[];
  /** Complaints about what stands outside every document. */
  stray: readonly YAMLError[];
  /** Offset at which the nesting passed the bound; what follows was not read. */
  tooDeepAt?: number;
}

/**
 * Lexes, parses and composes one token after the other, and stops where the nesting gets too deep.
 *
 * NB. The composer is recursive, and a stack overflow inside it cannot be relied on as a RangeError: with 1 MiB of `{`
 * the engine aborts the whole process (it fails to compile a regular expression without stack). So the depth is bounded
 * before anything recursive sees it; the parser keeps its open collections on a stack of its own.
 */
function compose(source: string): Composed {
  const docs: Document.Parsed[] = [];
  const parser = new Parser();
  const composer = new Composer(OPTIONS);
  for (const lexeme of new Lexer().lex(source)) {
    for (const token of parser.next(lexeme)) for (const doc of composer.next(token)) docs.push(doc);
    if (parser.stack.length > LIMITS.yamlDepth) return { docs, stray: [], tooDeepAt: parser.offset };
  }
  for (const token of parser.end()) for (const doc of composer.next(token)) docs.push(doc);
  for (const doc of composer.end(false, source.length)) docs.push(doc);
  return { docs, stray: composer.streamInfo().errors };
}
