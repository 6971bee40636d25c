import { isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { Lines } from './lines.ts';

/** A point in a policy file. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** In the order of the alphabet and then of the file. */
export const byPlace = (a: Place, b: Place): number => compareText(a.file, b.file) || a.line - b.line || a.col - b.col;

export type Path = readonly PropertyKey[];

/** The start of a file: for problems that concern the whole of it. */
export const startOf = (file: string): Place => ({ file, line: 1, col: 1 });

/** Finds where in its file a part of one YAML document stands. */
export class Positions {
  readonly #root: unknown;
  readonly #lines: Lines;
  readonly #pairs = new WeakMap<YAMLMap, Map<string, Pair>>();

  constructor(root: unknown, lines: Lines) {
    this.#root = root;
    this.#lines = lines;
  }

  /** Where the value at `path` starts; for an empty value, where its key does; for an absent one, its nearest parent. */
  value(path: Path): Place {
    const found = this.#find(path);
    if (found.depth < path.length) return this.key(path.slice(0, found.depth));
    const empty = isScalar(found.node) && found.node.value === null && found.node.source === '';
    return this.#at(empty && found.key !== undefined ? found.key : found.node);
  }

  /** Where the key of the value at `path` starts; an entry of a list has none, so where the entry starts. */
  key(path: Path): Place {
    const found = this.#find(path);
    return this.#at(found.key ?? found.node);
  }

  /** The same for the part of the document at `path`, as if it were a document of its own. */
  below(path: Path): Positions {
    return new Positions(this.#find(path).node, this.#lines);
  }

  /**
   * Where a character of the text at `path` stands; for a text that is written in several lines or with escapes, where it
   * begins.
   */
  within(path: Path, offset: number): Place {
    const { node } = this.#find(path);
    if (!isScalar(node) || !node.range || typeof node.value !== 'string') return this.value(path);
    const [start, end] = node.range;
    const quotes = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
    const asWritten = end - start === node.value.length + 2 * quotes;
    return this.#lines.place(asWritten ? start + quotes + offset : start);
  }

  /** Whether the document says anything at `path`. */
  has(path: Path): boolean {
    return this.#find(path).depth === path.length;
  }

  #find(path: Path): { node: unknown; key: unknown; depth: number } {
    let node = this.#root;
    let key: unknown;
    let depth = 0;
    for (const part of path) {
      if (isMap(node)) {
        const pair = this.#pairsOf(node).get(String(part));
        if (!pair) break;
        key = pair.key;
        // `a` in `{a}` has no value node at all.
        node = pair.value ?? pair.key;
      } else if (isSeq(node) && typeof part === 'number' && part < node.items.length) {
        key = undefined;
        node = node.items[part];
      } else break;
      depth += 1;
    }
    return { node, key, depth };
  }

  // Kept per mapping: a walk for each of 10,000 targets would be quadratic otherwise.
  #pairsOf(map: YAMLMap): Map<string, Pair> {
    let pairs = this.#pairs.get(map);
    if (!pairs) {
      pairs = new Map();
      for (const pair of map.items) {
        const name = isScalar(pair.key) ? String(pair.key.value) : undefined;
        if (name !== undefined && !pairs.has(name)) pairs.set(name, pair);
      }
      this.#pairs.set(map, pairs);
    }
    return pairs;
  }

  #at(node: unknown): Place {
    const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
    return this.#lines.place(range?.[0] ?? 0);
  }
}
