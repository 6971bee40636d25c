/** A name longer than any access can have is quoted and recorded up to here. */
const NAME_LIMIT = 100;

/** What somebody typed as a name, fit for a sentence and for the log; a cut is shown. */
export function shortened(text: string): string {
  const points = [...text.toWellFormed()];
  return points.length <= NAME_LIMIT ? points.join('') : `${points.slice(0, NAME_LIMIT).join('')}…`;
}
