import type { PastEmergency } from '../../domain/decide-emergency.ts';
import type { DelegationState } from '../../domain/delegation.ts';
import { type Effect, LANES, type Lane } from '../../domain/effects.ts';
import type { EntitlementState } from '../../domain/entitlement.ts';
import type { DomainEvent, EventType } from '../../domain/events.ts';
import type { GrantState } from '../../domain/grant.ts';
import type { Instant } from '../../domain/instant.ts';
import type { PersonRef } from '../../domain/person.ts';
import type { RequestState } from '../../domain/request.ts';

/** What one decision writes; all of it or nothing (invariants 7 and 8). */
export interface Changes {
  events: readonly DomainEvent[];
  effects: readonly NewEffect[];
  requests?: readonly RequestState[];
  grants?: readonly GrantState[];
  entitlements?: readonly EntitlementState[];
  delegations?: readonly DelegationState[];
}

export interface NewEffect {
  id: string;
  effect: Effect;
  /** Not before then. */
  runAt: Instant;
}

/** An effect as the outbox keeps it. */
export interface StoredEffect {
  id: string;
  workspace: string;
  effect: Effect;
  /** How often it was begun, this time included. */
  attempt: number;
  createdAt: Instant;
  /** How the last attempt failed; `interrupted`: its lease ran out, and nobody said how it ended. */
  lastCode?: string;
}

/** One copy of a message in Slack. */
export interface Posting {
  id: string;
  workspace: string;
  requestId: string;
  /**
   * `approvers`: the message with the buttons; `requester`: the direct message with the outcome and End now; `warning`:
   * the one before the end.
   */
  role: 'approvers' | 'requester' | 'warning';
  channel: string;
  ts: string;
  /** Digest of what it showed last: an equal one needs no update. */
  shown: string;
}

/** One entry of the audit log, exactly as it was hashed. */
export interface AuditEntry {
  workspace: string;
  seq: number;
  at: Instant;
  type: EventType;
  /** The canonical JSON that was hashed; it holds `seq` and `prev` inside. */
  body: string;
  hash: string;
}

/** Reads and writes of one transaction. Reads see what the transaction wrote. */
export interface Transaction {
  request(id: string): Promise<RequestState | undefined>;
  grant(id: string): Promise<GrantState | undefined>;
  entitlement(workspace: string, key: string): Promise<EntitlementState | undefined>;
  /** Whatever this person's last delegation is, in force or over. */
  delegation(workspace: string, delegator: string): Promise<DelegationState | undefined>;
  /** Delegations in force, of one delegate or of all, by the delegator's e-mail. */
  delegationsInForce(workspace: string, now: Instant, delegate?: string): Promise<readonly DelegationState[]>;
  /** Delegations whose end has come and is not written down, skipping those another process is ending. */
  dueDelegations(now: Instant, limit: number): Promise<readonly DelegationState[]>;
  /** Of a person, who has one at most; a caller may have several of one action. */
  pendingRequest(workspace: string, email: string, access: string): Promise<RequestState | undefined>;
  /** The pending requests of a person or a caller, newest first. */
  pendingRequestsOf(workspace: string, email: string): Promise<readonly RequestState[]>;
  /** Grants other than `except` that hold the entitlement now: status provisioning or active. */
  holders(workspace: string, key: string, except: string): Promise<readonly GrantState[]>;
  /** Pending requests whose time is up, oldest first, skipping those another process is deciding. */
  dueRequests(now: Instant, limit: number): Promise<readonly RequestState[]>;
  /** Pending requests whose next reminder or escalation has come, oldest first, skipping those another process is deciding. */
  dueNudges(now: Instant, limit: number): Promise<readonly RequestState[]>;
  /**
   * Grants that are being ended although the outbox holds no revocation for some of their entitlements: somebody removed
   * it, or it was set aside. With the keys of those; skipping grants that another process has in hand.
   */
  strandedGrants(limit: number): Promise<readonly { grant: GrantState; keys: readonly string[] }[]>;
  /** Provisioning and active grants whose end has come, oldest first, skipping those another process is ending. */
  dueGrants(now: Instant, limit: number): Promise<readonly GrantState[]>;
  /** Active grants whose holder is to be warned of an end that has not come, skipping those another process changes. */
  dueWarnings(now: Instant, limit: number): Promise<readonly GrantState[]>;
  /** Emergencies whose review is late and was not said to be, oldest first, skipping those another process decides. */
  dueReviews(now: Instant, limit: number): Promise<readonly RequestState[]>;
  /** Approvals of actions that were not used in time, oldest first, skipping those that another process decides. */
  dueUnused(now: Instant, limit: number): Promise<readonly RequestState[]>;
  /**
   * The emergencies of a person and access, newest first; at most `limit`. Of the person: under their e-mail, or by their
   * Slack id under an earlier one. One whose row cannot be read is among them, without when it was.
   */
  emergencies(workspace: string, person: PersonRef, access: string, limit: number): Promise<readonly PastEmergency[]>;
  /**
   * Remembers one interaction of Slack for at least 15 minutes. False: it was seen before, in this or an earlier
   * transaction, so this is a replay and nothing may be done.
   */
  firstSeen(workspace: string, interaction: string, now: Instant): Promise<boolean>;
  /** The local date of the last digest, or undefined. */
  lastDigest(workspace: string): Promise<{ date: string; to: Instant } | undefined>;
  /** Records a digest's date. The transaction fails as stale when another process already has it. */
  recordDigest(workspace: string, date: string, to: Instant): Promise<void>;
  /**
   * Writes rows, events and effects. A row with version 1 is new; any other is updated where its stored version is one
   * less, and `StaleWrite` is thrown when it is not: the transaction is undone and tried again from its reads.
   */
  write(workspace: string, now: Instant, changes: Changes): Promise<void>;
  /** Lets unfinished effects of these orders run now, whatever delay they were waiting for. */
  hasten(workspace: string, orders: readonly string[], now: Instant): Promise<void>;
  /** Ends a claimed effect. False: the claim was lost meanwhile (lease over), so nothing may be recorded. */
  finishEffect(id: string, claim: string, now: Instant): Promise<boolean>;
  /** Gives a claimed effect back, to be tried not before `runAt`. False: the claim was lost. */
  postponeEffect(
    id: string,
    claim: string,
    runAt: Instant,
    failure?: { code: string; sentence: string },
  ): Promise<boolean>;
  /** Gives a claimed effect back as if it had been written anew: what it was for is done, and comes round. False: the claim was lost. */
  repeatEffect(id: string, claim: string, anew: Pick<NewEffect, 'effect' | 'runAt'>, now: Instant): Promise<boolean>;
  savePosting(posting: Posting, now: Instant): Promise<void>;
}

/**
 * What a unit of work is about to read, so that the store can read it for many units in one statement. Only a hint: what
 * is not named here is read when it is asked for.
 */
export interface Ahead {
  grant?: string;
  /** The entitlement itself. */
  entitlement?: { workspace: string; key: string };
  /** The grants that hold this entitlement. */
  holders?: { workspace: string; key: string };
}

/** A row changed between reading and writing; the store tries the transaction again. */
export class StaleWrite extends Error {
  override readonly name = 'StaleWrite';
}

/**
 * A row that cannot be read: somebody wrote it around Latchkey, or a bug did. It stays as it is, and is set aside: others
 * go on without it.
 */
export class UnreadableRow extends Error {
  override readonly name = 'UnreadableRow';
  readonly table: 'Effect' | 'Request' | 'Grant' | 'Entitlement' | 'Delegation';
  /** Of a delegation and of an entitlement, which have names only in their workspace: see `idIn`. */
  readonly id: string;

  constructor(table: UnreadableRow['table'], id: string, why: string) {
    super(`the row ${table} ${id} cannot be read: ${why}`);
    this.table = table;
    this.id = id;
  }

  static idIn(workspace: string, key: string): string {
    return `${workspace} ${key}`;
  }

  /** What names it among the rows of its table and workspace. */
  keyIn(workspace: string): string {
    const named = this.table === 'Delegation' || this.table === 'Entitlement';
    return named ? this.id.slice(workspace.length + 1) : this.id;
  }
}

export type TellUnreadable = (row: UnreadableRow) => void;

export interface OutboxSummary {
  lane: Lane;
  /** Effects not finished. */
  depth: number;
  /** When the oldest unfinished effect that is due became due. */
  oldest?: Instant;
  /** Unfinished effects that have failed at least once. */
  failing: number;
}

/** One summary a lane, of nothing where nothing is. */
export const outboxSummaries = (of: (lane: Lane) => Omit<OutboxSummary, 'lane'> | undefined): OutboxSummary[] =>
  LANES.map((lane) => ({ lane, depth: 0, failing: 0, ...of(lane) }));

export interface FailingEffect extends StoredEffect {
  lastCode: string;
  lastSentence: string;
  runAt: Instant;
}

/** From `from` on, up to but not including `to`; and behind entry number `after`, to read on. */
export interface AuditSpan {
  from: Instant;
  to: Instant;
  after?: number;
}

/** A commit that has happened: what observers (metrics, logs, the worker's wake-up) are told. */
export interface Committed {
  workspace: string;
  events: readonly DomainEvent[];
  effects: readonly NewEffect[];
}

/** How many effects were found edited, and were put right. */
export interface MendedEffects {
  /** In a lane that nobody works off. */
  setAside: number;
  /** Put off for longer than Latchkey ever does: due now. */
  hastened: number;
  /** Claimed for longer than Latchkey ever does: free again. */
  freed: number;
}

export interface Store {
  /**
   * Runs one unit of work. It may be run again after a stale write or a serialisation failure, and may share its
   * database transaction with other units, so it must do nothing but use `tx`. Throws `StoreUnavailable` when the
   * database is locked for too long, full, read-only or gone; then nothing of it was written.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, ahead?: Ahead): Promise<T>;
  onCommitted(listener: (committed: readonly Committed[]) => void): void;

  /**
   * Claims due effects of a lane until `leaseUntil`: never two of one order, never past an unfinished older one. With
   * `orders` no others.
   */
  claimEffects(
    lane: Lane,
    claim: string,
    now: Instant,
    leaseUntil: Instant,
    limit: number,
    orders?: readonly string[],
  ): Promise<readonly StoredEffect[]>;

  request(id: string): Promise<RequestState | undefined>;
  grant(id: string): Promise<GrantState | undefined>;
  entitlement(workspace: string, key: string): Promise<EntitlementState | undefined>;
  holders(workspace: string, key: string, except: string): Promise<readonly GrantState[]>;
  delegation(workspace: string, delegator: string): Promise<DelegationState | undefined>;
  delegationsInForce(workspace: string, now: Instant, delegate?: string): Promise<readonly DelegationState[]>;
  /** A person's pending requests, newest first. */
  pendingRequestsOf(workspace: string, email: string): Promise<readonly RequestState[]>;
  /** A person's grants that have not ended, newest first. */
  openGrantsOf(workspace: string, email: string): Promise<readonly GrantState[]>;
  /** All grants that have not ended, soonest end first; at most `limit`. */
  openGrants(workspace: string, limit: number): Promise<readonly GrantState[]>;
  /** Emergencies that nobody reviewed in time, longest first; at most `limit`. */
  overdueReviews(workspace: string, now: Instant, limit: number): Promise<readonly RequestState[]>;
  countOverdueReviews(workspace: string, now: Instant): Promise<number>;
  countOpenGrants(workspace: string): Promise<number>;
  postings(requestId: string): Promise<readonly Posting[]>;
  outbox(now: Instant): Promise<readonly OutboxSummary[]>;
  failingEffects(limit: number): Promise<readonly FailingEffect[]>;
  /** Whether there may be stranded grants: a read, so that looking costs no writer its turn. */
  anyStranded(): Promise<boolean>;
  /**
   * Puts right what somebody edited in the outbox so that it would not be done: a lane that there is not, a due time or a
   * claim further off than Latchkey ever writes.
   */
  mendEffects(now: Instant): Promise<MendedEffects>;
  /** The rows that were set aside because they cannot be read: how many are known, and a sentence about the first. */
  setAside(limit: number): Promise<{ count: number; first: readonly string[] }>;
  /** Audit entries in order, from `fromSeq`, in pages of `limit`. */
  auditPage(workspace: string, fromSeq: number, limit: number): Promise<readonly AuditEntry[]>;
  auditHead(workspace: string): Promise<{ seq: number; hash: string }>;
  /** Entries of one type in a span of time behind an entry, oldest first; at most `limit`. */
  auditBetween(workspace: string, span: AuditSpan, type: EventType, limit: number): Promise<readonly AuditEntry[]>;
  /** How many entries of each type a span of time has; absent types have none. */
  auditCounts(workspace: string, span: Omit<AuditSpan, 'after'>): Promise<Partial<Record<EventType, number>>>;
  /**
   * Writes down how far time has come, never an earlier one. NB. between two audit entries hours may pass: without this, a
   * machine's clock that is set back while nothing runs would make every grant that much longer (invariant 11).
   */
  rememberTime(now: Instant): Promise<void>;
  /** The latest instant that was remembered or is in the audit log: the clock starts no earlier. */
  latestInstant(): Promise<Instant | undefined>;
  workspaces(): Promise<readonly string[]>;
  /** Every state row, for verification against the fold of the events. One that cannot be read is told, or else thrown. */
  allRequests(workspace: string, unreadable?: TellUnreadable): AsyncIterable<RequestState>;
  allGrants(workspace: string, unreadable?: TellUnreadable): AsyncIterable<GrantState>;
  allEntitlements(workspace: string, unreadable?: TellUnreadable): AsyncIterable<EntitlementState>;
  allDelegations(workspace: string, unreadable?: TellUnreadable): AsyncIterable<DelegationState>;
  /** Every effect that is still to be done; those that were set aside are told as unreadable. */
  pendingEffects(workspace: string, unreadable?: TellUnreadable): AsyncIterable<StoredEffect>;
  /** Forgets interactions seen before the instant. */
  forgetInteractions(before: Instant): Promise<void>;
  /** Removes effects that were done before the instant; returns how many. What they did is in the audit log. */
  forgetDoneEffects(before: Instant): Promise<number>;
  /** Answers when the database can be read and written; throws `StoreUnavailable` otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The database cannot be used now. `code`: `locked`, `full`, `read-only`, `gone`. Nothing was written; but with `gone` that is not
 * sure of a commit whose answer was lost, where the database does not come back in time to say what became of it.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code: 'locked' | 'full' | 'read-only' | 'gone';
  constructor(code: StoreUnavailable['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
