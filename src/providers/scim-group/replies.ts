import { z } from 'zod';

/**
 * What the directory may answer. NB. Replies are hostile input: an id goes into the path of the next request, so one that
 * a URL would swallow (`..`) or that is no name for anything is not an id.
 */
const id = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u)
  .refine((text) => text !== '.' && text !== '..');

export const listReply = z.object({
  totalResults: z.int().nonnegative(),
  Resources: z.array(z.unknown()).nullish(),
});

export const userReply = z.object({
  id,
  userName: z.string(),
  groups: z.array(z.object({ value: z.string().nullish(), type: z.string().nullish() })).nullish(),
});
export type User = z.infer<typeof userReply>;

export const groupSummaryReply = z.object({ id, displayName: z.string().nullish() });
export type GroupSummary = z.infer<typeof groupSummaryReply>;

/** Loose, because a group that is written back whole must keep what this program does not know. */
export const groupReply = z.looseObject({
  id,
  members: z.array(z.looseObject({ value: z.string() })).nullish(),
});
export type Group = z.infer<typeof groupReply>;

export const errorReply = z.object({ scimType: z.string().regex(/^\w{1,50}$/) });
