const MOST = 3;

/** `ana@example.com, ben@example.com, cy@example.com and 4 more`. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST);
  const left = names.length - shown.length;
  if (left > 0) return `${shown.join(', ')} and ${left} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
