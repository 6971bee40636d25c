import { parseDuration } from '../../domain/duration.ts';
import type { Milliseconds } from '../../domain/instant.ts';
import type { Condition } from './condition.ts';
import { LANGUAGE } from './language.ts';
import { literalText, type Node, pathOf } from './walk.ts';

/** A condition as far as it can be told from reading it; whatever is not understood counts as an opaque part. */
export interface Reading {
  /** It can never hold. */
  readonly never: boolean;
  /** Its parts joined by `&&`, by their text, each with the limit that it sets; `true` is none. */
  readonly parts: ReadonlyMap<string, Limit | undefined>;
  /** The longest `request.duration` for which it can hold; absent: any. */
  readonly atMost?: Milliseconds;
  /** Only for longer durations (`strictly`), or for those from here on. */
  readonly atLeast?: { readonly ms: Milliseconds; readonly strictly: boolean };
}

// Each is looked at once for every flow behind it.
const readings = new WeakMap<Condition, Reading>();

/** What a condition that was found sound says. */
export function readingOf(condition: Condition): Reading {
  const before = readings.get(condition);
  if (before) return before;
  const reading = read(conjuncts(LANGUAGE.parse(condition.source).ast));
  readings.set(condition, reading);
  return reading;
}

function read(conditions: Iterable<Node>): Reading {
  const parts = new Map<string, Limit | undefined>();
  let never = false;
  let atMost: Milliseconds | undefined;
  let atLeast: Reading['atLeast'];
  for (const part of conditions) {
    if (part.op === 'value' && part.args === true) continue;
    if (part.op === 'value' && part.args === false) never = true;
    const limit = durationLimit(part);
    if (limit?.kind === 'most') atMost = Math.min(atMost ?? Number.POSITIVE_INFINITY, limit.ms);
    if (limit?.kind === 'least' && limit.ms >= (atLeast?.ms ?? 0)) atLeast = { ms: limit.ms, strictly: limit.strictly };
    parts.set(textOf(part), limit);
  }
  return { never, parts, ...(atMost === undefined ? {} : { atMost }), ...(atLeast ? { atLeast } : {}) };
}

/** Whether one condition holds whenever another does. `false`: not that it can be seen. */
export function impliedBy(earlier: Condition, later: Condition): boolean {
  const { parts, atMost } = readingOf(later);
  return [...readingOf(earlier).parts].every(([text, limit]) => {
    if (parts.has(text)) return true;
    return limit?.kind === 'most' && !limit.strictly && atMost !== undefined && atMost <= limit.ms;
  });
}

function* conjuncts(node: Node): Generator<Node> {
  if (node.op !== '&&') yield node;
  else for (const part of node.args as Node[]) yield* conjuncts(part);
}

export type Limit = { kind: 'most' | 'least'; ms: Milliseconds; strictly: boolean };

const TURNED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==' };

/** `request.duration <= duration("1h")`, either way round; of alternatives the wider one. */
function durationLimit(node: Node): Limit | undefined {
  const [left, right] = Array.isArray(node.args) ? (node.args as Node[]) : [];
  if (node.op === '||') {
    const [one, other] = [left && widest(left), right && widest(right)];
    return one && other ? (one.ms >= other.ms ? one : other) : undefined;
  }
  if (!Object.hasOwn(TURNED, node.op)) return undefined;
  const turned = pathOf(right) === 'request.duration';
  if (!turned && pathOf(left) !== 'request.duration') return undefined;
  const ms = durationText(turned ? left : right);
  if (ms === undefined) return undefined;
  const op = turned ? TURNED[node.op] : node.op;
  // NB. `==` ends at its duration, and implies nothing about shorter ones.
  return { kind: op === '>' || op === '>=' ? 'least' : 'most', ms, strictly: op !== '<=' && op !== '>=' };
}

/** The upper limit of an alternative: of all its parts the tightest. */
function widest(node: Node): Limit | undefined {
  let best: Limit | undefined;
  for (const part of conjuncts(node)) {
    const limit = durationLimit(part);
    if (limit?.kind === 'most' && (!best || limit.ms < best.ms)) best = limit;
  }
  // NB. an alternative may end anywhere below its limit, so that nothing is implied by it.
  return best && { ...best, strictly: true };
}

function durationText(node: Node | undefined): Milliseconds | undefined {
  if (node?.op !== 'call' || !Array.isArray(node.args) || node.args[0] !== 'duration') return undefined;
  const parsed = parseDuration(literalText((node.args[1] as unknown[])[0]) ?? '');
  return parsed.ok ? parsed.ms : undefined;
}

/** A part without its places: the same for two that are written with other blanks. */
const textOf = (node: Node): string => JSON.stringify(plain(node));

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return value;
  if ('op' in value && 'args' in value) return [value.op, plain(value.args)];
  return String(value);
}
