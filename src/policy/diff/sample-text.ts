/**
 * A text that a pattern probably matches, for asking as people would: the first alternative, the fewest repetitions, the
 * first letter of a class. Undefined for what it does not know; whoever needs certainty tries the pattern.
 */
export function sampleText(pattern: string): string | undefined {
  const reader = new Reader(pattern);
  const text = reader.alternatives();
  return reader.done && !reader.lost ? text : undefined;
}

/** Longer is no name of a ticket. */
const MOST_REPEATS = 100;
const ESCAPES: Readonly<Record<string, string>> = {
  d: '4',
  w: 'a',
  s: ' ',
  D: 'a',
  W: '-',
  S: 'a',
  b: '',
  A: '',
  z: '',
};
const LETTERS = 'aA0-_.:/ @#';

class Reader {
  readonly #pattern: string;
  #at = 0;
  lost = false;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get done(): boolean {
    return this.#at >= this.#pattern.length;
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  alternatives(): string {
    const first = this.#sequence();
    while (this.#take('|')) this.#sequence();
    return first;
  }

  #sequence(): string {
    let text = '';
    while (!this.done && !this.lost && this.#pattern[this.#at] !== '|' && this.#pattern[this.#at] !== ')') {
      const part = this.#part();
      const times = this.#repeats();
      if (times > MOST_REPEATS) this.lost = true;
      else text += part.repeat(times);
    }
    return text;
  }

  #part(): string {
    if (this.#take('(?:') || (!this.#pattern.startsWith('(?', this.#at) && this.#take('('))) {
      const inner = this.alternatives();
      if (!this.#take(')')) this.lost = true;
      return inner;
    }
    const letter = this.#pattern[this.#at] ?? '';
    this.#at += 1;
    if (letter === '^' || letter === '$') return '';
    if (letter === '.') return 'a';
    if (letter === '[') return this.#oneOf();
    if (letter === '\\') return this.#escape();
    if (letter === '(') this.lost = true;
    return letter;
  }

  #escape(): string {
    const letter = this.#pattern[this.#at] ?? '';
    this.#at += 1;
    if (Object.hasOwn(ESCAPES, letter)) return ESCAPES[letter] ?? '';
    if (/[a-zA-Z0-9]/.test(letter)) this.lost = true;
    return letter;
  }

  #oneOf(): string {
    const not = this.#take('^');
    const begin = this.#at;
    let first: string | undefined;
    while (!this.done && (this.#pattern[this.#at] !== ']' || this.#at === begin)) {
      const letter = this.#pattern[this.#at] ?? '';
      this.#at += 1;
      const meant = letter === '\\' ? this.#escape() : letter;
      first ??= meant;
    }
    const members = this.#pattern.slice(begin, this.#at);
    if (!this.#take(']')) this.lost = true;
    if (!not) return first ?? '';
    return [...LETTERS].find((letter) => !members.includes(letter) && !/\\|a-z|A-Z|0-9/.test(members)) ?? '~';
  }

  #repeats(): number {
    let times = 1;
    if (this.#take('*') || this.#take('?')) times = 0;
    else if (!this.#take('+')) {
      const braces = /^\{(\d{1,4})(?:,\d*)?\}/.exec(this.#pattern.slice(this.#at));
      if (!braces) return 1;
      this.#at += braces[0].length;
      times = Number(braces[1]);
    }
    this.#take('?');
    return times;
  }
}
