import { z } from 'zod';
import { formatDuration } from '../../domain/duration.ts';
import { LIMITS } from '../limits.ts';
import type { KnownNames } from '../names.ts';
import { caller } from './caller.ts';
import { parameters } from './fields.ts';
import { flows, reason } from './flow.ts';
import type { Meaningless } from './principal.ts';
import type { Read } from './readable.ts';
import { byName, channel, duration, line, name, say } from './words.ts';

/** How long an approval may be used when the action does not say: as long as a pipeline that waits for it needs to go on. */
export const DEFAULT_VALID_FOR = '15m';

const SHORTEST_VALID_MS = 60_000;
/** An approval is for now: one that lies about for days is a standing permission. */
const LONGEST_VALID_MS = 24 * 60 * 60_000;

// Who asks is no person of the directory, and an action is done at no target.
const APPROVERS_OF_CALLERS: Meaningless = {
  manager: '`manager` is the requester’s own manager, and a caller has none: name a group or a person.',
  owner: '`owner` is the owner of a target, and an action has no target: name a group or a person.',
};

const validFor = duration.superRefine((ms, context) => {
  if (ms >= SHORTEST_VALID_MS && ms <= LONGEST_VALID_MS) return;
  const sentence = `An approval may be used for ${formatDuration(SHORTEST_VALID_MS)} to ${formatDuration(LONGEST_VALID_MS)}: write a time between them.`;
  say(context, { code: 'out-of-range' }, sentence);
});

/**
 * `kind: action`: a named one-off operation that must be approved each time. What its parts mean together,
 * compile/callers.ts and compile/flow-sense.ts judge.
 */
export const actionSchema = (known: KnownNames) =>
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('action'),
    /** Unique among actions and accesses; what callers name. */
    name,
    /** For people; the name when absent. */
    title: line(LIMITS.titleChars).optional(),
    labels: byName(line(LIMITS.textChars)).optional(),
    /** Who may ask; absent or empty: nobody. */
    callers: z.array(caller(known)).max(LIMITS.callers).default([]),
    /** What exactly is approved: the approval is bound to their values. */
    parameters: parameters.optional(),
    reason,
    /** In order, the first decides; none: every request is refused. */
    flows: flows(known, APPROVERS_OF_CALLERS),
    /** How long an approval may be used, once. */
    valid_for: validFor.prefault(DEFAULT_VALID_FOR),
    /** Where approvers are asked; absent: each of them directly. */
    channel: channel.optional(),
  });

/** An action as far as it can be read. */
export type ReadableAction = Read<ReturnType<typeof actionSchema>>;

export type ActionDocument = z.output<ReturnType<typeof actionSchema>>;
