/** What breaks a line, what moves a terminal's cursor, and what turns the reading direction. */
const UNSEEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const writtenOut = (character: string): string =>
  character === '\n' ? '\\n' : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/**
 * Text for one line of a terminal or of a pipeline's log, with what cannot be seen written out. NB. file names and words
 * come out of a pull request that nobody has read yet: a line of their own that begins with `::`, or `##[` anywhere, is a
 * command to GitHub's runner (annotations of their making, ours switched off), and an escape character one to a terminal.
 */
export const printable = (text: string): string =>
  text
    .replace(UNSEEN, writtenOut)
    .replaceAll('##', '#\\u0023')
    .replace(/^(\s*)::/u, '$1\\u003a:');
