import { Duration } from '@marcbachmann/cel-js/evaluator';
import type { Instant, Milliseconds } from '../../domain/instant.ts';
import type { FieldValues } from '../../domain/request.ts';

/** What every condition is judged on. */
export interface CommonFacts {
  reason: string;
  labels: Readonly<Record<string, string>>;
  now: Instant;
  /** Whether `now` lies within a schedule of the settings. */
  inSchedule(name: string): boolean;
}

/** What a condition of an access is judged on. */
export interface ConditionFacts extends CommonFacts {
  access: string;
  durationMs: Milliseconds;
  /** Only what was filled in: an optional field that was left empty is absent, as `has(request.fields.x)` tells. */
  fields: FieldValues;
  email: string;
  groups: readonly string[];
  /** The requester's manager; empty: none. */
  manager: string;
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

/** The variables that every condition has. */
export abstract class CommonValues {
  readonly labels: CommonFacts['labels'];
  readonly inSchedule: CommonFacts['inSchedule'];
  readonly #now: Instant;

  constructor({ labels, inSchedule, now }: CommonFacts) {
    this.labels = labels;
    this.inSchedule = inSchedule;
    this.#now = now;
  }

  /** Few conditions look at it. */
  get now(): Date {
    return new Date(this.#now);
  }

  /** With values of the variables that a language of more than conditions has. */
  with(more: Readonly<Record<string, unknown>>): object {
    return { ...more, ...this, now: this.now };
  }
}

/** The variables of an access's condition, made once for all conditions that are judged on the same facts. */
export class ConditionValues extends CommonValues {
  readonly request: RequestFacts;
  readonly requester: RequesterFacts;

  constructor(facts: ConditionFacts) {
    super(facts);
    this.request = new RequestFacts(facts);
    this.requester = new RequesterFacts(facts);
  }
}

export const durationOf = (ms: Milliseconds): Duration =>
  new Duration(BigInt(Math.trunc(ms / 1000)), Math.trunc(ms % 1000) * 1_000_000);
