/** A sentence of a test cannot be understood. The message says what would be right. */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
}

interface Word {
  text: string;
  quoted: boolean;
}

/** The words of a `do`, read one after the other. Blanks end a word; in quotes they belong to it. */
export class Words {
  readonly #words: readonly Word[];
  #next = 0;

  /** @throws NotUnderstood */
  constructor(text: string) {
    this.#words = split(text);
  }

  get atEnd(): boolean {
    return this.#next >= this.#words.length;
  }

  /** The next word, not yet taken. */
  get peek(): string | undefined {
    return this.#words[this.#next]?.text;
  }

  /** @throws NotUnderstood when there is none. */
  take(what: string): string {
    const word = this.#words[this.#next];
    if (!word) throw new NotUnderstood(`It ends where ${what} should come.`);
    this.#next += 1;
    return word.text;
  }

  /** Takes this word. @throws NotUnderstood when another comes, or none; `or` names what else could come. */
  expect(word: string, ...or: readonly string[]): void {
    if (this.takeIf(word)) return;
    const wanted = [word, ...or].map((each) => `\`${each}\``).join(' or ');
    if (this.atEnd) throw new NotUnderstood(`It ends where ${wanted} should come.`);
    throw new NotUnderstood(`${wanted} should come where \`${this.peek}\` stands.`);
  }

  /** Takes the next word when it is this one; one in quotes never is. */
  takeIf(word: string): boolean {
    const next = this.#words[this.#next];
    if (next?.quoted !== false || next.text !== word) return false;
    this.#next += 1;
    return true;
  }
}

/** Also the “typographic” quotes that editors and chats put in the place of plain ones. */
const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '‘': '’' };

function split(text: string): Word[] {
  const words: Word[] = [];
  let index = 0;
  while (index < text.length) {
    if (/\s/.test(text.charAt(index))) {
      index += 1;
      continue;
    }
    let word = '';
    const quoted = CLOSING[text.charAt(index)] !== undefined;
    // `ticket="INC 42"`: quotes may open inside a word, after its `=`.
    while (index < text.length && !/\s/.test(text.charAt(index))) {
      const closing = word === '' || word.endsWith('=') ? CLOSING[text.charAt(index)] : undefined;
      if (closing === undefined) {
        word += text.charAt(index);
        index += 1;
        continue;
      }
      const end = text.indexOf(closing, index + 1);
      if (end < 0) throw new NotUnderstood(`The quote that opens with ${text.slice(index, index + 12)} is not closed.`);
      word += text.slice(index + 1, end);
      index = end + 1;
      if (index < text.length && !/\s/.test(text.charAt(index)))
        throw new NotUnderstood(`A blank is missing after the quote that ends with ${text.slice(end - 6, end + 1)}.`);
    }
    words.push({ text: word, quoted });
  }
  return words;
}
