import type { Gap } from '../policy/index.ts';

/** A gap in the directory, for the people who run Latchkey. */
export const gapText = ({ why, detail }: Gap): string => (detail === undefined ? why : `${why} (${detail})`);
