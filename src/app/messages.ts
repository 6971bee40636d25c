import type { DelegationNews, News, StoryBeat } from '../domain/effects.ts';
import type { DomainEvent, EventType } from '../domain/events.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant, Milliseconds } from '../domain/instant.ts';
import type { PersonRef } from '../domain/person.ts';
import type { RequestState, Vote } from '../domain/request.ts';

/** What Latchkey says, before it is drawn. Everything in it is state; the messenger escapes and draws. */
export type Message =
  | { kind: 'approvers'; view: RequestView }
  | { kind: 'requester'; view: RequestView }
  | { kind: 'story'; view: RequestView; line: StoryLine }
  /** A direct message to the requester that will not change later. */
  | { kind: 'news'; view: RequestView; news: Exclude<News, 'active' | 'ending'> }
  /** The direct message before the end, which is rebuilt as the one about an active grant is. */
  | { kind: 'warning'; view: RequestView }
  | { kind: 'alarm'; view: RequestView; line: StoryLine }
  /** A direct message to one of the two people of a delegation. */
  | { kind: 'delegation'; news: DelegationNews; delegator: PersonRef; delegate: PersonRef; until: Instant }
  | { kind: 'digest'; digest: Digest };

/** Everything a message about a request shows, read from committed state just now (invariant 9). */
export interface RequestView {
  request: RequestState;
  grant?: GrantState;
  /** By how much the grant's end can still be moved, as the policies are now. */
  extendsBy?: Milliseconds;
  steps: readonly StepView[];
  /** What was filled in, under the labels of the current policies. */
  fields: readonly { label: string; value: string }[];
  /** What an action's caller proved of itself beside its name, as its token has it; none of an API key. */
  claims?: readonly ClaimView[];
  /** One sentence per entitlement: how to use it. */
  howToUse: readonly string[];
  /** E-mail → Slack id, for the people named in the votes and the decision. */
  slackIds: ReadonlyMap<string, string>;
}

/** One claim of a caller's token, a list of texts as one text. */
export interface ClaimView {
  name: string;
  value: string;
  /** Whether a rule of the action's current policy looks at it. */
  decides: boolean;
}

/** One step of a request as a person should see it. */
export interface StepView {
  need: number;
  /** As the policy names them: `group:dba`. */
  approvers: readonly string[];
  /** Whom it escalated to, and when: they may approve, too. */
  escalated?: { to: readonly string[]; at: Instant };
  /** Who of them could still vote, reachable in Slack; with the Slack id of whoever votes for them while they are away. */
  people: readonly (PersonRef & { delegate?: string })[];
  /** Who fills seats, and for whom if not for themselves. `slack` is absent when the directory lost them. */
  seats: readonly { email: string; slack?: string; onBehalfOf?: { email: string; slack?: string } }[];
  filled: boolean;
  open: boolean;
}

/** One line of a request's story, with what the line needs to know beside the view. */
export type StoryLine =
  | { beat: 'vote'; vote: Vote; steps: number }
  /** Nobody has filled this step (its index) yet. */
  | { beat: 'reminder' | 'escalated'; step: number }
  | { beat: Exclude<StoryBeat, 'vote' | 'late' | 'reminder' | 'escalated'> }
  /** A revocation that keeps failing, and what the target said last. */
  | { beat: 'late'; failure: string };

export type EventOf<Type extends EventType> = Extract<DomainEvent, { type: Type }>;

/** What the audit channel is told once a day: counts first, then only what somebody may have to look at. */
export interface Digest {
  date: string;
  timezone: string;
  from: Instant;
  to: Instant;
  counts: {
    granted: number;
    extended: number;
    emergencies: number;
    reviewsOverdue: number;
    denied: number;
    lapsed: number;
    ended: number;
    /** Of those that ended: because nobody used them. */
    unused: number;
    refused: number;
    active: number;
    late: number;
    escalated: number;
    /** Actions whose approval was given, was used, or was not used in time. */
    actionsApproved: number;
    actionsUsed: number;
    actionsUnused: number;
  };
  denied: readonly EventOf<'RequestDenied'>[];
  lapsed: readonly EventOf<'RequestLapsed'>[];
  escalated: readonly EventOf<'StepEscalated'>[];
  /** Emergencies that were taken, and those that nobody reviewed in time until now, longest first. */
  emergencies: readonly EventOf<'EmergencyTaken'>[];
  reviewsOverdue: readonly { access: string; email: string; reviewBy: Instant; requestId: string }[];
  /** Still active, soonest end first. */
  active: readonly { access: string; email: string; endsAt: Instant }[];
  /** Ended, but seen gone late. */
  late: readonly { access: string; grantId: string; lateBy: Milliseconds }[];
  /** Outside work that keeps failing right now. */
  failing: readonly {
    kind: string;
    attempt: number;
    code: string;
    sentence: string;
    since: Instant;
    access?: string;
  }[];
  /** What live sources of the directory do not tell now; absent when they all do. */
  gaps?: readonly string[];
  /** Rows of the database that cannot be read: what they are about stands still. Absent when there are none. */
  setAside?: { count: number; first: readonly string[] };
  /** The last reading of the policies was refused: the set before it is still in force, or nothing is served. */
  rejected?: { at: Instant; problems: number; first: string; nothingServed?: true };
}
