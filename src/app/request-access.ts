import { decideLapse, decideOpen } from '../domain/decide-request.ts';
import { formatDuration, parseDuration } from '../domain/duration.ts';
import type { Instant } from '../domain/instant.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { FieldValues, RequestState } from '../domain/request.ts';
import { type Decision, evaluate, type PolicySet, type Refused } from '../policy/index.ts';
import { commit } from './commit.ts';
import { delegationsFor } from './delegations.ts';
import { actorOf, type Caller } from './people.ts';
import type { Ports } from './ports/index.ts';
import { idleRuleOf, requestFacts } from './request-facts.ts';
import { shortened } from './shortened.ts';
import { whatWasAsked } from './what-was-asked.ts';

export interface AskedAccess {
  access: string;
  /** As it was typed, like `30m`. Absent: the policy's default. */
  duration?: string;
  reason: string;
  /** Further inputs, by name. */
  fields?: FieldValues;
}

export type Asked =
  | { kind: 'opened'; request: Omit<RequestState, 'version'> }
  /** `others`: what else of what was written is wrong. The first alone is recorded. */
  | { kind: 'refused'; refusal: Refusal; others?: readonly Refusal[] }
  /** Slack delivered the same interaction again: it was answered the first time. */
  | { kind: 'replayed' };

/** Somebody asks for an access. A refusal is recorded like everything else (invariant 7). */
export async function requestAccess(ports: Ports, caller: Caller, asked: AskedAccess): Promise<Asked> {
  const { clock, policies, store } = ports;
  // NB. text from a JSON payload may hold lone surrogates, which have no canonical form to hash.
  const name = asked.access.toWellFormed();

  return store.transaction(async (tx): Promise<Asked> => {
    // Judged here and not before: the database may let us wait, or try again, while the policies are reloaded.
    const now = clock.now();
    const at = { workspace: caller.workspace, now };
    const set = policies.current();
    const decision = judge(set, caller.slack, { ...asked, access: name, now });
    if (!(await tx.firstSeen(caller.workspace, caller.interaction, now))) return { kind: 'replayed' };
    const refused = async (refusal: Refusal): Promise<Asked> => {
      const actor = actorOf(set.directory, caller.slack);
      await commit(
        ports,
        tx,
        at,
        {},
        {
          events: [
            {
              type: 'RequestRefused',
              at: now,
              workspace: caller.workspace,
              actor,
              access: shortened(name),
              asked: whatWasAsked(set, { ...asked, access: name }),
              ...refusal,
              policy: set.revision,
            },
          ],
          effects: [],
        },
      );
      return { kind: 'refused', refusal };
    };
    if (!decision.ok) return withOthers(await refused(decision.refusal), decision);
    const { access, person, durationMs, fields, flow, entitlements } = decision;
    const pending = await tx.pendingRequest(caller.workspace, person.email, access.name);
    const lapse = pending && decideLapse(pending, now);
    // Its time is over and the tick has not come by yet: it lapses here, and does not stand in the way.
    if (lapse?.ok && lapse.events.length > 0) await commit(ports, tx, at, { request: pending }, lapse);
    else if (pending) {
      return refused({
        code: 'already-pending',
        sentence: pending.extension
          ? `You asked to extend the ${access.name} that you have, and approvers have until ${pending.lapsesAt} to answer. Ask anew when they have, or when it is over.`
          : `You already asked for ${access.name}, and approvers have until ${pending.lapsesAt} to answer. Withdraw it with /access revoke ${access.name} to ask anew.`,
      });
    }
    const command = {
      id: ports.ids.next('req'),
      workspace: caller.workspace,
      access: access.name,
      title: access.title,
      requester: { email: person.email, slack: caller.slack },
      durationMs,
      reason: asked.reason.trim(),
      fields: { ...fields },
      flow,
      entitlements,
      ...idleRuleOf(access),
      ...(access.channel === undefined ? {} : { channel: access.channel }),
    };
    const delegations = await delegationsFor(tx, caller.workspace, command, now);
    const opened = decideOpen(command, requestFacts(ports, command, now, undefined, delegations));
    if (!opened.ok) return refused(opened.refusal);
    await commit(ports, tx, at, {}, opened);
    const event = opened.events[0];
    if (event?.type !== 'RequestOpened') throw new Error('an opened request begins with RequestOpened');
    return { kind: 'opened', request: event.request };
  });
}

/** A refusal with what else is wrong of what was written. */
export const withOthers = (asked: Asked, { others }: Pick<Refused, 'others'>): Asked =>
  asked.kind === 'refused' && others !== undefined ? { ...asked, others } : asked;

/** Evaluates what was typed. A duration that cannot be read is refused where the policies would look at it. */
export function judge(
  policies: PolicySet,
  slack: string,
  { access, duration, reason, fields = {}, now, preview = false }: AskedAccess & { now: Instant; preview?: boolean },
): Decision {
  const question = { slack, access, reason, fields, now, preview };
  if (duration === undefined) return evaluate(policies, question);
  const parsed = parseDuration(duration);
  if (parsed.ok) return evaluate(policies, { ...question, durationMs: parsed.ms });
  const without = evaluate(policies, question);
  // Who may ask comes first: a stranger learns nothing about durations.
  if (!without.ok && without.refusal.code !== 'invalid-field') return without;
  const max = policies.accesses.get(access)?.duration.maxMs;
  const allowed = max === undefined ? '' : ` ${access} is given for at most ${formatDuration(max)}.`;
  const sentence = `I cannot read “${shortened(duration.toWellFormed())}” as a duration: ${parsed.why}.${allowed} For example: /access ${access} 30m ${reason === '' ? '<reason>' : '…'}`;
  const before = without.trace.slice(
    0,
    without.trace.findIndex(({ check }) => check === 'duration'),
  );
  return {
    ok: false,
    refusal: { code: 'invalid-duration', sentence },
    ...(without.ok ? {} : { others: [without.refusal, ...(without.others ?? [])] }),
    trace: [...before, { check: 'duration', passed: false, detail: sentence }],
  };
}
