import type { DomainEvent } from '../../domain/events.ts';
import type { RequestState } from '../../domain/request.ts';
import type { AccessPolicy, ActionDecision, Check, Decision } from '../../policy/index.ts';
import type { Askable } from '../askable.ts';
import type { Witness } from '../test.ts';
import {
  type AccessRule,
  type ActionRule,
  callerKey,
  conditionKey,
  delegationKey,
  emergencyKey,
  escalationKey,
  extensionKey,
  extensionsUsedKey,
  flowKey,
  idleKey,
  refusalKey,
  stepKey,
  useKey,
} from './item.ts';

const REFUSING: Partial<Record<Check, AccessRule | ActionRule>> = {
  deny: 'deny',
  requesters: 'requesters',
  duration: 'duration',
  reason: 'reason',
  field: 'fields',
  caller: 'callers',
  parameter: 'parameters',
};

/** Counts what the policies decided while tests ran. */
export class Recorder {
  readonly #hits = new Map<string, number>();

  hits(key: string): number {
    return this.#hits.get(key) ?? 0;
  }

  /** For one test: its requests are its own. */
  witness(): Witness {
    const requests = new Map<string, Opened>();
    return {
      // NB. an emergency is decided by a flow and requesters of its own, not by those of the access.
      decided: (access, decision, asked = 'request') => {
        if (asked === 'request') this.#decided(access, decision);
        else this.#emergency(access, decision);
      },
      decidedAction: (action, decision, callers) => {
        this.#decided(action, decision);
        for (const caller of callers) this.#hit(callerKey(action.name, caller));
      },
      looked: () => {},
      happened: (events) => {
        for (const event of events) this.#happened(event, requests);
      },
    };
  }

  #decided({ name: access, flows }: Askable, decision: Decision | ActionDecision): void {
    const conditional = flows.filter(({ when }) => when !== undefined);
    const answers = decision.trace.filter(({ check }) => check === 'when');
    for (const [index, { passed }] of answers.entries()) {
      const flow = conditional[index];
      // One without an answer refuses the request: it was neither true nor false.
      if (flow && (decision.ok || decision.refusal.code !== 'policy-error' || index < answers.length - 1))
        this.#hit(conditionKey(access, flow.name, passed));
    }
    if (decision.ok) {
      this.#hit(flowKey(access, decision.flow.name));
      return;
    }
    const rule = REFUSING[decision.trace.at(-1)?.check ?? 'person'];
    // A duration that cannot be read is no matter of the policy.
    if (rule !== undefined && decision.refusal.code !== 'invalid-duration') this.#hit(refusalKey(access, rule));
  }

  #emergency({ name: access }: AccessPolicy, decision: Decision): void {
    if (decision.ok) return;
    const { code } = decision.refusal;
    // `deny` and `max` hold for emergencies as they do for requests.
    if (code === 'not-eligible') this.#hit(emergencyKey(access, 'refused'));
    else if (code === 'denied-by-policy') this.#hit(refusalKey(access, 'deny'));
    else if (code === 'too-long') this.#hit(refusalKey(access, 'duration'));
  }

  #happened(event: DomainEvent, requests: Map<string, Opened>): void {
    if (event.type === 'RequestOpened') {
      const { id, extension, emergency } = event.request;
      // An extension is decided by a part of the flow, and an emergency by none: their votes fill no step of a flow.
      if (!extension && !emergency) requests.set(id, { request: event.request, seats: new Map() });
    } else if (event.type === 'GrantExtended') {
      this.#hit(extensionKey(event.access));
    } else if (event.type === 'ActionUsed') {
      this.#hit(useKey(event.access, 'used'));
    } else if (event.type === 'ActionUnused') {
      this.#hit(useKey(event.access, 'unused'));
    } else if (event.type === 'EmergencyTaken') {
      this.#hit(emergencyKey(event.access, 'taken'));
    } else if (event.type === 'ReviewClosed') {
      this.#hit(emergencyKey(event.access, 'reviewed'));
    } else if (event.type === 'ReviewOverdue') {
      this.#hit(emergencyKey(event.access, 'overdue'));
    } else if (event.type === 'RequestRefused') {
      if (event.code === 'quota-used') this.#hit(emergencyKey(event.access, 'quota'));
    } else if (event.type === 'CommandRefused') {
      if (event.code === 'no-extensions-left' && event.access !== undefined) this.#hit(extensionsUsedKey(event.access));
    } else if (event.type === 'VoteCast' && event.vote.verdict === 'approve') {
      const opened = requests.get(event.requestId);
      if (!opened) return;
      const { step, onBehalfOf } = event.vote;
      if (onBehalfOf !== undefined) this.#hit(delegationKey(event.access, opened.request.flow.name, step));
      const seats = (opened.seats.get(step) ?? 0) + 1;
      opened.seats.set(step, seats);
      if (seats === opened.request.flow.steps[step]?.need)
        this.#hit(stepKey(event.access, opened.request.flow.name, step));
    } else if (event.type === 'StepEscalated') {
      const flow = requests.get(event.requestId)?.request.flow.name;
      if (flow !== undefined) this.#hit(escalationKey(event.access, flow, event.step));
    } else if (event.type === 'GrantEnding' && event.reason === 'idle') {
      this.#hit(idleKey(event.access));
    }
  }

  #hit(key: string): void {
    this.#hits.set(key, this.hits(key) + 1);
  }
}

interface Opened {
  request: Pick<RequestState, 'flow'>;
  /** Votes by step. */
  seats: Map<number, number>;
}
