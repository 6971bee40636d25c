import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Place } from '../positions.ts';
import { type Problem, problem } from '../problems.ts';
import { UNREAD, type Unread } from '../unread.ts';

/** What plain YAML can say, or that it says something else. Mappings have no prototype, so that no key can reach one. */
export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain } | Unread;

/** Whether something written is a mapping: neither a list nor a text, and not empty. */
export const isMapping = (value: unknown): value is { [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface PlainContext {
  place(offset: number): Place;
  problems: Problem[];
}

type Node = { range?: readonly number[] | null; tag?: string; anchor?: string } | null | undefined;

/**
 * A node as plain data, with a problem for everything that plain YAML leaves out, and `UNREAD` for what such a part is to
 * say: the rest is read all the same. The depth is bounded by the reader.
 */
export function plainOf(node: unknown, context: PlainContext): Plain {
  const say = (at: unknown, ...rest: [code: Problem['code'], sentence: string]): void => {
    context.problems.push(problem(context.place((at as Node)?.range?.[0] ?? 0), ...rest));
  };
  const { tag, anchor } = (node ?? {}) as { tag?: string; anchor?: string };
  if (tag !== undefined) {
    const sentence =
      'YAML tags (`!…`) are not part of the policy language: remove it. A text that starts with ! needs quotes.';
    say(node, 'tag-not-allowed', sentence);
    return UNREAD;
  }
  if (anchor !== undefined || isAlias(node)) {
    const sentence =
      'Anchors (`&…`) and aliases (`*…`) are not part of the policy language: write the value out. A text that starts with & or * needs quotes.';
    say(node, 'alias-not-allowed', sentence);
    // What an anchor marks is written out; what an alias means is not.
    if (isAlias(node)) return UNREAD;
  }
  if (isMap(node)) {
    const result: { [key: string]: Plain } = Object.create(null);
    const first = new Map<string, unknown>();
    let nameless = false;
    for (const { key, value } of node.items) {
      // The key's own tag and anchor; that it is text is the reader's rule (`stringKeys`).
      const name = plainOf(key, context);
      if (typeof name !== 'string') {
        nameless = true;
        continue;
      }
      const before = first.get(name);
      if (name === '__proto__') say(key, 'unknown-key', '`__proto__` is not a key of anything here: remove it.');
      else if (before !== undefined) {
        const { line, col } = context.place((before as Node)?.range?.[0] ?? 0);
        say(key, 'duplicate-key', `\`${name}\` already stands at ${line}:${col} of this file: keep one of them.`);
        result[name] = UNREAD;
      } else {
        first.set(name, key);
        result[name] = plainOf(value, context);
      }
    }
    // Any key may be the one whose name cannot be told.
    return nameless ? UNREAD : result;
  }
  if (isSeq(node)) return node.items.map((item) => plainOf(item, context));
  if (isScalar(node)) {
    const value = node.value;
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Plain;
  }
  return null;
}
