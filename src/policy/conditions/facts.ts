import { Duration } from '@marcbachmann/cel-js/evaluator';
import type { Instant, Milliseconds } from '../../domain/instant.ts';
import type { FieldValues } from '../../domain/request.ts';

/** What a condition is judged on. */
export interface ConditionFacts {
  access: string;
  durationMs: Milliseconds;
  reason: string;
  /** Only what was filled in: an optional field that was left empty is absent, as `has(request.fields.x)` tells. */
  fields: FieldValues;
  email: string;
  groups: readonly string[];
  /** The requester's manager; empty: none. */
  manager: string;
  labels: Readonly<Record<string, string>>;
  now: Instant;
  /** Whether `now` lies within a schedule of the settings. */
  inSchedule(name: string): boolean;
}

/** `request` as conditions see it. */
export class RequestFacts {
  readonly access: string;
  readonly duration: Duration;
  readonly reason: string;
  readonly fields: FieldValues;

  constructor({ access, durationMs, reason, fields }: ConditionFacts) {
    this.access = access;
    this.duration = durationOf(durationMs);
    this.reason = reason;
    this.fields = fields;
  }
}

/** `requester` as conditions see it. */
export class RequesterFacts {
  readonly email: string;
  readonly groups: readonly string[];
  readonly manager: string;

  constructor({ email, groups, manager }: ConditionFacts) {
    this.email = email;
    this.groups = groups;
    this.manager = manager;
  }
}

/** The variables of a condition, made once for all conditions that are judged on the same facts. */
export class ConditionValues {
  readonly request: RequestFacts;
  readonly requester: RequesterFacts;
  readonly labels: ConditionFacts['labels'];
  readonly inSchedule: ConditionFacts['inSchedule'];
  readonly #now: Instant;

  constructor(facts: ConditionFacts) {
    this.request = new RequestFacts(facts);
    this.requester = new RequesterFacts(facts);
    this.labels = facts.labels;
    this.inSchedule = facts.inSchedule;
    this.#now = facts.now;
  }

  /** Few conditions look at it. */
  get now(): Date {
    return new Date(this.#now);
  }

  /** With values of the variables that a language of more than conditions has. */
  with(more: Readonly<Record<string, unknown>>): object {
    const { request, requester, labels, inSchedule, now } = this;
    return { ...more, request, requester, labels, inSchedule, now };
  }
}

export const durationOf = (ms: Milliseconds): Duration =>
  new Duration(BigInt(Math.trunc(ms / 1000)), Math.trunc(ms % 1000) * 1_000_000);
