import type { PolicySet } from '../../policy/index.ts';
import { printable } from '../../policy/index.ts';
import type { Item } from './item.ts';
import { itemsOf } from './items.ts';
import type { Recorder } from './recorder.ts';

export interface CoveredItem extends Item {
  hits: number;
}

export interface Share {
  covered: number;
  total: number;
}

export interface Coverage extends Share {
  files: readonly (Share & { file: string; items: readonly CoveredItem[] })[];
}

/** What of the policies the tests have seen decided: by file and in total. */
export function coverageOf(policies: PolicySet, recorder: Recorder): Coverage {
  const byFile = new Map<string, CoveredItem[]>();
  for (const item of itemsOf(policies)) {
    const items = byFile.get(item.place.file) ?? [];
    byFile.set(item.place.file, items);
    items.push({ ...item, hits: recorder.hits(item.key) });
  }
  const files = [...byFile].map(([file, items]) => ({ file, items, ...shareOf(items) }));
  return { files, ...shareOf(files.flatMap(({ items }) => items)) };
}

const shareOf = (items: readonly CoveredItem[]): Share => ({
  covered: items.filter(({ hits }) => hits > 0).length,
  total: items.length,
});

/** Of nothing everything is covered. */
export const percentOf = ({ covered, total }: Share): number => (total === 0 ? 100 : (covered / total) * 100);

/** Rounded down: 100 % is said only of everything. */
const percentText = (share: Share): string => `${(Math.floor(percentOf(share) * 10) / 10).toFixed(1)} %`;

const shareText = (share: Share): string => `${percentText(share).padStart(7)}  ${share.covered} of ${share.total}`;

/** For people: the share of each file, and what is missing with its line. */
export function coverageText(coverage: Coverage): string {
  const width = Math.max(5, ...coverage.files.map(({ file }) => file.length));
  const lines = coverage.files.flatMap((file) => [
    `  ${file.file.padEnd(width)}  ${shareText(file)}`,
    ...file.items
      .filter(({ hits }) => hits === 0)
      .map(({ access, what, place }) => printable(`    ${place.file}:${place.line}:${place.col} ${access}: ${what}`)),
  ]);
  return `Coverage: what of the policies a test saw decided\n${lines.join('\n')}\n  ${'total'.padEnd(width)}  ${shareText(coverage)}\n`;
}
