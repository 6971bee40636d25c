import type { FieldValues } from '../domain/request.ts';
import type { ActionCaller } from './action-caller.ts';
import { actionStatus } from './action-status.ts';
import { type AskedAway, comeBack, handOver, showAway } from './away.ts';
import { cancelAction } from './cancel-action.ts';
import { endGrant, endOwn } from './end-own.ts';
import { explainAccess } from './explain-access.ts';
import { type Extended, extendGrant } from './extend-grant.ts';
import { listMine } from './list-mine.ts';
import type { Caller } from './people.ts';
import type { Ports } from './ports/index.ts';
import { type AskedAccess, requestAccess } from './request-access.ts';
import { type AskedAction, requestAction } from './request-action.ts';
import { type Reviewed, reviewEmergency } from './review-emergency.ts';
import { takeEmergency } from './take-emergency.ts';
import { useAction } from './use-action.ts';
import { type Voted, vote } from './vote.ts';

/** Everything people and callers can do, bound to the ports: what adapters are given. */
export const useCases = (ports: Ports) => ({
  requestAccess: (caller: Caller, asked: AskedAccess) => requestAccess(ports, caller, asked),
  vote: (caller: Caller, voted: Voted) => vote(ports, caller, voted),
  endGrant: (caller: Caller, grantId: string) => endGrant(ports, caller, grantId),
  extendGrant: (caller: Caller, asked: Extended) => extendGrant(ports, caller, asked),
  takeEmergency: (caller: Caller, asked: AskedAccess) => takeEmergency(ports, caller, asked),
  reviewEmergency: (caller: Caller, reviewed: Reviewed) => reviewEmergency(ports, caller, reviewed),
  endOwn: (caller: Caller, access: string) => endOwn(ports, caller, access),
  listMine: (caller: Pick<Caller, 'workspace' | 'slack'>) => listMine(ports, caller),
  requestAction: (by: ActionCaller, asked: AskedAction) => requestAction(ports, by, asked),
  actionStatus: (by: ActionCaller, requestId: string) => actionStatus(ports, by, requestId),
  useAction: (by: ActionCaller, requestId: string, parameters: FieldValues) =>
    useAction(ports, by, requestId, parameters),
  cancelAction: (by: ActionCaller, requestId: string) => cancelAction(ports, by, requestId),
  handOver: (caller: Caller, asked: AskedAway) => handOver(ports, caller, asked),
  comeBack: (caller: Caller) => comeBack(ports, caller),
  showAway: (caller: Pick<Caller, 'workspace' | 'slack'>) => showAway(ports, caller),
  explainAccess: (caller: Pick<Caller, 'workspace' | 'slack'>, asked: AskedAccess) =>
    explainAccess(ports, caller, asked),
  policies: () => ports.policies.current(),
  now: () => ports.clock.now(),
});

export type UseCases = ReturnType<typeof useCases>;
