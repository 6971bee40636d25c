import type { Place } from './positions.ts';

/**
 * Turns offsets in a file's text into lines and columns. Counted from the text itself: the YAML parser's own counter
 * misses line breaks in some malformed files, which are the ones that people need to find their way in.
 */
export class Lines {
  readonly #file: string;
  readonly #starts: number[] = [0];

  constructor(file: string, text: string) {
    this.#file = file;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) this.#starts.push(end + 1);
  }

  place(offset: number): Place {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.#file, line: low + 1, col: offset - (this.#starts[low] ?? 0) + 1 };
  }
}
