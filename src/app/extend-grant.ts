import { decideExtend, extensionOf, extensionRefusal } from '../domain/decide-extension.ts';
import { decideLapse } from '../domain/decide-request.ts';
import { type Decided, refuse } from '../domain/decision.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import type { PersonRef } from '../domain/person.ts';
import { evaluateExtension } from '../policy/index.ts';
import { answer } from './answer.ts';
import { commit } from './commit.ts';
import { delegationsFor } from './delegations.ts';
import { type Caller, personOf, unknownPerson } from './people.ts';
import type { Ports } from './ports/index.ts';
import type { Transaction } from './ports/store.ts';
import type { Asked } from './request-access.ts';
import { requestFacts } from './request-facts.ts';
import { shortened } from './shortened.ts';

/** What is to be extended: one grant by its button, or mine of an access by its name. */
export type Extended = ({ grantId: string } | { access: string }) & {
  /** Absent: the reason of the request that it extends. */
  reason?: string;
};

/** The holder asks for a later end. It opens a request of its own, decided by those whom the policies name. */
export async function extendGrant(ports: Ports, caller: Caller, asked: Extended): Promise<Asked> {
  const grantId = 'grantId' in asked ? asked.grantId : await lastOf(ports, caller, asked.access);
  return ports.store.transaction(async (tx): Promise<Asked> => {
    const now = ports.clock.now();
    const found = grantId === undefined ? undefined : await tx.grant(grantId);
    const grant = found?.workspace === caller.workspace ? found : undefined;
    let opened: Asked | undefined;
    const answered = await answer(ports, tx, caller, { command: 'extend', now, grant }, async () => {
      const by = personOf(ports.policies.current().directory, caller.slack);
      if (!by) return refuse('unknown-person', unknownPerson(ports.policies.current().directory));
      if (!grant) {
        if ('grantId' in asked) return refuse('no-such-grant', 'I know no such access in this workspace.');
        return refuse('no-such-grant', `You do not have ${shortened(asked.access)} now. \`/access list\` shows yours.`);
      }
      const decided = await extend(ports, tx, { grant, by, reason: asked.reason }, now);
      const event = decided.ok ? decided.events[0] : undefined;
      if (event?.type === 'RequestOpened') opened = { kind: 'opened', request: event.request };
      return decided;
    });
    if (answered.kind !== 'done') return answered;
    if (!opened) throw new Error('an extension begins with RequestOpened');
    return opened;
  });
}

/** Of several grants of one access the one that ends last: an earlier end of another changes nothing for its holder. */
async function lastOf(ports: Ports, caller: Caller, access: string): Promise<string | undefined> {
  const me = personOf(ports.policies.current().directory, caller.slack);
  if (!me) return undefined;
  const mine = (await ports.store.openGrantsOf(caller.workspace, me.email)).filter((one) => one.access === access);
  return mine.sort((a, b) => (a.endsAt < b.endsAt ? 1 : -1))[0]?.id;
}

interface Asking {
  grant: GrantState;
  by: PersonRef;
  reason: string | undefined;
}

async function extend(ports: Ports, tx: Transaction, { grant, by, reason }: Asking, now: Instant): Promise<Decided> {
  const policies = ports.policies.current();
  const access = policies.accesses.get(grant.access);
  const limits = access?.duration.extend;
  const refused = extensionRefusal(grant, by, limits, now);
  if (refused) return refused;
  const request = await tx.request(grant.requestId);
  if (!access || !limits || !request) return refuse('no-such-grant', 'The request behind this access is missing.');

  const given = reason?.toWellFormed().trim() ?? '';
  const why = given === '' ? request.reason : given;
  const { wholeMs } = extensionOf(grant, limits.byMs);
  const { email } = grant.person;
  const decision = evaluateExtension(policies, {
    email,
    access: grant.access,
    reason: why,
    fields: request.fields,
    now,
    wholeMs,
  });
  if (!decision.ok) return decision;

  const pending = await tx.pendingRequest(grant.workspace, email, grant.access);
  const lapse = pending && decideLapse(pending, now);
  const at = { workspace: grant.workspace, now };
  // As when an access is asked for: what is over and was not yet seen by the tick does not stand in the way.
  if (lapse?.ok && lapse.events.length > 0) await commit(ports, tx, at, { request: pending }, lapse);
  else if (pending) {
    const what = pending.extension ? 'to extend it' : `for ${grant.access} anew`;
    return refuse(
      'already-pending',
      `You already asked ${what}, and approvers have until ${pending.lapsesAt} to answer.`,
    );
  }
  const command = {
    id: ports.ids.next('req'),
    title: access.title,
    by,
    reason: why,
    // What was filled in is said once; the reason may be a new one.
    fields: request.fields,
    flow: decision.flow,
    ...(access.channel === undefined ? {} : { channel: access.channel }),
  };
  const about = {
    ...command,
    access: grant.access,
    requester: grant.person,
    durationMs: limits.byMs,
    entitlements: grant.holds,
    extension: extensionOf(grant, limits.byMs),
  };
  const delegations = await delegationsFor(tx, grant.workspace, about, now);
  const facts = requestFacts(ports, about, now, grant, delegations);
  const decided = decideExtend(grant, command, limits, facts);
  if (decided.ok) await commit(ports, tx, at, { grant }, decided);
  return decided;
}
