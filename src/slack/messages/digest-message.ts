import type { KnownBlock } from '@slack/types';
import type { Digest } from '../../app/messages.ts';
import { formatDuration } from '../../domain/duration.ts';
import { principalText } from '../../domain/principal.ts';
import { context, fitted, type Rendered, section } from '../blocks.ts';
import { code, escaped, oneLine, shorten } from '../escape.ts';
import { plural, principals, when } from '../words.ts';

/** The daily digest: counts first, trouble next, and nothing to scroll past when nothing happened. */
export function digestMessage(digest: Digest): Rendered {
  const { counts } = digest;
  const emergencies = counts.emergencies > 0 ? `${plural(counts.emergencies, 'emergency', 'emergencies')}, ` : '';
  const extended = counts.extended > 0 ? `${counts.extended} extended, ` : '';
  const unused = counts.unused > 0 ? ` (${counts.unused} unused)` : '';
  const done = counts.actionsApproved + counts.actionsUsed + counts.actionsUnused > 0 ? `${actionsOf(counts)}, ` : '';
  const summary = `${counts.granted} granted, ${emergencies}${extended}${done}${counts.denied} denied, ${counts.lapsed} lapsed, ${counts.ended} ended${unused}, ${counts.refused} refused, ${counts.active} active now`;
  const quiet = Object.values(counts).every((count) => count === 0) && troubles(digest).length === 0;
  const text = quiet
    ? `Access digest ${digest.date}: nothing happened, and nothing is active.`
    : `Access digest ${digest.date}: ${summary}.`;
  if (quiet) return { text };
  const blocks: KnownBlock[] = [
    section(`*Access digest ${digest.date}*\n${summary}.`),
    ...troubles(digest),
    ...listOf(
      '🚨 Emergencies',
      digest.emergencies.map(
        ({ access, person, reviewBy }) => `${code(access)} – ${escaped(person.email)}, review by ${when(reviewBy)}`,
      ),
      counts.emergencies,
    ),
    ...listOf(
      'Still active',
      digest.active.map(({ access, email, endsAt }) => `${code(access)} – ${escaped(email)}, until ${when(endsAt)}`),
      counts.active,
    ),
    ...listOf(
      'Denied',
      digest.denied.map((event) => `${code(event.access)} – by ${escaped(event.actor)}`),
      counts.denied,
    ),
    ...listOf(
      'Lapsed',
      digest.lapsed.map((event) => code(event.access)),
      counts.lapsed,
    ),
    ...listOf(
      'Escalated',
      digest.escalated.map(
        ({ access, step, to }) => `${code(access)} – step ${step + 1}, to ${principals(to.map(principalText))}`,
      ),
      counts.escalated,
    ),
    context(`From ${when(digest.from)} to ${when(digest.to)}`),
  ];
  return { text, blocks };
}

/** NB. an approval of the day before may be used today, so none of the three is a part of another. */
const actionsOf = ({ actionsApproved, actionsUsed, actionsUnused }: Digest['counts']): string =>
  `${plural(actionsApproved, 'action')} approved, ${actionsUsed} used${actionsUnused > 0 ? `, ${actionsUnused} not used in time` : ''}`;

function troubles({ reviewsOverdue, counts, late, failing, gaps = [], setAside, rejected }: Digest): KnownBlock[] {
  return [
    ...listOf(
      '⚠️ Failing now',
      failing.map(
        ({ kind, access, attempt, code: failure, sentence, since }) =>
          `${kind}${access === undefined ? '' : ` ${code(access)}`} – ${code(failure)}: ${oneLine(shorten(sentence, 300))} (${plural(attempt, 'attempt')} since ${when(since)})`,
      ),
      failing.length,
    ),
    ...listOf(
      '⚠️ Emergencies that nobody reviewed in time',
      reviewsOverdue.map(
        ({ access, email, reviewBy, requestId }) =>
          `${code(access)} – ${escaped(email)}, was due ${when(reviewBy)} (${code(requestId)})`,
      ),
      counts.reviewsOverdue,
    ),
    ...listOf(
      '⚠️ Taken away late',
      late.map(({ access, lateBy }) => `${code(access)} – ${formatDuration(lateBy)} late`),
      counts.late,
    ),
    ...listOf(
      '⚠️ Not known now, and so refused',
      gaps.map((gap) => oneLine(shorten(gap, 300))),
      gaps.length,
    ),
    ...listOf(
      '⚠️ Set aside until they are mended',
      (setAside?.first ?? []).map((row) => oneLine(shorten(row, 300))),
      setAside?.count ?? 0,
    ),
    ...(rejected
      ? [
          section(
            `*⚠️ Policies on disk are broken* (${plural(rejected.problems, 'problem')}, since ${when(rejected.at)}); ${rejected.nothingServed ? 'nothing can be asked or approved' : 'the last good set is still in force'}.\n${code(shorten(rejected.first, 500))}`,
          ),
        ]
      : []),
  ];
}

/** A titled list that never outgrows a section; what does not fit is counted, not dropped silently. */
function listOf(title: string, lines: readonly string[], total: number): KnownBlock[] {
  if (lines.length === 0) return [];
  return [
    section(
      fitted(
        `*${title}*`,
        lines.map((line) => `• ${line}`),
        total,
      ),
    ),
  ];
}
