import { z } from 'zod';
import type { Requests } from './browser/wire.ts';

/** The shapes of what the page sends, checked before anything is done with it. */

const text = z.string().max(40_000);
const id = z.string().min(1).max(255);
const option = z.looseObject({
  text: z.looseObject({ type: z.enum(['plain_text', 'mrkdwn']), text }),
  value: z.string().max(150),
});
const value = z.union([text, z.array(id).max(100), option, z.array(option).max(100), z.null()]);
const values = z.record(z.string().max(512), value);
const where = { blockId: id, actionId: id };
const month = 31 * 86_400_000;

export const pageRequests = {
  command: z.strictObject({ as: id, channel: id, text }),
  click: z.strictObject({ as: id, channel: id, ts: id, ...where, value }),
  'view-action': z.strictObject({ as: id, view: id, ...where, value, values }),
  'view-submit': z.strictObject({ as: id, view: id, values }),
  'view-close': z.strictObject({ as: id, view: id }),
  options: z.union([
    z.strictObject({ as: id, view: id, ...where, query: text }),
    z.strictObject({ as: id, channel: id, ts: id, ...where, query: text }),
  ]),
  post: z.strictObject({ as: id, channel: id, text, thread: id.optional() }),
  clock: z.strictObject({ advance: z.int().min(1).max(month) }),
  member: z.strictObject({ group: id, email: id, present: z.boolean() }),
  pipeline: z.strictObject({ as: id, action: id, parameters: z.record(id, text), reason: text }),
  'pipeline-cancel': z.strictObject({ run: z.int().min(1) }),
} satisfies { [K in keyof Requests]: z.ZodType };

export const isPageRequest = (name: string): name is keyof Requests => Object.hasOwn(pageRequests, name);
