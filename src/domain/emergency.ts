import type { Instant, Milliseconds } from './instant.ts';
import type { PersonRef } from './person.ts';
import type { Principal } from './principal.ts';

export type ReviewVerdict = 'fine' | 'not-justified';

/** What somebody found who looked at an emergency afterwards. */
export interface Review {
  verdict: ReviewVerdict;
  note: string;
  by: PersonRef;
  at: Instant;
}

/** What makes a request an emergency: it was given at once, and is judged afterwards. */
export interface Emergency {
  /** 1 for the first that this person took of this access, and so on. */
  number: number;
  /** By then somebody has looked at it. */
  reviewBy: Instant;
  /** Who may: the approvers of the access as the policies named them then. */
  reviewers: readonly Principal[];
  /** Typed on the server, by this user of the machine. */
  via?: string;
  /** When it was said that the review is late. */
  overdueAt?: Instant;
  review?: Review;
}

/** At most so many emergencies of one person and access begin within any such length of time. */
export interface EmergencyQuota {
  times: number;
  perMs: Milliseconds;
}
