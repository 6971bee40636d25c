import { formatDuration } from '../../domain/duration.ts';
import type { PolicySet } from '../policy-set.ts';
import { type Warning, warning } from './warnings.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `risk: high` for longer than a day is standing access by another name. */
export function* durations({ accesses }: PolicySet): Generator<Warning> {
  for (const { labels, duration, places } of accesses.values()) {
    if (labels.risk !== 'high' || duration.maxMs <= DAY_MS) continue;
    const sentence = `An access labelled \`risk: high\` can be held for ${formatDuration(duration.maxMs)}: lower \`max\` to 24h or less, so that it is asked for again.`;
    yield warning(places.duration, 'long-high-risk', sentence);
  }
}
