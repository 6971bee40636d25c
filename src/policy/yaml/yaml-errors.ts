import type { YAMLError } from 'yaml';
import type { ProblemCode } from '../problem-codes.ts';

type Code = YAMLError['code'];

// NB. The package's own messages quote the source, which may hold a secret, so none of them is passed on.
const SENTENCES: Readonly<Record<Code, string>> = {
  ALIAS_PROPS: 'An alias (`*…`) is not part of the policy language: write the value out.',
  BAD_ALIAS: 'A text that starts with * or & needs quotes.',
  BAD_COLLECTION_TYPE: 'The tag does not fit what follows: remove it.',
  BAD_DIRECTIVE: 'Lines that start with % are not part of the policy language: remove it.',
  BAD_DQ_ESCAPE: 'Not an escape of a "double-quoted" text. In \'single quotes\' a backslash is just a backslash.',
  BAD_INDENT: 'The indentation does not fit the lines above, or a bracket or quote that opened there is not closed.',
  BAD_PROP_ORDER: 'Tags and anchors are not part of the policy language: remove it.',
  BAD_SCALAR_START: 'A text that starts with this character needs quotes: @ ` and % have a meaning of their own.',
  BLOCK_AS_IMPLICIT_KEY:
    'A mapping cannot start on the line of its key: put it on the next line, indented, or quote a text with ": " in it.',
  BLOCK_IN_FLOW: 'Inside [ ] and { } everything is written with commas, not with indentation.',
  DUPLICATE_KEY: 'This key already stands in the same mapping: keep one of them.',
  IMPOSSIBLE: 'This is not well-formed YAML.',
  KEY_OVER_1024_CHARS: 'A key is at most 1024 characters long.',
  MISSING_CHAR: 'A closing quote or bracket, a comma, a space or a `---` is missing here.',
  MULTILINE_IMPLICIT_KEY: 'A key stands on one line: check the indentation and the colons of the lines above.',
  MULTIPLE_ANCHORS: 'Anchors (`&…`) are not part of the policy language: remove it.',
  MULTIPLE_DOCS: 'Documents are separated by a line with `---`.',
  MULTIPLE_TAGS: 'Tags (`!…`) are not part of the policy language: remove it. A text that starts with ! needs quotes.',
  NON_STRING_KEY: 'A key must be a text.',
  RESOURCE_EXHAUSTION: 'This is nested too deeply to be read.',
  TAB_AS_INDENT: 'YAML is indented with spaces: replace the tab.',
  TAG_RESOLVE_FAILED:
    'YAML tags (`!…`) are not part of the policy language: remove it. A text that starts with ! needs quotes.',
  UNEXPECTED_TOKEN: 'This does not fit here: check the quotes, brackets, commas and indentation before it.',
};

export const yamlErrorSentence = (code: Code): string => SENTENCES[code] ?? SENTENCES.IMPOSSIBLE;

export function yamlErrorCode(code: Code): ProblemCode {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'yaml-tab';
    case 'BAD_DIRECTIVE':
      return 'yaml-directive';
    case 'DUPLICATE_KEY':
      return 'duplicate-key';
    case 'RESOURCE_EXHAUSTION':
      return 'too-deep';
    case 'ALIAS_PROPS':
    case 'BAD_ALIAS':
    case 'MULTIPLE_ANCHORS':
      return 'alias-not-allowed';
    case 'MULTIPLE_TAGS':
      return 'tag-not-allowed';
    default:
      return 'yaml-syntax';
  }
}
