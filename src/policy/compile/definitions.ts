import { Names } from '../names.ts';
import type { Path, Place } from '../positions.ts';
import type { ProblemCode } from '../problem-codes.ts';
import { type Problem, problem } from '../problems.ts';
import type { Plain } from '../yaml/plain.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** The definitions of one kind of names, with a problem for each that there is already. */
export class Definitions {
  /** Something that may define any name cannot be read. */
  mayBeAny = false;
  readonly #isName: (text: string) => boolean;
  readonly what: string;
  readonly #code: ProblemCode;
  readonly #problems: Problem[];
  readonly #before: Definitions | undefined;
  readonly #places = new Map<string, Place>();

  /**
   * @param isName whether a text can be such a name at all
   * @param before definitions of another kind whose names are taken
   */
  constructor(
    what: string,
    code: ProblemCode,
    isName: (text: string) => boolean,
    problems: Problem[],
    before?: Definitions,
  ) {
    this.#isName = isName;
    this.what = what;
    this.#code = code;
    this.#problems = problems;
    this.#before = before;
  }

  get places(): ReadonlyMap<string, Place> {
    return this.#places;
  }

  /** @param possible what else may be defined */
  named(possible: ReadonlySet<string> | 'any'): Names {
    return new Names(this.#places.keys(), possible);
  }

  add({ positions }: YamlDocument, path: Path, name: Plain | undefined, at: 'key' | 'value' = 'value'): void {
    if (typeof name !== 'string' || !this.#isName(name)) {
      // Once it is mended it may be any name, and another one than the one that is written like it.
      this.mayBeAny = true;
      return;
    }
    const place = positions[at](path);
    const say = (sentence: string): void => void this.#problems.push(problem(place, this.#code, sentence));
    const before = this.#places.get(name);
    if (before) {
      say(`The ${this.what} \`${name}\` is already defined at ${placeText(before)}: rename or remove one of them.`);
      return;
    }
    this.#places.set(name, place);
    const other = this.#before?.places.get(name);
    if (other) {
      const sentence = `There is an ${this.#before?.what} \`${name}\` already, at ${placeText(other)}, and the record of a request tells them apart by name: rename one of them.`;
      say(sentence);
    }
  }
}

/** There can be one document of settings. */
export function settingsTwice(first: YamlDocument, again: YamlDocument): Problem {
  const sentence = `The settings already stand at ${placeText(first.positions.value([]))}: there can be one such document.`;
  return problem(again.positions.value([]), 'duplicate-settings', sentence);
}

const placeText = ({ file, line, col }: Place): string => `${file}:${line}:${col}`;
