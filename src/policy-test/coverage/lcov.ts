import type { Coverage, CoveredItem } from './coverage.ts';

/**
 * The tracefile of lcov (`geninfo(1)`): each thing that a policy can decide is a branch of its line. It names the files as
 * they were read, so that its readers find them from where that was.
 */
export function lcov(coverage: Coverage): string {
  return coverage.files.map(({ file, items }) => record(file, items)).join('');
}

function record(path: string, items: readonly CoveredItem[]): string {
  const lines = new Map<number, CoveredItem[]>();
  for (const item of items) lines.set(item.place.line, [...(lines.get(item.place.line) ?? []), item]);
  const hitLines = [...lines].map(([line, here]) => ({ line, hits: here.reduce((sum, { hits }) => sum + hits, 0) }));
  return [
    'TN:',
    `SF:${path}`,
    ...[...lines].flatMap(([line, here]) =>
      here.map(({ hits }, branch) => `BRDA:${line},0,${branch},${hits === 0 ? '-' : hits}`),
    ),
    `BRF:${items.length}`,
    `BRH:${items.filter(({ hits }) => hits > 0).length}`,
    ...hitLines.map(({ line, hits }) => `DA:${line},${hits}`),
    `LF:${hitLines.length}`,
    `LH:${hitLines.filter(({ hits }) => hits > 0).length}`,
    'end_of_record',
    '',
  ].join('\n');
}
