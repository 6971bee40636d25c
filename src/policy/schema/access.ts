import { z } from 'zod';
import { formatDuration } from '../../domain/duration.ts';
import type { Permission } from '../../domain/entitlement.ts';
import { SHORTEST_IDLE_MS } from '../../domain/idle.ts';
import { LIMITS } from '../limits.ts';
import type { KnownNames } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import type { ProviderSchemas } from '../provider-schemas.ts';
import { breakGlass } from './break-glass.ts';
import { extend } from './extend.ts';
import { fields } from './fields.ts';
import { flows, reason } from './flow.ts';
import { forward } from './forward.ts';
import { type Meaningless, principals } from './principal.ts';
import type { Read } from './readable.ts';
import { accessName, byName, channel, duration, line, say } from './words.ts';

// Nobody is their own manager, so as a rule about requesters the word could never match.
const REQUESTER_RULE: Meaningless = {
  manager: '`manager` is the requester’s own manager, and nobody is their own: name a group or a person.',
};

export interface GrantDocument {
  target: string;
  permission: Permission;
  label: string;
}

/** `{target: prod-postgres, role: app_writer}`: what an approval gives. The provider of the target checks its fields. */
const grant = (known: KnownNames, providers: ProviderSchemas) =>
  z.looseObject({ target: z.string() }).transform((raw, context): GrantDocument | undefined => {
    const { target, ...fields } = raw;
    if (known.targets.lacks(target)) {
      const sentence = `There is no target \`${target}\`.${didYouMean(target, known.targets)}`;
      say(context, { code: 'unknown-target' }, sentence, ['target']);
    }
    // A target without a usable provider has its own problem; this grant cannot be judged without one.
    const provider = providers.get(known.providerOf(target) ?? '');
    if (!provider) return undefined;
    const parsed = provider.permission.safeParse(fields);
    if (parsed.success) return { target, permission: parsed.data, label: provider.describe(parsed.data) };
    forward(context, parsed.error.issues, { schema: provider.permission });
    return z.NEVER;
  });

const idleTime = duration.superRefine((ms, context) => {
  const sentence = `People read, think and are on the phone between two uses: write ${formatDuration(SHORTEST_IDLE_MS)} or more.`;
  if (ms < SHORTEST_IDLE_MS) say(context, { code: 'out-of-range' }, sentence);
});

/** `kind: access`: a named, requestable set of permissions. What its parts mean together, compile/access-sense.ts judges. */
export const accessSchema = (known: KnownNames, providers: ProviderSchemas) =>
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('access'),
    /** Unique; what people type. */
    name: accessName,
    /** For people; the name when absent. */
    title: line(LIMITS.titleChars).optional(),
    labels: byName(line(LIMITS.textChars)).optional(),
    /** All of it or nothing. */
    grants: z.array(grant(known, providers)).min(1).max(LIMITS.grants),
    /** Who may ask; absent or empty: nobody. */
    requesters: principals(known, REQUESTER_RULE).default([]),
    /** Wins over everything. */
    deny: principals(known, REQUESTER_RULE).default([]),
    duration: z.strictObject({ default: duration, max: duration, extend: extend.optional() }),
    reason,
    /** Further inputs, by the name under which `/access` and conditions know them. */
    fields: fields.optional(),
    /** In order, the first decides; none: every request is refused. */
    flows: flows(known),
    /** Where approvers are asked; absent: each of them directly. */
    channel: channel.optional(),
    /** 10m or more; every target must be able to tell. Absent: it lasts until its end, used or not. */
    revoke_on_idle: idleTime.optional(),
    /** Absent: nobody may. */
    break_glass: breakGlass(known, REQUESTER_RULE).optional(),
  });

/** An access as far as it can be read. */
export type ReadableAccess = Read<ReturnType<typeof accessSchema>>;

export type AccessDocument = z.output<ReturnType<typeof accessSchema>>;
