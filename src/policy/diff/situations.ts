import { formatDuration } from '../../domain/duration.ts';
import type { Instant, Milliseconds } from '../../domain/instant.ts';
import { LIMITS } from '../limits.ts';
import type { AccessPolicy } from '../policy-set.ts';
import type { DurationRange } from './change.ts';
import { conditionsOf } from './conditions.ts';

/** One way to ask for an access, standing for all the ways for which every rule gives the same answer. */
export interface Situation {
  durationMs: Milliseconds;
  reason: string;
  fields: Readonly<Record<string, string>>;
  now: Instant;
  /** Index of the range of durations that it stands for. */
  range: number;
  /** In what it differs from the usual: `during office-hours`, `with ticket=INC-1`; empty for the only one there is. */
  circumstance: string;
}

export interface Situations {
  all: readonly Situation[];
  ranges: readonly DurationRange[];
}

/** A moment, or words, as one of the circumstances in which conditions can differ. */
export interface Circumstance {
  label: string;
  now?: Instant;
  reason?: string;
  fields?: Readonly<Record<string, string>>;
}

const SECOND = 1_000;

/**
 * The ways to ask for an access that its rules can tell apart, in either of two versions of it: each range of durations
 * between the longest ones and the durations that conditions mention, in each of the circumstances.
 */
export function situationsOf(
  versions: readonly AccessPolicy[],
  now: Instant,
  circumstances: readonly Circumstance[] = [{ label: '' }],
): Situations {
  const ranges = rangesOf(versions);
  const least = Math.max(...versions.map(({ reason }) => reason.minLength), 1);
  const usual = 'x'.repeat(Math.min(least, LIMITS.reasonChars));
  const all = circumstances.flatMap((circumstance) =>
    ranges.map(
      ({ to }, range): Situation => ({
        durationMs: to,
        range,
        reason: (circumstance.reason ?? usual).padEnd(least, '.'),
        fields: circumstance.fields ?? {},
        now: circumstance.now ?? now,
        circumstance: circumstance.label,
      }),
    ),
  );
  return { all, ranges };
}

function rangesOf(versions: readonly AccessPolicy[]): DurationRange[] {
  const longest = Math.max(...versions.map(({ duration }) => duration.maxMs));
  const ends = new Set<Milliseconds>();
  for (const { duration, flows } of versions) {
    ends.add(duration.maxMs);
    for (const { durations } of conditionsOf(flows)) {
      for (const each of durations) {
        // Conditions can ask for less than it, for exactly it, and for more.
        ends.add(each - SECOND);
        ends.add(each);
      }
    }
  }
  let from = SECOND;
  return [...ends]
    .filter((to) => to >= SECOND && to <= longest)
    .sort((a, b) => a - b)
    .map((to) => {
      const range = { from, to };
      from = to + SECOND;
      return range;
    });
}

/** `for up to 1h`, `for over 1h, up to 4h`, `for exactly 1h`; undefined when it is all that matters. */
export function durationsText(
  indices: ReadonlySet<number>,
  ranges: readonly DurationRange[],
  matters: readonly number[],
): string | undefined {
  if (matters.every((index) => indices.has(index))) return undefined;
  const parts: string[] = [];
  for (let index = 0; index < ranges.length; index += 1) {
    if (!indices.has(index)) continue;
    let last = index;
    while (indices.has(last + 1)) last += 1;
    parts.push(rangeText({ from: ranges[index]?.from ?? 0, to: ranges[last]?.to ?? 0 }));
    index = last;
  }
  return `for ${parts.join(' or ')}`;
}

function rangeText({ from, to }: DurationRange): string {
  if (from === to) return `exactly ${formatDuration(to)}`;
  if (from <= SECOND) return `up to ${formatDuration(to)}`;
  return `over ${formatDuration(from - SECOND)}, up to ${formatDuration(to)}`;
}
