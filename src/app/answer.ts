import type { Decided } from '../domain/decision.ts';
import type { CommandRefused } from '../domain/events.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { RequestState } from '../domain/request.ts';
import { commit } from './commit.ts';
import { actorOf, type Caller } from './people.ts';
import type { Ports } from './ports/index.ts';
import type { Transaction } from './ports/store.ts';

/** What the person who clicked or typed is told. */
export type Answered = { kind: 'done' } | { kind: 'refused'; refusal: Refusal } | { kind: 'replayed' };

interface About {
  command: CommandRefused['command'];
  now: Instant;
  request?: RequestState | undefined;
  grant?: GrantState | undefined;
}

/** Runs one command on a request or grant: once per interaction, and a refusal is recorded (invariant 7). */
export async function answer(
  ports: Ports,
  tx: Transaction,
  caller: Caller,
  about: About,
  decide: () => Promise<Decided>,
): Promise<Answered> {
  const { now } = about;
  if (!(await tx.firstSeen(caller.workspace, caller.interaction, now))) return { kind: 'replayed' };
  const decided = await decide();
  if (decided.ok) return { kind: 'done' };
  const { code, sentence } = decided.refusal;
  const access = about.request?.access ?? about.grant?.access;
  const refused: CommandRefused = {
    type: 'CommandRefused',
    at: now,
    workspace: caller.workspace,
    actor: actorOf(ports.policies.current().directory, caller.slack),
    command: about.command,
    ...(about.request ? { requestId: about.request.id } : {}),
    ...(about.grant ? { grantId: about.grant.id } : {}),
    ...(access === undefined ? {} : { access }),
    code,
    sentence,
  };
  await commit(ports, tx, { workspace: caller.workspace, now }, {}, { events: [refused], effects: [] });
  return { kind: 'refused', refusal: decided.refusal };
}
