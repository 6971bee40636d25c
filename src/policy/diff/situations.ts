import { formatDuration } from '../../domain/duration.ts';
import type { Milliseconds } from '../../domain/instant.ts';
import type { AccessPolicy } from '../policy-set.ts';
import type { DurationRange } from './change.ts';
import type { Circumstance } from './circumstances.ts';
import { conditionsOf } from './conditions.ts';

/** One way to ask for an access, standing for all the ways for which every rule gives the same answer. */
export interface Situation extends Omit<Circumstance, 'label'> {
  durationMs: Milliseconds;
  /** Index of the range of durations that it stands for. */
  range: number;
  /** In what it differs from the usual: `during office-hours`, `with ticket=INC-1`; empty for the only one there is. */
  circumstance: string;
}

export interface Versions {
  was: AccessPolicy | undefined;
  now: AccessPolicy | undefined;
}

export interface Situations {
  versions: Versions;
  all: readonly Situation[];
  /** By situation: the first one from which one version of the access cannot tell it. What is decided there holds here. */
  like: { was: readonly number[]; now: readonly number[] };
  ranges: readonly DurationRange[];
}

const SECOND = 1_000;

/**
 * The ways to ask for an access that its rules can tell apart, in either of two versions of it: each range of durations
 * between the longest ones and the durations that conditions mention, in each of the circumstances.
 */
export function situationsOf(versions: Versions, circumstances: readonly Circumstance[]): Situations {
  const { was, now } = versions;
  const ranges = rangesOf([was, now].filter((each) => each !== undefined));
  const all = circumstances.flatMap(({ label, ...circumstance }) =>
    ranges.map(({ to }, range): Situation => ({ ...circumstance, durationMs: to, range, circumstance: label })),
  );
  const like = (access: AccessPolicy | undefined): number[] => {
    const own = access ? rangesOf([access]) : [];
    // Ranges beyond the last one of its own are all too long.
    const firsts = ranges.map(({ to }) => own.findIndex((each) => each.to >= to));
    return all.map(({ range }, index) => index - range + firsts.indexOf(firsts[range] ?? -1));
  };
  return { versions, all, ranges, like: { was: like(was), now: like(now) } };
}

/** A reason that no rule of these versions has anything against. */
export function usualReason(versions: readonly Pick<AccessPolicy, 'reason'>[]): string {
  return 'x'.repeat(Math.max(...versions.map(({ reason }) => reason.minLength), 1));
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
