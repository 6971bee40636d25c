import { z } from 'zod';
import { duration, wholeNumber } from './words.ts';

/** Who approves an extension. */
export const EXTENSION_APPROVALS = ['last-step', 'all-steps', 'none'] as const;
export type ExtensionApproval = (typeof EXTENSION_APPROVALS)[number];

/** `extend: {times: 1, by: 1h}`: how often, and by how much, the end of a running grant may be moved. */
export const extend = z.strictObject({
  /** 1 to 20. */
  times: wholeNumber(1, 20),
  by: duration,
  /** The last step of the flow, unless it says otherwise. An automatic flow extends automatically. */
  approval: z.enum(EXTENSION_APPROVALS).default('last-step'),
});
