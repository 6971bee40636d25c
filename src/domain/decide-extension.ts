import { decideOpen } from './decide-request.ts';
import { type Decided, type Outcome, refuse } from './decision.ts';
import { formatDuration } from './duration.ts';
import type { GrantState } from './grant.ts';
import { between, type Instant, type Milliseconds, plus } from './instant.ts';
import type { PersonRef } from './person.ts';
import type { Extension, FieldValues, Flow, RequestState } from './request.ts';
import type { RequestFacts } from './request-facts.ts';

/** What the current policies allow of extensions. */
export interface ExtensionLimits {
  times: number;
  byMs: Milliseconds;
}

export interface OpenExtension {
  id: string;
  title: string;
  by: PersonRef;
  reason: string;
  fields: FieldValues;
  flow: Flow;
  channel?: string;
}

/** The end that an extension by so much would give, and the whole time from the approval until then. */
export function extensionOf({ id, approvedAt, endsAt }: GrantState, byMs: Milliseconds): Extension {
  const until = plus(endsAt, byMs);
  return { grantId: id, until, wholeMs: between(approvedAt, until) };
}

/** Why nobody could extend this grant now, whatever the policies say of the person; undefined: nothing is in the way. */
export function extensionRefusal(
  grant: GrantState,
  by: PersonRef,
  limits: ExtensionLimits | undefined,
  now: Instant,
): (Decided & { ok: false }) | undefined {
  // By either, as when it is given back: the person may have a new e-mail in the directory since.
  if (by.email !== grant.person.email && by.slack !== grant.person.slack) {
    return refuse('not-your-grant', 'Only the person who holds an access can extend it.');
  }
  if (grant.status === 'provisioning') {
    return refuse('not-extendable', `Your ${grant.access} is still being given: extend it once you have it.`);
  }
  if (grant.status !== 'active' || now >= grant.endsAt) {
    return refuse('already-ending', `Your ${grant.access} is over or ending. Ask for it anew.`);
  }
  if (!limits) {
    return refuse(
      'not-extendable',
      `The policy of ${grant.access} allows no extension. Ask for it anew before it ends.`,
    );
  }
  if ((grant.extensions ?? 0) >= limits.times) {
    const times = limits.times === 1 ? 'once' : `${limits.times} times`;
    return refuse(
      'no-extensions-left',
      `${grant.access} can be extended ${times}, by ${formatDuration(limits.byMs)}, and was. Ask for it anew.`,
    );
  }
  return undefined;
}

/**
 * Whether the limits of now still allow an extension that was asked for earlier; undefined: they do. NB. invariant 3: it was
 * within those of then, and policies that were tightened while it waited hold for what its approval would give.
 */
export function beyondLimits(
  { access, durationMs }: Pick<RequestState, 'access' | 'durationMs'>,
  grant: Pick<GrantState, 'extensions'> | undefined,
  { times, byMs }: ExtensionLimits,
): (Decided & { ok: false }) | undefined {
  if (durationMs > byMs) return refuse('too-long', `${access} is extended by at most ${formatDuration(byMs)}.`);
  if ((grant?.extensions ?? 0) < times) return undefined;
  return refuse('no-extensions-left', `${access} is extended at most ${times === 1 ? 'once' : `${times} times`}.`);
}

/** Opens a request for a later end of a running grant; an automatic flow extends it in the same breath. */
export function decideExtend(
  grant: GrantState,
  command: OpenExtension,
  limits: ExtensionLimits,
  facts: RequestFacts,
): Decided {
  const { by, ...open } = command;
  const refused = extensionRefusal(grant, by, limits, facts.now);
  if (refused) return refused;
  return decideOpen(
    {
      ...open,
      workspace: grant.workspace,
      access: grant.access,
      requester: grant.person,
      durationMs: limits.byMs,
      entitlements: grant.holds.map(({ key, target, system, provider, permission, account, label }) => ({
        key,
        target,
        system,
        provider,
        permission,
        account,
        label,
      })),
      extension: extensionOf(grant, limits.byMs),
    },
    { ...facts, grant },
  );
}

/**
 * The grant of a pending extension was ended early, and whoever ended it withdraws the extension, too. (With its time the
 * extension lapses by itself: it waits no longer than until the end.)
 */
export function decideCloseExtension(request: RequestState, grant: GrantState, now: Instant): Outcome {
  if (request.status !== 'pending' || request.extension?.grantId !== grant.id) return { events: [], effects: [] };
  const { id: requestId, workspace, access } = request;
  const actor = grant.endedBy ?? 'latchkey';
  return {
    events: [{ type: 'RequestCancelled', at: now, workspace, actor, requestId, access }],
    effects: [
      { kind: 'refresh', requestId },
      { kind: 'story', requestId, beat: 'cancelled' },
    ],
  };
}
