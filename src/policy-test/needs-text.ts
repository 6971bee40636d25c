/** `1 of group:dba; 1 of group:security, manager`: equal for equal needs. */
export function needsText(needs: Readonly<Record<string, number>>): string {
  const texts = Object.entries(needs).map(([approvers, count]) => `${count} of ${approvers}`);
  return texts.length === 0 ? 'nobody' : texts.sort().join('; ');
}
