import { RE2JS } from 're2js';

/** Longer is no pattern that a reader can follow, and compiling costs memory by length. */
const MOST_CHARS = 500;

export type CompiledPattern = { ok: true; test: (text: string) => boolean } | { ok: false; why: string };

/**
 * Compiles a regular expression of a policy. RE2's syntax and its linear time: no pattern of a policy can be made to hang
 * by a text that somebody chose (https://github.com/google/re2/wiki/Syntax; look-around and back-references do not exist
 * there). It is searched for anywhere in the text, as everywhere: `^` and `$` bind it to the ends.
 */
export function compilePattern(pattern: string): CompiledPattern {
  if (pattern.length > MOST_CHARS) {
    return { ok: false, why: `The pattern has ${pattern.length} characters, and at most ${MOST_CHARS} fit.` };
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return { ok: true, test: (text) => compiled.test(text) };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'it cannot be read';
    return {
      ok: false,
      why: `This is not a pattern in RE2’s syntax (${why}): look-around and back-references are not part of it.`,
    };
  }
}
