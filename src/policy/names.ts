/** The names of one kind that the files define, as far as they can be read. */
export class Names implements Iterable<string> {
  readonly #defined: ReadonlySet<string>;
  readonly #possible: ReadonlySet<string> | 'any';

  /**
   * @param possible names that a part which cannot be read, or placed, may define; `any` when it may define every name:
   *   one that is missing then proves nothing, and is taken as good. The part's own problem stops the load anyway.
   */
  constructor(defined: Iterable<string>, possible: ReadonlySet<string> | 'any' = NONE) {
    this.#defined = defined instanceof Set ? defined : new Set(defined);
    this.#possible = possible;
  }

  /** It is defined for certain. */
  has(name: string): boolean {
    return this.#defined.has(name);
  }

  /** No file defines it, and none could that cannot be read in full. */
  lacks(name: string): boolean {
    return !this.#defined.has(name) && this.#possible !== 'any' && !this.#possible.has(name);
  }

  /** There may be more than those that are defined. */
  get open(): boolean {
    return this.#possible === 'any' || this.#possible.size > 0;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#defined.values();
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Names that the files define. */
export interface KnownNames {
  /** E-mails, lower-cased. */
  readonly people: Names;
  readonly groups: Names;
  readonly targets: Names;
  /** Of the settings. */
  readonly schedules: Names;
  /** Of the settings. */
  readonly apiKeys: Names;
  /** The provider of a target; none when its definition is too broken to say, or there are two. */
  providerOf(target: string): string | undefined;
}

const ANY_NAMES = new Names([], 'any');

/** For what is made of schemas without any files: each name is taken as good. */
export const ANY_KNOWN_NAMES: KnownNames = {
  people: ANY_NAMES,
  groups: ANY_NAMES,
  targets: ANY_NAMES,
  schedules: ANY_NAMES,
  apiKeys: ANY_NAMES,
  providerOf: () => undefined,
};
