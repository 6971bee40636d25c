import { RE2JS } from 're2js';
import { roughSize } from './pattern-size.ts';

/** Longer is no pattern that a reader can follow, and compiling costs memory by length. */
const MOST_CHARS = 500;

/**
 * The time of a match grows with the text times this. NB. a counted repetition is written out when it is compiled, so that
 * few characters can become half a million instructions, each tried at each character of somebody's reason. As many as two
 * repetitions of 1,000 have; RE2 itself takes none above that.
 */
export const MOST_INSTRUCTIONS = 2_500;

/** Compiling takes time, too: what is so much too large by a rough look is not compiled to be measured. */
const FAR_TOO_LARGE = 4 * MOST_INSTRUCTIONS;

const TOO_LARGE = `The pattern is too large once its counted repetitions are written out (at most ${MOST_INSTRUCTIONS} instructions): use smaller counts, such as {1,100}, or * and +; and repeat no repetitions.`;

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
  if (roughSize(pattern) > FAR_TOO_LARGE) return { ok: false, why: TOO_LARGE };
  try {
    const compiled = RE2JS.compile(pattern);
    if (compiled.programSize() > MOST_INSTRUCTIONS) return { ok: false, why: TOO_LARGE };
    return { ok: true, test: (text) => compiled.test(text) };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'it cannot be read';
    return {
      ok: false,
      why: `This is not a pattern in RE2’s syntax (${why}): look-around and back-references are not part of it.`,
    };
  }
}
