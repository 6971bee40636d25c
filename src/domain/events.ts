import type { CallerRef } from './caller.ts';
import type { DelegationEnd } from './delegation.ts';
import type { Review } from './emergency.ts';
import type { EntitlementRef } from './entitlement.ts';
import type { EndReason, GrantState } from './grant.ts';
import type { Instant } from './instant.ts';
import type { PersonRef } from './person.ts';
import type { Principal } from './principal.ts';
import type { RefusalCode } from './refusal.ts';
import type { FieldValues, PolicyRevision, RequestState, Vote } from './request.ts';
import type { WhatWasAsked } from './what-was-asked.ts';

/**
 * Who did it: a directory e-mail, `slack:<id>` for somebody the directory does not know, `policy:…`, `cli:<user>` for
 * somebody on the server, `oidc:<issuer>#<subject>` or `api-key:<name>` for a caller of actions, or `latchkey`.
 */
export type Actor = string;

interface Base {
  at: Instant;
  workspace: string;
  actor: Actor;
}

export interface RequestOpened extends Base {
  type: 'RequestOpened';
  request: Omit<RequestState, 'version'>;
}
/** Said beside the request and the policy's vote, so that an emergency is found in the log by its name. */
export interface EmergencyTaken extends Base {
  type: 'EmergencyTaken';
  requestId: string;
  access: string;
  person: PersonRef;
  number: number;
  reviewBy: Instant;
  policy: PolicyRevision;
}
export interface ReviewClosed extends Base {
  type: 'ReviewClosed';
  requestId: string;
  access: string;
  review: Review;
}
export interface ReviewOverdue extends Base {
  type: 'ReviewOverdue';
  requestId: string;
  access: string;
  reviewBy: Instant;
}
export interface RequestRefused extends Base {
  type: 'RequestRefused';
  access: string;
  asked: WhatWasAsked;
  code: RefusalCode;
  sentence: string;
  rule?: string;
  policy: PolicyRevision;
}
export interface VoteCast extends Base {
  type: 'VoteCast';
  requestId: string;
  access: string;
  vote: Vote;
  policy: PolicyRevision;
}
/** The channel could not be posted to: from now on each approver is asked directly, those of later steps, too. */
export interface ApproversAskedDirectly extends Base {
  type: 'ApproversAskedDirectly';
  requestId: string;
  access: string;
  channel: string;
  /** What Slack said. */
  code: string;
}
/** Another step of a flow with reminders or escalations is open now, so that its clock begins. The first opens with the request. */
export interface StepOpened extends Base {
  type: 'StepOpened';
  requestId: string;
  access: string;
  step: number;
}
export interface StepReminded extends Base {
  type: 'StepReminded';
  requestId: string;
  access: string;
  step: number;
  openedAt: Instant;
}
/** From now on `to` are among the step's approvers. */
export interface StepEscalated extends Base {
  type: 'StepEscalated';
  requestId: string;
  access: string;
  step: number;
  to: readonly Principal[];
  openedAt: Instant;
}
/** A vote or another command on a request or grant that was refused. */
export interface CommandRefused extends Base {
  type: 'CommandRefused';
  command: 'vote' | 'cancel' | 'end' | 'extend' | 'delegate' | 'review' | 'use';
  requestId?: string;
  grantId?: string;
  access?: string;
  code: RefusalCode;
  sentence: string;
}
export interface RequestApproved extends Base {
  type: 'RequestApproved';
  requestId: string;
  access: string;
  openedAt: Instant;
  grant: Omit<GrantState, 'version'>;
  policy: PolicyRevision;
}
/** From now on the caller may do, once, what was asked. */
export interface ActionApproved extends Base {
  type: 'ActionApproved';
  requestId: string;
  /** The action's name. */
  access: string;
  openedAt: Instant;
  usableUntil: Instant;
  policy: PolicyRevision;
}
/** The caller was told to go ahead. It is said once. */
export interface ActionUsed extends Base {
  type: 'ActionUsed';
  requestId: string;
  access: string;
  approvedAt: Instant;
  /** What the caller said that it was about to do. */
  parameters: FieldValues;
  /** What the token said that it came with: often of another job than the one that asked. Absent for an API key. */
  claims?: Extract<CallerRef, { kind: 'oidc' }>['claims'];
  policy: PolicyRevision;
}
/** The approval was not used in time, and is worth nothing any more. */
export interface ActionUnused extends Base {
  type: 'ActionUnused';
  requestId: string;
  access: string;
  usableUntil: Instant;
}
export interface RequestDenied extends Base {
  type: 'RequestDenied';
  requestId: string;
  access: string;
  openedAt: Instant;
  reason?: string;
}
export interface RequestCancelled extends Base {
  type: 'RequestCancelled';
  requestId: string;
  access: string;
}
export interface RequestLapsed extends Base {
  type: 'RequestLapsed';
  requestId: string;
  access: string;
}
/** Written before the first change at the target, so that a crash cannot turn our own change into "was there before". */
export interface EntitlementBaselined extends Base {
  type: 'EntitlementBaselined';
  grantId: string;
  access: string;
  key: string;
  target: string;
  standing: boolean;
}
export interface EntitlementGiven extends Base {
  type: 'EntitlementGiven';
  grantId: string;
  access: string;
  entitlement: EntitlementRef;
  standing: boolean;
}
export interface GrantActivated extends Base {
  type: 'GrantActivated';
  grantId: string;
  requestId: string;
  access: string;
  approvedAt: Instant;
}
/** The approval of an extension: it decides the request and moves the grant's end in one event. */
export interface GrantExtended extends Base {
  type: 'GrantExtended';
  /** The extension's own request. */
  requestId: string;
  grantId: string;
  access: string;
  openedAt: Instant;
  endsAt: Instant;
  policy: PolicyRevision;
}
/** The holder is told that the end is near. */
export interface GrantWarned extends Base {
  type: 'GrantWarned';
  grantId: string;
  access: string;
  endsAt: Instant;
}
export interface GrantEnding extends Base {
  type: 'GrantEnding';
  grantId: string;
  requestId: string;
  access: string;
  reason: EndReason;
  /** With `failed` and `policy`: what stopped it. */
  failure?: string;
  /** With `idle`: the last use that is known, or since when none is. */
  unusedSince?: Instant;
}
export interface EntitlementTaken extends Base {
  type: 'EntitlementTaken';
  grantId: string;
  access: string;
  key: string;
  target: string;
}
export interface EntitlementKept extends Base {
  type: 'EntitlementKept';
  grantId: string;
  access: string;
  key: string;
  target: string;
  because: 'other-grant' | 'standing';
}
export interface GrantEnded extends Base {
  type: 'GrantEnded';
  grantId: string;
  requestId: string;
  access: string;
  reason: EndReason;
  /** When it was due to be over: its end time, or when it was ended early. Lateness is `at` minus this. */
  dueAt: Instant;
}
/** An attempt at outside work that failed. The first is recorded, then each change of code and each doubling. */
export interface EffectFailed extends Base {
  type: 'EffectFailed';
  effectId: string;
  kind: string;
  code: string;
  sentence: string;
  attempt: number;
  grantId?: string;
  requestId?: string;
  access?: string;
  key?: string;
  /** An unanswered call to a target may still land until then. */
  unsettledUntil?: Instant;
}
/** Somebody who is away has handed their votes to another person, where policies allow that. */
export interface DelegationSet extends Base {
  type: 'DelegationSet';
  delegator: PersonRef;
  delegate: PersonRef;
  until: Instant;
}
export interface DelegationEnded extends Base {
  type: 'DelegationEnded';
  /** Their e-mails. */
  delegator: string;
  delegate: string;
  because: DelegationEnd;
}
export interface PoliciesLoaded extends Base {
  type: 'PoliciesLoaded';
  policy: PolicyRevision;
  accesses: number;
  actions: number;
}
export interface PoliciesRejected extends Base {
  type: 'PoliciesRejected';
  problems: number;
  /** The first problem, as `file:line:col code sentence`. */
  first: string;
}

export type DomainEvent =
  | RequestOpened
  | EmergencyTaken
  | ReviewClosed
  | ReviewOverdue
  | RequestRefused
  | VoteCast
  | ApproversAskedDirectly
  | StepOpened
  | StepReminded
  | StepEscalated
  | CommandRefused
  | RequestApproved
  | ActionApproved
  | ActionUsed
  | ActionUnused
  | RequestDenied
  | RequestCancelled
  | RequestLapsed
  | EntitlementBaselined
  | EntitlementGiven
  | GrantActivated
  | GrantExtended
  | GrantWarned
  | GrantEnding
  | EntitlementTaken
  | EntitlementKept
  | GrantEnded
  | EffectFailed
  | DelegationSet
  | DelegationEnded
  | PoliciesLoaded
  | PoliciesRejected;

export type EventType = DomainEvent['type'];
