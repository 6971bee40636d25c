import { z } from 'zod';
import type { KnownNames } from '../names.ts';
import { type Meaningless, principals } from './principal.ts';
import { duration, wholeNumber } from './words.ts';

/** `break_glass: {allow: [group:sre-leads], review_within: 24h, quota: {times: 2, per: 30d}}`. */
export const breakGlass = (known: KnownNames, meaningless: Meaningless) =>
  z.strictObject({
    /** Who may; empty: nobody. */
    allow: principals(known, meaningless),
    /** Somebody has to have looked at it by then. */
    review_within: duration.prefault('24h'),
    /** For each person; absent: no limit. */
    quota: z.strictObject({ times: wholeNumber(1, 100), per: duration }).optional(),
  });
