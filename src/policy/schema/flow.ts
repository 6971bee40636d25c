import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import type { KnownNames } from '../names.ts';
import { type Meaningless, principals } from './principal.ts';
import type { Read } from './readable.ts';
import { duration, line, say, wholeNumber } from './words.ts';

/** How long a request waits for its approvers when the flow does not say: a working day. */
export const DEFAULT_TIMEOUT = '8h';

/** More often would only teach people to look away. */
const SHORTEST_REMINDER_MS = 60_000;

const reminderInterval = duration.superRefine((ms, context) => {
  const sentence = 'Reminders can come at most once a minute: write 1m or more.';
  if (ms < SHORTEST_REMINDER_MS) say(context, { code: 'out-of-range' }, sentence);
});

/** One step of a flow: `need` distinct people out of `approvers`. */
const step = (known: KnownNames, meaningless: Meaningless) =>
  z.strictObject({
    approvers: principals(known, meaningless).min(1),
    /** 1 to 20 people. */
    need: wholeNumber(1, LIMITS.need).default(1),
    remind_every: reminderInterval.optional(),
    /** Whether approvers who are away may hand their votes in this step to somebody else; absent: they may not. */
    delegation: z.enum(['allowed', 'forbidden']).optional(),
    /** Open for so long, these people may fill its seats as well. */
    escalate: z.strictObject({ after: duration, to: principals(known, meaningless).min(1) }).optional(),
  });

/** A way to an approval: steps in order, or an automatic vote of the policy itself. */
const flow = (known: KnownNames, meaningless: Meaningless) =>
  z.strictObject({
    name: line(LIMITS.titleChars),
    /** CEL; compile/conditions.ts reads it, as it may name the labels and fields of what is asked for. Absent: always. */
    when: z.string().optional(),
    auto_approve: z.boolean().optional(),
    steps: z.array(step(known, meaningless)).max(LIMITS.steps).optional(),
    /** Not filled by then: the request lapses. */
    timeout: duration.prefault(DEFAULT_TIMEOUT),
  });

/**
 * In order, the first decides; none: every request is refused.
 * @param meaningless principals that can name nobody in a step here
 */
export const flows = (known: KnownNames, meaningless: Meaningless = {}) =>
  z.array(flow(known, meaningless)).max(LIMITS.flows).default([]);

/** What is asked of the reason of a request. */
export const reason = z
  .strictObject({
    required: z.boolean().default(false),
    /** In code points, blanks around it not counted. */
    min_length: wholeNumber(0, LIMITS.reasonChars).default(0),
  })
  .default({ required: false, min_length: 0 });

/** Flows as far as they can be read. */
export type ReadableFlows = Read<ReturnType<typeof flows>>;
export type ReadableFlow = Read<ReturnType<typeof flow>>;
export type ReadableStep = Read<ReturnType<typeof step>>;

export type FlowDocument = z.output<ReturnType<typeof flow>>;
