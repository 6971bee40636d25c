import type { Place } from '../positions.ts';
import { printable } from '../printable.ts';
import { type Change, countOf, DIRECTIONS, type Direction, type PolicyDiff, plural, someOf } from './change.ts';
import type { Replay } from './replay.ts';

/** GitHub takes no longer comment. In UTF-16 code units, as its limit counts at the least. */
export const COMMENT_LIMIT = 65_536;

/** What was compared, for the heading. */
export interface Names {
  was: string;
  now: string;
}

const HEADINGS: Readonly<Record<Direction, string>> = {
  wider: 'Wider: more can happen than before',
  narrower: 'Narrower: less can happen than before',
  other: 'Other',
};

/** Places beyond these are the same change somewhere else: they are counted. */
const PLACES = 2;

function placesText(places: readonly Place[]): string {
  if (places.length === 0) return '';
  const shown = places.slice(0, PLACES).map(({ file, line }) => `${file}:${line}`);
  return shown.join(', ') + (places.length > PLACES ? ` and ${places.length - PLACES} more places` : '');
}

const summary = ({ changes, compared }: PolicyDiff): string => {
  const counts = countOf(changes);
  const all = DIRECTIONS.map((direction) => `${counts[direction]} ${direction}`).join(', ');
  const of = someOf(
    [
      plural(compared.accesses, 'access', 'accesses'),
      ...(compared.actions === 0 ? [] : [plural(compared.actions, 'action')]),
      plural(compared.people, 'person', 'people'),
    ],
    3,
  );
  return changes.length === 0 ? `No decision differs, over ${of}.` : `${all}; over ${of}.`;
};

/** For a terminal: one line a change. */
export function diffText(diff: PolicyDiff, replay: Replay | undefined): string {
  const lines = diff.changes.map(({ direction, sentence, places }) => {
    const where = placesText(places);
    return `${direction.padEnd(8)}  ${sentence}${where === '' ? '' : `  [${where}]`}`;
  });
  const replayed = (replay?.findings ?? []).map(({ direction, sentence }) => `${direction.padEnd(8)}  ${sentence}`);
  return [
    ...lines,
    summary(diff),
    ...(replay === undefined ? [] : ['', ...replayed, replay.summary]),
    ...diff.notes,
    '',
  ]
    .map(printable)
    .join('\n');
}

/** The mark by which a comment of an earlier run is found again. */
export const COMMENT_MARK = '<!-- latchkey policy diff -->';

/**
 * For a pull request: what matters first, the details folded, and never longer than a comment may be. What is left out
 * for that is counted.
 */
export function diffMarkdown(diff: PolicyDiff, names: Names, replay: Replay | undefined): string {
  const head = [
    COMMENT_MARK,
    `### What the policies decide differently`,
    '',
    `${inCode(names.was)} → ${inCode(names.now)}: ${summary(diff)}`,
    ...(replay === undefined
      ? []
      : ['', ...replay.findings.map(({ sentence }) => `- ${plain(sentence)}`), plain(replay.summary)]),
    ...diff.notes.map((note) => `\n${plain(note)}`),
    '',
  ].join('\n');
  const tail = '\n';
  // Room for the folds and for the lines that say what was left out.
  let room = COMMENT_LIMIT - head.length - tail.length - 1_500;
  const parts: string[] = [];
  for (const direction of DIRECTIONS) {
    const changes = diff.changes.filter((change) => change.direction === direction);
    if (changes.length === 0) continue;
    const lines: string[] = [];
    for (const change of changes) {
      const line = markdownLine(change);
      if (line.length + 1 > room) break;
      room -= line.length + 1;
      lines.push(line);
    }
    const left = changes.length - lines.length;
    if (left > 0)
      lines.push(
        `- … and ${left} more, left out for the length of a comment: \`latchkey policy diff\` prints them all`,
      );
    const open = direction === 'wider' ? ' open' : '';
    parts.push(
      `<details${open}><summary>${HEADINGS[direction]} (${changes.length})</summary>\n\n${lines.join('\n')}\n\n</details>\n`,
    );
  }
  return `${head}\n${parts.join('\n')}${tail}`;
}

const markdownLine = ({ sentence, places }: Change): string => {
  const where = placesText(places);
  return `- ${plain(sentence)}${where === '' ? '' : ` (${inCode(where)})`}`;
};

/**
 * NB. names of accesses, flows and groups come out of the pull request itself: nothing in them may become a link, a
 * mention, an image or a heading of a comment that reviewers take for ours.
 */
const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .replace(/[@#]/g, '$&\u200b')
    .replace(/[\\`*_{}[\]<>!|~$&]/g, (character) => `&#${character.charCodeAt(0)};`)

    .replaceAll('://', ':\u200b//')
    .replaceAll('www.', 'www\u200b.');

const inCode = (text: string): string => `<code>${plain(text)}</code>`;
