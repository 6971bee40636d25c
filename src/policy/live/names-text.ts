const SHOWN = 5;

/** `ana@…, ben@… and 3 more`: enough to find them, however many there are. */
export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}
