import { decideRelease } from '../domain/decide-grant.ts';
import { decideCancel } from '../domain/decide-request.ts';
import { refuse } from '../domain/decision.ts';
import { type Answered, answer } from './answer.ts';
import { commit } from './commit.ts';
import { commitEnding } from './commit-ending.ts';
import { type Caller, personOf, unknownPerson } from './people.ts';
import type { Ports } from './ports/index.ts';
import { shortened } from './shortened.ts';

/** The End now button: the holder gives one grant back early. */
export function endGrant(ports: Ports, caller: Caller, grantId: string): Promise<Answered> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const found = await tx.grant(grantId);
    const grant = found?.workspace === caller.workspace ? found : undefined;
    return answer(ports, tx, caller, { command: 'end', now, grant }, async () => {
      const by = personOf(ports.policies.current().directory, caller.slack);
      if (!by) return refuse('unknown-person', unknownPerson(ports.policies.current().directory));
      if (!grant) return refuse('no-such-grant', 'I know no such access in this workspace.');
      const decided = decideRelease(grant, by, now);
      if (decided.ok) await commitEnding(ports, tx, grant, decided, now);
      return decided;
    });
  });
}

export type EndedOwn = Answered & { ended?: number; withdrawn?: number };

/** `/access revoke <name>`: ends every running grant of the access that I hold and withdraws what I still ask for. */
export async function endOwn(ports: Ports, caller: Caller, access: string): Promise<EndedOwn> {
  const me = personOf(ports.policies.current().directory, caller.slack);
  // The lists are read outside; each one is read again, and decided, inside the transaction.
  const [grants, requests] = me
    ? await Promise.all([
        ports.store.openGrantsOf(caller.workspace, me.email),
        ports.store.pendingRequestsOf(caller.workspace, me.email),
      ])
    : [[], []];
  return ports.store.transaction(async (tx): Promise<EndedOwn> => {
    const now = ports.clock.now();
    let ended = 0;
    let withdrawn = 0;
    const answered = await answer(ports, tx, caller, { command: 'end', now }, async () => {
      if (!me) return refuse('unknown-person', unknownPerson(ports.policies.current().directory));
      const at = { workspace: caller.workspace, now };
      for (const { id } of grants.filter((grant) => grant.access === access)) {
        const grant = await tx.grant(id);
        const decided = grant && decideRelease(grant, me, now);
        if (!grant || !decided?.ok) continue;
        await commitEnding(ports, tx, grant, decided, now);
        ended += 1;
      }
      for (const { id } of requests.filter((request) => request.access === access)) {
        const request = await tx.request(id);
        const decided = request && decideCancel(request, me, now);
        if (!decided?.ok) continue;
        await commit(ports, tx, at, { request }, decided);
        withdrawn += 1;
      }
      if (ended + withdrawn > 0) return { ok: true, events: [], effects: [] };
      if (grants.some((grant) => grant.access === access)) {
        return refuse('already-ending', `Your ${access} is already being taken away.`);
      }
      const held = [...new Set([...grants, ...requests].map((item) => item.access))];
      const hint = held.length > 0 ? `You have: ${held.join(', ')}.` : 'You have no access and no pending request now.';
      return refuse('no-such-grant', `You neither have nor ask for ${shortened(access)}. ${hint}`);
    });
    return { ...answered, ended, withdrawn };
  });
}
