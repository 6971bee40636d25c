import { z } from 'zod';
import { groupSummaryReply } from './replies.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Some servers write their booleans as text. What is neither is not `true`. */
const flag = z
  .union([z.boolean(), z.string().regex(/^(true|false)$/i)])
  .transform((value) => String(value).toLowerCase() === 'true');

const email = z.object({ value: z.string(), primary: flag.nullish().catch(false) });

const enterprise = z.object({
  manager: z
    .object({ value: z.string().min(1).max(1_000) })
    .nullish()
    .catch(undefined),
});

/**
 * A user as far as it matters for who may do what. NB. replies are hostile input: an attribute that is not what it should
 * be counts as the one that gives least. RFC 7643 §4.1.1 leaves `active` out for directories that have no such thing.
 */
export const personReply = z
  .object({
    id: groupSummaryReply.shape.id,
    userName: z.string().max(1_000),
    active: flag.nullish().catch(false),
    emails: z.array(email).max(100).nullish(),
    [ENTERPRISE]: enterprise.nullish().catch(undefined),
  })
  .transform(({ id, userName, active, emails, [ENTERPRISE]: more }) => ({
    id,
    userName,
    active: active ?? true,
    emails: (emails ?? []).map(({ value, primary }) => ({ value, primary: primary ?? false })),
    manager: more?.manager?.value,
  }));

export const groupMembersReply = groupSummaryReply.extend({
  members: z.array(z.object({ value: z.string(), type: z.string().nullish(), $ref: z.string().nullish() })).nullish(),
});
