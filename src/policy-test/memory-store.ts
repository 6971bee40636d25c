import {
  type AuditEntry,
  type AuditSpan,
  type Committed,
  outboxSummaries,
  type Posting,
  StaleWrite,
  type Store,
  type StoredEffect,
  type Transaction,
} from '../app/ports/store.ts';
import { type ChainHead, GENESIS_HASH, link } from '../audit/chain.ts';
import { type DelegationState, inForce } from '../domain/delegation.ts';
import { type Lane, laneOf, orderOf } from '../domain/effects.ts';
import type { EntitlementState } from '../domain/entitlement.ts';
import type { DomainEvent, EventType } from '../domain/events.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import { nextNudge } from '../domain/nudge.ts';
import type { RequestState } from '../domain/request.ts';

interface EffectRow extends StoredEffect {
  lane: Lane;
  order: string;
  runAt: Instant;
  done: boolean;
  claim?: string;
  leaseUntil?: Instant;
  failures: number;
  lastSentence?: string;
}

interface Tables {
  requests: Map<string, RequestState>;
  grants: Map<string, GrantState>;
  entitlements: Map<string, EntitlementState>;
  delegations: Map<string, DelegationState>;
  effects: Map<string, EffectRow>;
  postings: Map<string, Posting>;
  seen: Map<string, true>;
  digests: Map<string, { date: string; to: Instant }>;
}

/** Sets a key of a table so that it can be undone. */
type SetKey = <Value>(table: Map<string, Value>, key: string, value: Value) => void;

const isOpen = ({ status }: GrantState) => status !== 'ended';
const isOverdue = ({ emergency }: RequestState, now: Instant) =>
  emergency !== undefined && emergency.review === undefined && emergency.reviewBy <= now;
const isHeld = ({ status }: GrantState) => status === 'provisioning' || status === 'active';

/**
 * One workspace's store in memory, for simulations of many thousands of steps: the port's promises kept in the simplest
 * way, one transaction at a time. What it cannot show (locks, several processes) the tests on real databases do.
 */
export class MemoryStore implements Store {
  readonly #tables: Tables = {
    requests: new Map(),
    grants: new Map(),
    entitlements: new Map(),
    delegations: new Map(),
    effects: new Map(),
    postings: new Map(),
    seen: new Map(),
    digests: new Map(),
  };
  readonly #chain: AuditEntry[] = [];
  /** Events that are linked to the chain when somebody reads it: most timelines are over before anybody does. */
  #unlinked: DomainEvent[] = [];
  readonly #listeners: ((committed: readonly Committed[]) => void)[] = [];
  readonly #workspace: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const run = this.#turn.then(() => this.#transact(work));
    this.#turn = run.catch(() => {});
    return run;
  }

  async #transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const undo: (() => void)[] = [];
    const set: SetKey = (table, key, value) => {
      const before = table.get(key);
      undo.push(before === undefined ? () => table.delete(key) : () => table.set(key, before));
      table.set(key, value);
    };
    const committed: Committed[] = [];
    try {
      const result = await work(this.#open(committed, set));
      for (const listener of this.#listeners) listener(committed);
      for (const { events } of committed) this.#unlinked.push(...events);
      return result;
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
  }

  #open(committed: Committed[], set: SetKey): Transaction {
    const t = this.#tables;
    const put = <State extends { version: number }>(map: Map<string, State>, key: string, state: State) => {
      if ((map.get(key)?.version ?? 0) !== state.version - 1)
        throw new StaleWrite(`${key} is not at version ${state.version - 1}`);
      set(map, key, state);
    };
    return {
      request: async (id) => t.requests.get(id),
      grant: async (id) => t.grants.get(id),
      entitlement: async (_workspace, key) => t.entitlements.get(key),
      delegation: (workspace, delegator) => this.delegation(workspace, delegator),
      delegationsInForce: (workspace, now, delegate) => this.delegationsInForce(workspace, now, delegate),
      dueDelegations: async (now, limit) =>
        [...t.delegations.values()].filter((one) => one.endedAt === undefined && one.until <= now).slice(0, limit),
      pendingRequest: async (_workspace, email, access) =>
        [...t.requests.values()].find(
          (one) => one.status === 'pending' && one.requester.email === email && one.access === access,
        ),
      holders: async (workspace, key, except) => this.holders(workspace, key, except),
      dueRequests: async (now, limit) =>
        [...t.requests.values()].filter((one) => one.status === 'pending' && one.lapsesAt <= now).slice(0, limit),
      dueNudges: async (now, limit) =>
        [...t.requests.values()].filter((one) => (nextNudge(one) ?? '\uffff') <= now).slice(0, limit),
      strandedGrants: async () => [],
      dueGrants: async (now, limit) =>
        [...t.grants.values()].filter((one) => isHeld(one) && one.endsAt <= now).slice(0, limit),
      dueWarnings: async (now, limit) =>
        [...t.grants.values()]
          .filter((one) => one.status === 'active' && one.warnAt !== undefined && one.warnAt <= now && one.endsAt > now)
          .slice(0, limit),
      dueReviews: async (now, limit) =>
        [...t.requests.values()]
          .filter((one) => isOverdue(one, now) && one.emergency?.overdueAt === undefined)
          .slice(0, limit),
      emergencies: async (_workspace, person, access, limit) =>
        [...t.requests.values()]
          .filter(({ requester }) => requester.email === person.email || requester.slack === person.slack)
          .filter((one) => one.access === access)
          .flatMap(({ emergency, openedAt }) => (emergency ? [{ number: emergency.number, openedAt }] : []))
          .sort((a, b) => b.number - a.number)
          .slice(0, limit),
      firstSeen: async (_workspace, interaction) => {
        if (t.seen.has(interaction)) return false;
        set(t.seen, interaction, true);
        return true;
      },
      lastDigest: async (workspace) => t.digests.get(workspace),
      recordDigest: async (workspace, date, to) => set(t.digests, workspace, { date, to }),
      write: async (
        workspace,
        now,
        { events, effects, requests = [], grants = [], entitlements = [], delegations = [] },
      ) => {
        for (const request of requests) put(t.requests, request.id, request);
        for (const grant of grants) put(t.grants, grant.id, grant);
        for (const entitlement of entitlements) put(t.entitlements, entitlement.key, entitlement);
        for (const delegation of delegations) put(t.delegations, delegation.delegator.email, delegation);
        for (const { id, effect, runAt } of effects) {
          set(t.effects, id, {
            id,
            workspace,
            effect,
            runAt,
            lane: laneOf(effect),
            order: orderOf(effect),
            attempt: 0,
            createdAt: now,
            done: false,
            failures: 0,
          });
        }
        committed.push({ workspace, events, effects });
      },
      hasten: async (_workspace, orders, now) => {
        for (const row of t.effects.values()) {
          if (!row.done && orders.includes(row.order) && row.runAt > now)
            set(t.effects, row.id, { ...row, runAt: now });
        }
      },
      finishEffect: async (id, claim) => this.#claimed(set, id, claim, (row) => ({ ...row, done: true })),
      postponeEffect: async (id, claim, runAt, failure) =>
        this.#claimed(set, id, claim, (row) => ({
          ...row,
          runAt,
          ...(failure ? { failures: row.failures + 1, lastCode: failure.code, lastSentence: failure.sentence } : {}),
        })),
      repeatEffect: async (id, claim, { effect, runAt }, now) =>
        this.#claimed(set, id, claim, ({ workspace, lane, order }) => ({
          ...{ id, workspace, effect, lane, order, runAt, createdAt: now },
          ...{ attempt: 0, done: false, failures: 0 },
        })),
      savePosting: async (posting) => set(t.postings, posting.id, posting),
    };
  }

  #claimed(set: SetKey, id: string, claim: string, change: (row: EffectRow) => EffectRow): boolean {
    const row = this.#tables.effects.get(id);
    if (!row || row.done || row.claim !== claim) return false;
    const { claim: _claim, leaseUntil: _lease, ...rest } = change(row);
    set(this.#tables.effects, id, rest);
    return true;
  }

  #entries(): readonly AuditEntry[] {
    if (this.#unlinked.length > 0) {
      const { entries } = link(this.#head(), this.#unlinked);
      this.#unlinked = [];
      for (const entry of entries) this.#chain.push({ workspace: this.#workspace, ...entry });
    }
    return this.#chain;
  }

  #head(): ChainHead {
    const last = this.#chain.at(-1);
    return { seq: last?.seq ?? 0, hash: last?.hash ?? GENESIS_HASH };
  }

  onCommitted(listener: (committed: readonly Committed[]) => void): void {
    this.#listeners.push(listener);
  }

  async claimEffects(
    lane: Lane,
    claim: string,
    now: Instant,
    leaseUntil: Instant,
    limit: number,
    orders?: readonly string[],
  ): Promise<StoredEffect[]> {
    const taken = new Set<string>();
    const claimed: StoredEffect[] = [];
    for (const row of this.#unfinished()) {
      const first = !taken.has(row.order);
      taken.add(row.order);
      const free = row.leaseUntil === undefined || row.leaseUntil <= now;
      if (orders && !orders.includes(row.order)) continue;
      // A look of a clock that was ahead: it was set back, and nobody must miss what happens until it is there again.
      const ahead = lane === 'watch' && row.createdAt > now;
      if (!first || row.lane !== lane || (row.runAt > now && !ahead) || !free || claimed.length >= limit) continue;
      const over = row.claim === undefined ? {} : { lastCode: 'interrupted' };
      const next = { ...row, attempt: row.attempt + 1, claim, leaseUntil, ...over };
      this.#tables.effects.set(row.id, next);
      claimed.push(next);
    }
    return claimed;
  }

  #unfinished(): EffectRow[] {
    return [...this.#tables.effects.values()]
      .filter(({ done }) => !done)
      .sort((a, b) => (headOf(a) < headOf(b) ? -1 : 1));
  }

  request = async (id: string) => this.#tables.requests.get(id);
  grant = async (id: string) => this.#tables.grants.get(id);
  entitlement = async (_workspace: string, key: string) => this.#tables.entitlements.get(key);
  holders = async (_workspace: string, key: string, except: string) =>
    [...this.#tables.grants.values()].filter(
      (one) => one.id !== except && isHeld(one) && one.holds.some((hold) => hold.key === key),
    );
  delegation = async (_workspace: string, delegator: string) => this.#tables.delegations.get(delegator);
  delegationsInForce = async (_workspace: string, now: Instant, delegate?: string) =>
    [...this.#tables.delegations.values()].filter(
      (one) => inForce(one, now) && (delegate === undefined || one.delegate.email === delegate),
    );
  pendingRequestsOf = async (_workspace: string, email: string) =>
    [...this.#tables.requests.values()].filter((one) => one.status === 'pending' && one.requester.email === email);
  openGrantsOf = async (_workspace: string, email: string) =>
    [...this.#tables.grants.values()].filter((one) => isOpen(one) && one.person.email === email);
  openGrants = async (_workspace: string, limit: number) =>
    [...this.#tables.grants.values()].filter(isOpen).slice(0, limit);
  overdueReviews = async (_workspace: string, now: Instant, limit: number) =>
    [...this.#tables.requests.values()].filter((one) => isOverdue(one, now)).slice(0, limit);
  countOverdueReviews = async (_workspace: string, now: Instant) =>
    [...this.#tables.requests.values()].filter((one) => isOverdue(one, now)).length;
  countOpenGrants = async () => [...this.#tables.grants.values()].filter(isOpen).length;
  postings = async (requestId: string) =>
    [...this.#tables.postings.values()].filter((one) => one.requestId === requestId);
  outbox = async (now: Instant) =>
    outboxSummaries((lane) => {
      const rows = this.#unfinished().filter((row) => row.lane === lane);
      const due = rows.map(({ runAt }) => runAt).filter((runAt) => runAt <= now);
      const [oldest] = due.sort();
      return {
        depth: rows.length,
        failing: rows.filter(({ failures }) => failures > 0).length,
        ...(oldest === undefined ? {} : { oldest }),
      };
    });
  anyStranded = async () => false;
  mendEffects = async () => ({ setAside: 0, hastened: 0, freed: 0 });
  setAside = async () => ({ count: 0, first: [] });
  failingEffects = async (limit: number) =>
    this.#unfinished()
      .filter(({ failures }) => failures > 0)
      .slice(0, limit)
      .map((row) => ({ ...row, lastCode: row.lastCode ?? '', lastSentence: row.lastSentence ?? '' }));
  auditPage = async (_workspace: string, from: number, limit: number) =>
    this.#entries().slice(from - 1, from - 1 + limit);
  auditHead = async () => {
    this.#entries();
    return this.#head();
  };
  auditBetween = async (_workspace: string, { from, to, after = 0 }: AuditSpan, only: EventType, limit: number) =>
    this.#entries()
      .filter(({ at, type, seq }) => at >= from && at < to && type === only && seq > after)
      .slice(0, limit);
  auditCounts = async (_workspace: string, { from, to }: AuditSpan) => {
    const counts: Partial<Record<EventType, number>> = {};
    for (const { at, type } of this.#entries()) {
      if (at >= from && at < to) counts[type] = (counts[type] ?? 0) + 1;
    }
    return counts;
  };
  /** A world in memory is never started again. */
  rememberTime = async () => {};
  latestInstant = async () =>
    this.#entries()
      .map(({ at }) => at)
      .sort()
      .at(-1);
  workspaces = async () => [this.#workspace];
  async *allRequests() {
    yield* [...this.#tables.requests.values()];
  }
  async *allGrants() {
    yield* [...this.#tables.grants.values()];
  }
  async *allEntitlements() {
    yield* [...this.#tables.entitlements.values()];
  }
  /** The first moment after `now` at which something may have to be done: a clock that jumps stops there. */
  nextDue(now: Instant): Instant | undefined {
    const t = this.#tables;
    let next: Instant | undefined;
    const consider = (at: Instant) => {
      if (at > now && (next === undefined || at < next)) next = at;
    };
    for (const one of t.requests.values()) {
      if (one.status === 'pending') consider(one.lapsesAt);
      consider(nextNudge(one) ?? now);
      if (one.emergency && !one.emergency.review && one.emergency.overdueAt === undefined)
        consider(one.emergency.reviewBy);
    }
    for (const one of t.grants.values()) {
      if (isHeld(one)) consider(one.endsAt);
      if (one.status === 'active') consider(one.warnAt ?? now);
    }
    for (const one of t.delegations.values()) if (one.endedAt === undefined) consider(one.until);
    for (const one of t.effects.values()) if (!one.done) consider(one.runAt);
    return next;
  }

  async *pendingEffects() {
    yield* this.#unfinished();
  }
  async *allDelegations() {
    yield* [...this.#tables.delegations.values()];
  }
  forgetInteractions = async () => this.#tables.seen.clear();
  forgetDoneEffects = async () => 0;
  ping = async () => {};
  close = async () => {};
}

/** What is claimed stands before what is older. */
const headOf = (row: EffectRow): string => `${row.claim === undefined ? 1 : 0} ${row.createdAt} ${row.id}`;
