import { formatDuration } from '../../domain/duration.ts';
import type { Instant, Milliseconds } from '../../domain/instant.ts';
import type { Condition } from '../../policy/conditions/condition.ts';
import { ConditionValues } from '../../policy/conditions/facts.ts';
import { conditionFacts } from '../../policy/evaluation/condition-facts.ts';
import {
  type AccessPolicy,
  type Decision,
  evaluate,
  evaluateEmergency,
  evaluateExtension,
  type Question as PolicyQuestion,
  type PolicySet,
} from '../../policy/index.ts';
import { NO_TIME } from '../question.ts';
import { type Checked, type Counterexample, judged } from './counterexample.ts';
import { type AccessKind, KINDS } from './language.ts';
import { eachAlone, type FlowAlone, type Way, waysOf } from './ways.ts';

/** Requests, and what else the statement names. NB. so one that was written before there were others means what it meant. */
export const kindsOf = ({ reads }: Condition): AccessKind[] =>
  KINDS.filter((kind) => kind === 'request' || reads.has(kind));

const WHAT: Readonly<Record<AccessKind, string>> = {
  request: 'for',
  extension: 'extended to',
  emergency: 'in an emergency for',
};

/** The first counterexample among all that anybody can ask for of an access. */
export function accessCounterexample(
  policies: PolicySet,
  access: AccessPolicy,
  { condition, now }: Checked,
): Counterexample | undefined {
  const ways = new Ways(policies, access);
  const durations = durationClasses(access, condition);
  for (const { kind, durationMs } of kindsOf(condition).flatMap((kind) => timed(kind, access, durations))) {
    for (const person of policies.directory.people) {
      for (const way of ways.of({ kind, email: person.email, durationMs, now })) {
        const facts = conditionFacts(policies, {
          access,
          person,
          durationMs,
          fields: {},
          question: { reason: '', now: now ?? NO_TIME },
        });
        const what = () => `${person.email}, ${access.name} ${WHAT[kind]} ${formatDuration(durationMs)}`;
        const found = judged(condition, { kind, what, way }, new ConditionValues(facts));
        if (found) return found;
      }
    }
  }
  return undefined;
}

/** What a request brings along that nobody can list: a condition that reads it may hold, and may not. */
const FREE = ['request.reason', 'request.fields'] as const;

interface Question {
  kind: AccessKind;
  email: string;
  /** Of an extension: from the approval of the grant until its new end. */
  durationMs: Milliseconds;
  /** Absent: any time. */
  now: Instant | undefined;
}

/** Every way in which asking for an access could be decided, whatever reason and fields are given. */
class Ways {
  readonly #access: AccessPolicy;
  /** The policies with nothing but the access. */
  readonly #alone: PolicySet;
  readonly #flows: readonly FlowAlone[];

  constructor(policies: PolicySet, access: AccessPolicy) {
    const having = (each: AccessPolicy): PolicySet => ({ ...policies, accesses: new Map([[each.name, each]]) });
    this.#access = access;
    this.#alone = having(access);
    this.#flows = eachAlone(access.flows, (flow) => having({ ...access, flows: [flow] }));
  }

  *of({ kind, email, durationMs, now }: Question): Iterable<Way> {
    const question = {
      email,
      access: this.#access.name,
      durationMs,
      reason: '',
      now: now ?? NO_TIME,
      // What is not filled in yet is not refused: somebody will fill it in.
      preview: true,
    };
    if (kind === 'emergency') {
      // No flow of the access is asked, so nothing hangs on what is written or on the time.
      const decision = evaluateEmergency(this.#alone, question);
      if (decision.ok) yield { decision, assuming: [] };
      return;
    }
    const decide = kind === 'request' ? evaluate : extended;
    const isFree = ({ reads }: Condition): boolean =>
      FREE.some((name) => reads.has(name)) || (now === undefined && reads.has('now'));
    yield* waysOf(this.#flows, isFree, (alone) => decide(alone, question));
  }
}

function extended(policies: PolicySet, { durationMs = 0, ...question }: PolicyQuestion): Decision {
  return evaluateExtension(policies, { ...question, wholeMs: durationMs });
}

const SECOND: Milliseconds = 1_000;

/** The shortest, the default, the longest, and both sides of every duration at which a decision or the statement turns. */
function durationClasses({ duration, flows }: AccessPolicy, statement: Condition): Milliseconds[] {
  const turns = [...flows.flatMap(({ when }) => when?.durations ?? []), ...statement.durations];
  const classes = [
    SECOND,
    duration.defaultMs,
    duration.maxMs,
    ...turns.flatMap((ms) => [ms - SECOND, ms, ms + SECOND]),
  ].filter((ms) => ms >= SECOND && ms <= duration.maxMs);
  return [...new Set(classes)].sort((a, b) => a - b);
}

/** The durations of a kind of decision; an extended grant is held longer than its extension alone. */
function timed(
  kind: AccessKind,
  { duration: { extend, maxMs } }: AccessPolicy,
  durations: readonly Milliseconds[],
): { kind: AccessKind; durationMs: Milliseconds }[] {
  if (kind !== 'extension') return durations.map((durationMs) => ({ kind, durationMs }));
  if (!extend) return [];
  const shortest = Math.min(extend.byMs + SECOND, maxMs);
  const longer = durations.filter((ms) => ms > shortest);
  return [shortest, ...longer].map((durationMs) => ({ kind, durationMs }));
}
