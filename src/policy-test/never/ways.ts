import type { Instant, Milliseconds } from '../../domain/instant.ts';
import type { Condition } from '../../policy/conditions/condition.ts';
import {
  type AccessPolicy,
  type Decision,
  evaluate,
  evaluateEmergency,
  evaluateExtension,
  type Question as PolicyQuestion,
  type PolicySet,
} from '../../policy/index.ts';
import type { Kind } from './language.ts';

/** One way in which a request could be decided. */
export interface Way {
  kind: Kind;
  decision: Decision & { ok: true };
  /** The conditions that must hold for it, and must not, of which only the request itself can tell. */
  assuming: readonly { flow: string; holds: boolean }[];
}

/** What a request brings along that nobody can list: a condition that reads it may hold, and may not. */
const FREE = ['request.reason', 'request.fields'] as const;

interface Question {
  kind: Kind;
  email: string;
  /** Of an extension: from the approval of the grant until its new end. */
  durationMs: Milliseconds;
  /** Absent: any time. */
  now: Instant | undefined;
}

/** Some time, for what does not read it. */
const SOME_TIME = '1970-01-01T00:00:00.000Z';

/**
 * Every way in which asking for an access could be decided: by each flow that could be the first whose condition holds,
 * whatever reason and fields are given. Never fewer than there are, so that what holds for all of them holds.
 */
export class Ways {
  readonly #access: AccessPolicy;
  /** The policies with nothing but the access. */
  readonly #alone: PolicySet;
  /** For each flow: the policies with nothing but this flow, as it is and without its condition. */
  readonly #flows: readonly { name: string; when?: Condition; alone: PolicySet; bare: PolicySet }[];

  constructor(policies: PolicySet, access: AccessPolicy) {
    this.#access = access;
    this.#alone = { ...policies, accesses: new Map([[access.name, access]]) };
    const having = (flow: AccessPolicy['flows'][number]): PolicySet => ({
      ...policies,
      accesses: new Map([[access.name, { ...access, flows: [flow] }]]),
    });
    this.#flows = access.flows.map((flow) => {
      const { when, ...bare } = flow;
      return { name: flow.name, ...(when ? { when } : {}), alone: having(flow), bare: having(bare) };
    });
  }

  *of({ kind, email, durationMs, now }: Question): Iterable<Way> {
    const question = {
      email,
      access: this.#access.name,
      durationMs,
      reason: '',
      now: now ?? SOME_TIME,
      // What is not filled in yet is not refused: somebody will fill it in.
      preview: true,
    };
    if (kind === 'emergency') {
      // No flow of the access is asked, so nothing hangs on what is written or on the time.
      const decision = evaluateEmergency(this.#alone, question);
      if (decision.ok) yield { kind, decision, assuming: [] };
      return;
    }
    const decide = kind === 'request' ? evaluate : extended;
    const assuming: { flow: string; holds: boolean }[] = [];
    for (const { name, when, alone, bare } of this.#flows) {
      const free = when && this.#isFree(when, now);
      const decision = decide(free ? bare : alone, question);
      if (decision.ok) yield { kind, decision, assuming: free ? [...assuming, { flow: name, holds: true }] : assuming };
      // The first one whose condition holds decides, also when it refuses; what comes behind it then is never asked.
      const passedOver = !decision.ok && decision.refusal.code === 'no-flow';
      if (!free && !passedOver) return;
      if (free) assuming.push({ flow: name, holds: false });
    }
  }

  #isFree({ reads }: Condition, now: Instant | undefined): boolean {
    return FREE.some((name) => reads.has(name)) || (now === undefined && reads.has('now'));
  }
}

function extended(policies: PolicySet, { durationMs = 0, ...question }: PolicyQuestion): Decision {
  return evaluateExtension(policies, { ...question, wholeMs: durationMs });
}
