/** A piece of a pattern; the first group holds the numbers of a counted repetition. */
const PIECES = new RegExp(
  [
    /\\Q[\s\S]*?(?:\\E|$)/,
    /\\[pPx]\{[^}]*\}/,
    /\\[\s\S]/,
    /\[\^?\]?(?:\[:\^?[a-z]+:\]|\\[\s\S]|[^\]\\])*\]/,
    /\(\?P?<\w*>/,
    /\(\?[a-zA-Z-]*:?/,
    /\{(\d+(?:,\d*)?)\}/,
    /[\s\S]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gu',
);

/**
 * About how many instructions a pattern becomes, with its counted repetitions written out, and rather too many than too
 * few: 500 characters can ask for half a million. For patterns that must not even be compiled; what is said of one that
 * cannot be read does not matter.
 */
export function roughSize(pattern: string): number {
  const outer: number[] = [];
  /** Of what stands before the last item of this group, and of that item, which a repetition is about. */
  let before = 0;
  let item = 0;
  for (const [piece, counts] of pattern.matchAll(PIECES)) {
    if (counts !== undefined) item = (item + 1) * Math.max(1, ...counts.split(',').map(Number));
    else if (piece === '*' || piece === '+' || piece === '?') item += 1;
    else if (piece === ')') {
      // Where it begins, where it ends, and nothing where nothing is in it.
      item += before + 3;
      before = outer.pop() ?? 0;
    } else {
      before += item;
      item = piece.startsWith('\\Q') ? piece.length : 1;
      if (piece.startsWith('(')) {
        outer.push(before);
        before = 0;
        item = 0;
      }
    }
  }
  return outer.reduce((sum, size) => sum + size, before + item);
}
