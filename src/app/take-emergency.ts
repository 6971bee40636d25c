import { decideEmergency, quotaRefusal } from '../domain/decide-emergency.ts';
import { refuse } from '../domain/decision.ts';
import { formatDuration, parseDuration } from '../domain/duration.ts';
import type { Emergency } from '../domain/emergency.ts';
import { type Instant, plus } from '../domain/instant.ts';
import type { PersonRef } from '../domain/person.ts';
import type { Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { WhatWasAsked } from '../domain/what-was-asked.ts';
import {
  type AccessPolicy,
  type Decision,
  evaluateEmergency,
  type PolicySet,
  type Question,
  type Refused,
  withOwners,
} from '../policy/index.ts';
import { commit } from './commit.ts';
import { actorOf, type Caller } from './people.ts';
import type { Ports } from './ports/index.ts';
import type { Transaction } from './ports/store.ts';
import { type Asked, type AskedAccess, withOthers } from './request-access.ts';
import { idleRuleOf, requestFacts } from './request-facts.ts';
import { shortened } from './shortened.ts';
import { whatWasAsked } from './what-was-asked.ts';

/** Somebody at the server acts for a person, while Slack cannot be reached. */
export interface ServerCaller {
  workspace: string;
  email: string;
  /** `cli:<user of the machine>` */
  via: string;
}

/** Takes an access at once. What the policies refuse is refused here, too, and recorded like everything else. */
export function takeEmergency(ports: Ports, caller: Caller | ServerCaller, asked: AskedAccess): Promise<Asked> {
  const { clock, policies, store } = ports;
  const access = asked.access.toWellFormed();
  return store.transaction(async (tx): Promise<Asked> => {
    const now = clock.now();
    const set = policies.current();
    if ('interaction' in caller && !(await tx.firstSeen(caller.workspace, caller.interaction, now)))
      return { kind: 'replayed' };
    const decision = judge(set, whoOf(caller), { ...asked, access, now });
    const refusal = decision.ok ? await taken(ports, tx, caller, asked, decision, now) : decision.refusal;
    if (!('code' in refusal)) return { kind: 'opened', request: refusal };
    const actor = 'via' in caller ? caller.via : actorOf(set.directory, caller.slack);
    const { workspace } = caller;
    const policy = set.revision;
    const what: WhatWasAsked = {
      ...whatWasAsked(set, { ...asked, access }),
      emergency: true,
      ...('via' in caller ? { person: shortened(caller.email) } : {}),
    };
    const about = { workspace, actor, access: shortened(access), asked: what, policy };
    const event = { type: 'RequestRefused' as const, at: now, ...about, ...refusal };
    await commit(ports, tx, { workspace, now }, {}, { events: [event], effects: [] });
    return withOthers({ kind: 'refused', refusal }, decision.ok ? {} : decision);
  });
}

const whoOf = (caller: Caller | ServerCaller): Pick<Question, 'email' | 'slack'> =>
  'via' in caller ? { email: caller.email } : { slack: caller.slack };

type Allowed = Decision & { ok: true };

/** Gives it, or says why not: the quota is looked at in the transaction that uses it up. */
async function taken(
  ports: Ports,
  tx: Transaction,
  caller: Caller | ServerCaller,
  { reason }: AskedAccess,
  { access, person, durationMs, fields, flow, entitlements }: Allowed,
  now: Instant,
): Promise<(Asked & { kind: 'opened' })['request'] | Refusal> {
  const { breakGlass } = access;
  // NB. everybody is told, the person first: somebody whom Slack does not know would hold it unseen.
  if (!breakGlass || person.slack === undefined) {
    return refuse(
      'unknown-person',
      `${person.email} has no Slack user in the directory, so nobody could be told of it.`,
    ).refusal;
  }
  const requester: PersonRef = { email: person.email, slack: person.slack };
  const { workspace } = caller;
  const past = await tx.emergencies(workspace, requester, access.name, Math.max(1, breakGlass.quota?.times ?? 1));
  const full = quotaRefusal(access.name, past, breakGlass.quota, now);
  if (full) return full.refusal;
  const emergency: Emergency = {
    number: (past[0]?.number ?? 0) + 1,
    reviewBy: plus(now, breakGlass.reviewWithinMs),
    reviewers: reviewersOf(ports.policies.current(), access),
    ...('via' in caller ? { via: caller.via } : {}),
  };
  const command = {
    id: ports.ids.next('req'),
    workspace,
    access: access.name,
    title: access.title,
    requester,
    durationMs,
    reason: reason.trim(),
    fields: { ...fields },
    flow,
    entitlements,
    ...idleRuleOf(access),
    ...(access.channel === undefined ? {} : { channel: access.channel }),
    emergency,
  };
  const outcome = decideEmergency(
    { ...command, ...('via' in caller ? { actor: caller.via } : {}) },
    requestFacts(ports, command, now),
  );
  await commit(ports, tx, { workspace, now }, {}, outcome);
  const opened = outcome.events[0];
  if (opened?.type !== 'RequestOpened') throw new Error('an emergency begins with RequestOpened');
  return opened.request;
}

/** The approvers of every step of every flow, each named once, owners by name: a later owner reviews no older emergency. */
function reviewersOf(policies: PolicySet, access: AccessPolicy): Principal[] {
  const flows = access.flows.map((flow) => withOwners(policies, access, flow));
  const all = flows.flatMap(({ steps }) => steps.flatMap(({ approvers }) => approvers));
  return [...new Map(all.map((principal) => [JSON.stringify(principal), principal])).values()];
}

/** Evaluates what was typed. A duration that cannot be read is refused after who may have it at all. */
function judge(
  policies: PolicySet,
  who: Pick<Question, 'email' | 'slack'>,
  { access, duration, reason, fields = {}, now }: AskedAccess & { now: Instant },
): Decision | Pick<Refused, 'ok' | 'refusal' | 'others'> {
  const question = { ...who, access, reason, fields, now };
  if (duration === undefined) return evaluateEmergency(policies, question);
  const parsed = parseDuration(duration);
  if (parsed.ok) return evaluateEmergency(policies, { ...question, durationMs: parsed.ms });
  const without = evaluateEmergency(policies, question);
  if (!without.ok && without.refusal.code !== 'invalid-field') return without;
  const max = policies.accesses.get(access)?.duration.maxMs;
  const allowed = max === undefined ? '' : ` ${access} is given for at most ${formatDuration(max)}.`;
  const refused = refuse(
    'invalid-duration',
    `I cannot read “${shortened(duration.toWellFormed())}” as a duration: ${parsed.why}.${allowed}`,
  );
  return without.ok ? refused : { ...refused, others: [without.refusal, ...(without.others ?? [])] };
}
