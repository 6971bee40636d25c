import type { Provider } from '../app/ports/provider.ts';
import type { DomainEvent } from '../domain/events.ts';
import type {
  AccessPolicy,
  ActionDecision,
  ActionPolicy,
  Decision,
  Place,
  PolicySet,
  TraceStep,
} from '../policy/index.ts';

export type TestKind = 'timeline' | 'matrix' | 'never';

/** Something that was not as a test expects. */
export interface Failure {
  /** Where the expectation stands. */
  place: Place;
  /** What was looked at: `status`, or a person and an access. */
  what: string;
  expected: string;
  got: string;
  /** How the policies came to it. */
  trace: readonly TraceStep[];
}

/** What a test is run in. */
export interface Setting {
  policies: PolicySet;
  providers: ReadonlyMap<string, Provider>;
  /** Told of everything that the policies decided: what coverage is made of. */
  witness: Witness;
  /** Only what is about this access or action matters: what looks at many may leave out the others. */
  only?: string;
}

export interface Witness {
  decided(access: AccessPolicy, decision: Decision, asked?: 'request' | 'emergency'): void;
  /** @param callers which of the action's callers let this one ask, by their place in its list. */
  decidedAction(action: ActionPolicy, decision: ActionDecision, callers: readonly number[]): void;
  /** An access was looked at by a test that says something of all of them: nothing of it is covered by that. */
  looked(access: string): void;
  happened(events: readonly DomainEvent[]): void;
}

export const NO_WITNESS: Witness = {
  decided: () => {},
  decidedAction: () => {},
  looked: () => {},
  happened: () => {},
};

/** One test, ready to be run, as often as wanted and under other policies too. */
export interface Test {
  kind: TestKind;
  name: string;
  place: Place;
  /** What it says something of, when that is not all there is. */
  scope?: string;
  /** Stops at the first step that fails; what came after it would only be its consequences. */
  run(setting: Setting): Promise<Failure[]>;
}

/** The tests of one document. */
export interface Suite {
  name: string;
  file: string;
  policies: PolicySet;
  tests: Test[];
}
