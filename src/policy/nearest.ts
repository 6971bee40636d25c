/** Longer names than this are not compared: no name of the language is, and the work grows with the square. */
const LONGEST = 80;

/**
 * The candidate that `name` was most likely meant to be, or none when nothing is near: at most one slip (a letter
 * missing, extra, wrong, or two swapped) for every three letters, three in all. Of equally near ones the first in the
 * order of the alphabet, so that the answer never depends on the order of files.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  if (wanted.length === 0 || wanted.length > LONGEST) return undefined;
  const allowed = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  // Made once for all candidates: among 10,000 names they would otherwise be most of the work.
  const rows: Rows = [newRow(), newRow(), newRow()];
  let best: string | undefined;
  let bestSlips = allowed + 1;
  for (const candidate of candidates) {
    if (candidate.length > LONGEST) continue;
    const slips = slipsBetween(wanted, candidate.toLowerCase(), Math.min(allowed, bestSlips), rows);
    if (slips < bestSlips || (slips === bestSlips && best !== undefined && candidate < best)) {
      best = candidate;
      bestSlips = slips;
    }
  }
  return best;
}

type Rows = readonly [Int16Array, Int16Array, Int16Array];
const newRow = (): Int16Array => new Int16Array(LONGEST + 1);
const FAR = 1_000;

/**
 * Damerau's distance in its optimal-string-alignment form, for texts of at most `LONGEST`; `Infinity` when it is over
 * `limit`. Only the diagonal band that can stay within the limit is filled in.
 */
function slipsBetween(a: string, b: string, limit: number, rows: Rows): number {
  if (Math.abs(a.length - b.length) > limit) return Number.POSITIVE_INFINITY;
  let [before, above, row] = rows;
  for (let j = 0; j <= b.length; j += 1) above[j] = j <= limit ? j : FAR;
  for (let i = 1; i <= a.length; i += 1) {
    const from = Math.max(1, i - limit);
    const to = Math.min(b.length, i + limit);
    row[from - 1] = from === 1 && i <= limit ? i : FAR;
    let least = at(row, from - 1);
    for (let j = from; j <= to; j += 1) {
      const letter = b.charCodeAt(j - 1);
      let slips = at(above, j - 1) + (a.charCodeAt(i - 1) === letter ? 0 : 1);
      slips = min(slips, min(at(above, j), at(row, j - 1)) + 1);
      const swapped = i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === letter;
      if (swapped) slips = min(slips, at(before, j - 2) + 1);
      row[j] = slips;
      least = min(least, slips);
    }
    if (to < b.length) row[to + 1] = FAR;
    if (least > limit) return Number.POSITIVE_INFINITY;
    [before, above, row] = [above, row, before];
  }
  const slips = at(above, b.length);
  return slips > limit ? Number.POSITIVE_INFINITY : slips;
}

const at = (row: Int16Array, index: number): number => row[index] ?? FAR;

const { min } = Math;

/** ` Did you mean `x`?` with its leading space, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const near = nearest(name, candidates);
  return near === undefined ? '' : ` Did you mean \`${near}\`?`;
}
