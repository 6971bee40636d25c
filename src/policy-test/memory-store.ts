import { type Committed, type Posting, StaleWrite, type Store, type Transaction } from '../app/ports/store.ts';
import { unusedAfter } from '../domain/decide-action.ts';
import { type DelegationState, inForce } from '../domain/delegation.ts';
import type { EntitlementState } from '../domain/entitlement.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import { nextNudge } from '../domain/nudge.ts';
import type { RequestState } from '../domain/request.ts';
import { MemoryAuditLog } from './memory-audit-log.ts';
import { MemoryOutbox, type SetKey } from './memory-outbox.ts';

interface Tables {
  requests: Map<string, RequestState>;
  grants: Map<string, GrantState>;
  entitlements: Map<string, EntitlementState>;
  delegations: Map<string, DelegationState>;
  postings: Map<string, Posting>;
  seen: Map<string, true>;
  digests: Map<string, { date: string; to: Instant }>;
}

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
    postings: new Map(),
    seen: new Map(),
    digests: new Map(),
  };
  readonly #outbox = new MemoryOutbox();
  readonly #log: MemoryAuditLog;
  readonly #listeners: ((committed: readonly Committed[]) => void)[] = [];
  readonly #workspace: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(workspace: string) {
    this.#workspace = workspace;
    this.#log = new MemoryAuditLog(workspace);
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
      for (const { events } of committed) this.#log.append(events);
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
      pendingRequestsOf: (workspace, email) => this.pendingRequestsOf(workspace, email),
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
      dueUnused: async (now, limit) =>
        [...t.requests.values()].filter((one) => (unusedAfter(one) ?? '\uffff') <= now).slice(0, limit),
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
        this.#outbox.add(set, workspace, now, effects);
        committed.push({ workspace, events, effects });
      },
      hasten: async (_workspace, orders, now) => this.#outbox.hasten(set, orders, now),
      finishEffect: async (id, claim) => this.#outbox.finish(set, id, claim),
      postponeEffect: async (...postponed) => this.#outbox.postpone(set, ...postponed),
      repeatEffect: async (...repeated) => this.#outbox.repeat(set, ...repeated),
      savePosting: async (posting) => set(t.postings, posting.id, posting),
    };
  }

  onCommitted(listener: (committed: readonly Committed[]) => void): void {
    this.#listeners.push(listener);
  }

  claimEffects: Store['claimEffects'] = async (...claim) => this.#outbox.claim(...claim);
  outbox = async (now: Instant) => this.#outbox.summaries(now);
  failingEffects = async (limit: number) => this.#outbox.failing(limit);
  async *pendingEffects() {
    yield* this.#outbox.unfinished();
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
  anyStranded = async () => false;
  mendEffects = async () => ({ setAside: 0, hastened: 0, freed: 0 });
  setAside = async () => ({ count: 0, first: [] });
  auditPage: Store['auditPage'] = async (_workspace, from, limit) => this.#log.page(from, limit);
  auditHead = async () => this.#log.head();
  auditBetween: Store['auditBetween'] = async (_workspace, span, only, limit) => this.#log.between(span, only, limit);
  auditCounts: Store['auditCounts'] = async (_workspace, span) => this.#log.counts(span);
  latestInstant = async () => this.#log.latestInstant();
  /** A world in memory is never started again. */
  rememberTime = async () => {};
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
      consider(unusedAfter(one) ?? now);
      if (one.emergency && !one.emergency.review && one.emergency.overdueAt === undefined)
        consider(one.emergency.reviewBy);
    }
    for (const one of t.grants.values()) {
      if (isHeld(one)) consider(one.endsAt);
      if (one.status === 'active') consider(one.warnAt ?? now);
    }
    for (const one of t.delegations.values()) if (one.endedAt === undefined) consider(one.until);
    for (const runAt of this.#outbox.runTimes()) consider(runAt);
    return next;
  }

  async *allDelegations() {
    yield* [...this.#tables.delegations.values()];
  }
  forgetInteractions = async () => this.#tables.seen.clear();
  forgetDoneEffects = async () => 0;
  ping = async () => {};
  close = async () => {};
}
