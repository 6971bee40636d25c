import { comeBack, handOver } from '../../src/app/away.ts';
import { endGrant, endOwn } from '../../src/app/end-own.ts';
import { extendGrant } from '../../src/app/extend-grant.ts';
import type { Caller } from '../../src/app/people.ts';
import type { Clock } from '../../src/app/ports/clock.ts';
import type { Ports } from '../../src/app/ports/index.ts';
import { ProviderError, type Target, type TargetCall } from '../../src/app/ports/provider.ts';
import { type Store, type StoredEffect, StoreUnavailable } from '../../src/app/ports/store.ts';
import { requestAccess } from '../../src/app/request-access.ts';
import { reviewEmergency } from '../../src/app/review-emergency.ts';
import { runEffect } from '../../src/app/run-effect.ts';
import { takeEmergency } from '../../src/app/take-emergency.ts';
import { tick } from '../../src/app/tick.ts';
import { verifyAudit } from '../../src/app/verify-audit.ts';
import { vote } from '../../src/app/vote.ts';
import { laneOf, orderOf } from '../../src/domain/effects.ts';
import { plus } from '../../src/domain/instant.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { MemoryStore } from '../../src/policy-test/memory-store.ts';
import { SilentMessenger } from '../../src/policy-test/silent-messenger.ts';
import { countedIds } from '../../src/policy-test/virtual-clock.ts';
import { SystemClock } from '../../src/system-clock.ts';
import { MINUTE, SECOND } from '../support/clock.ts';
import { permissionOf, systemNamed } from '../support/fake-target.ts';
import { email, fakeProviders, slackOf } from '../support/world.ts';
import { around, withStore, withTargets, withTransactions } from '../support/wrapped.ts';
import type { Model, Outcome } from './model.ts';

const WORKSPACE = 'T0LATCHKEY';
const DEADLINE = 10 * SECOND;
const LEASE = 30 * SECOND;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const never = new AbortController().signal;

/** What makes a twin broken. */
export interface Twin {
  wrap?: (ports: Ports) => Ports;
  clock?: (wall: () => number, counter: () => number) => Clock;
  run?: typeof runEffect;
  vote?: typeof vote;
}

/** A system that can be away, or refuse to give anything. */
class StoryTarget implements Target {
  readonly there = new Set<string>();
  health: Model['health'][string] = 'up';

  async provision(call: TargetCall): Promise<void> {
    this.#reach();
    if (this.health === 'refuses') throw new ProviderError('give-up', 'no-such-role', 'It says no.');
    this.there.add(keyOf(call));
  }

  async revoke(call: TargetCall): Promise<void> {
    this.#reach();
    this.there.delete(keyOf(call));
  }

  async inspect(call: TargetCall): Promise<'present' | 'absent'> {
    this.#reach();
    return this.there.has(keyOf(call)) ? 'present' : 'absent';
  }

  async close(): Promise<void> {}

  #reach(): void {
    if (this.health === 'down') throw new ProviderError('retry', 'unreachable', 'It cannot be reached.');
  }
}

/** `reader ana`, as the model says it. */
const keyOf = (call: Pick<TargetCall, 'permission' | 'account'>): string =>
  permissionOf(call).split(' ').reverse().join(' ');

/** What is said in Slack is not looked at here, and nothing waits for it. */
const withoutSlack = (store: Store): Store =>
  withTransactions(store, (tx) => ({
    write: (workspace, now, changes) =>
      tx.write(workspace, now, {
        ...changes,
        effects: changes.effects.filter(({ effect }) => laneOf(effect) === 'target'),
      }),
  }));

/** The product’s own use cases, clock and outbox, over a store and targets in memory. */
export class Product {
  readonly targets: Readonly<Record<string, StoryTarget>> = { db: new StoryTarget(), ci: new StoryTarget() };
  policies: PolicySet;
  /** What the machine’s clock shows. */
  wall: number;
  /** In the order in which they were opened. */
  readonly #requests: string[] = [];
  readonly #store = withoutSlack(new MemoryStore(WORKSPACE));
  readonly #twin: Twin;
  readonly #ports: Ports;
  #clock: Clock;
  #counter = 0;
  #interactions = 0;
  #claims = 0;
  readonly #done: { stored: StoredEffect; claim: string; clock: Clock }[] = [];

  constructor(policies: PolicySet, start: number, twin: Twin) {
    this.policies = policies;
    this.wall = start;
    this.#twin = twin;
    this.#clock = this.#newClock();
    const { wrap = (ports: Ports) => ports } = twin;
    this.#ports = wrap({
      clock: { now: () => this.#clock.now() },
      ids: countedIds(),
      store: this.#store,
      policies: { current: () => this.policies, rejected: () => undefined },
      targets: {
        find: (name) => {
          const [provider] = fakeProviders.values();
          const target = this.targets[name];
          return provider && target ? { provider, target, system: systemNamed(name) } : undefined;
        },
      },
      messenger: new SilentMessenger(),
      log: quiet,
      random: () => 0.5,
    });
  }

  get now(): number {
    return Date.parse(this.#clock.now());
  }

  pass(ms: number): void {
    this.wall += ms;
    this.#counter += ms;
    this.#clock.now();
  }

  /** Somebody sets the machine’s clock. */
  set(ms: number): void {
    this.wall += ms;
    this.#clock.now();
  }

  async restart(): Promise<void> {
    this.#clock = this.#newClock();
    if (this.#clock instanceof SystemClock) this.#clock.startNoEarlierThan(await this.#store.latestInstant());
  }

  /** The last moment of which the record knows. */
  async latest(): Promise<number> {
    return Date.parse((await this.#store.latestInstant()) ?? new Date(0).toISOString());
  }

  async ask(who: string, access: string, minutes: number | undefined, reason: string, ticket?: string) {
    const asked = await requestAccess(this.#ports, this.#caller(who), {
      access,
      reason,
      ...(minutes === undefined ? {} : { duration: `${minutes}m` }),
      ...(ticket === undefined ? {} : { fields: { ticket } }),
    });
    return this.#opened(asked);
  }

  async emergency(who: string, access: string, minutes: number | undefined, reason: string): Promise<Outcome> {
    const duration = minutes === undefined ? {} : { duration: `${minutes}m` };
    return this.#opened(await takeEmergency(this.#ports, this.#caller(who), { access, reason, ...duration }));
  }

  async extend(who: string, request: number): Promise<Outcome> {
    return this.#opened(
      await extendGrant(this.#ports, this.#caller(who), { grantId: (await this.#grantOf(request))?.id ?? '' }),
    );
  }

  /** @param again The same click once more, as Slack sends it when our answer was lost. */
  async vote(who: string, request: number, approves: boolean, again: boolean): Promise<Outcome> {
    const caller = this.#caller(who, again);
    const voted = { requestId: this.#requests[request] ?? '', verdict: approves ? 'approve' : 'deny' } as const;
    return said(await (this.#twin.vote ?? vote)(this.#ports, caller, voted));
  }

  async withdraw(who: string, access: string): Promise<Outcome> {
    return said(await endOwn(this.#ports, this.#caller(who), access));
  }

  async end(who: string, request: number): Promise<Outcome> {
    return said(await endGrant(this.#ports, this.#caller(who), (await this.#grantOf(request))?.id ?? ''));
  }

  async review(who: string, request: number): Promise<Outcome> {
    const requestId = this.#requests[request] ?? '';
    return said(
      await reviewEmergency(this.#ports, this.#caller(who), { requestId, verdict: 'fine', note: 'I looked.' }),
    );
  }

  async away(who: string, to: string, minutes: number): Promise<Outcome> {
    const asked = { end: { for: `${minutes}m` }, delegate: { slack: slackOf(to) } };
    return said(await handOver(this.#ports, this.#caller(who), asked));
  }

  async back(who: string): Promise<Outcome> {
    return said(await comeBack(this.#ports, this.#caller(who)));
  }

  tick = () => tick(this.#ports);

  /** One attempt at everything there is to do, whenever it would have been tried again. */
  async work(ports: Ports = this.#ports): Promise<void> {
    const waiting = await this.#store.failingEffects(1_000);
    await this.#store.transaction((tx) =>
      tx.hasten(
        WORKSPACE,
        waiting.map(({ effect }) => orderOf(effect)),
        this.#clock.now(),
      ),
    );
    for (;;) {
      const now = this.#clock.now();
      this.#claims += 1;
      const claim = `claim-${this.#claims}`;
      const [stored] = await this.#store.claimEffects('target', claim, now, plus(now, LEASE), 1);
      if (!stored) return;
      await (this.#twin.run ?? runEffect)(ports, { stored, claim, signal: never, until: plus(now, DEADLINE) });
      if (this.#claims > 10_000) throw new Error('the outbox never becomes empty');
      this.#done.push({ stored, claim, clock: this.#clock });
    }
  }

  /**
   * An attempt that slept, and wakes up when somebody else has done its work long ago. It has the clock of the process that
   * began it: one that starts later may be behind that, by what nobody wrote down.
   */
  async workAgain(nth: number): Promise<void> {
    const last = this.#done.at(-1 - (nth % Math.max(1, this.#done.length)));
    const open = await this.#store.failingEffects(1_000);
    // What has yet to be done may be done by anybody.
    if (!last || open.some(({ id }) => id === last.stored.id)) return;
    const { stored, claim, clock } = last;
    const until = plus(clock.now(), DEADLINE);
    const meanwhile = this.#clock;
    this.#clock = clock;
    await (this.#twin.run ?? runEffect)(this.#ports, { stored, claim, signal: never, until }).finally(() => {
      this.#clock = meanwhile;
    });
  }

  /** Works until it is killed, after so many calls to its database and its targets. */
  async workUntilKilled(calls: number): Promise<void> {
    let left = calls;
    const dying = <T extends object>(object: T): T =>
      around(object, (call) => {
        left -= 1;
        if (left < 0) return Promise.reject(new StoreUnavailable('gone', 'the process was killed', {}));
        return call();
      });
    const ports = withTargets(dying)(withStore(dying)(this.#ports));
    await this.work(ports).catch((error: unknown) => {
      if (left >= 0) throw error;
    });
  }

  /** Everything that the model knows, too, in the same words. */
  async seen() {
    const requests = [];
    const grants = [];
    for (const id of this.#requests) {
      const request = await this.#store.request(id);
      if (!request) throw new Error(`no request ${id}`);
      const { status, votes, escalations = [], extension, grantId, emergency } = request;
      requests.push({
        status,
        votes: votes.map(({ voter, onBehalfOf = voter, verdict, step }) => ({
          who: nameOf(voter),
          seat: nameOf(onBehalfOf),
          approves: verdict === 'approve',
          step,
        })),
        escalated: escalations.map(({ step }) => step),
        reviewed: emergency?.review !== undefined,
      });
      const grant = extension || grantId === undefined ? undefined : await this.#store.grant(grantId);
      if (!grant) continue;
      grants.push({
        status: grant.status,
        ends: (Date.parse(grant.endsAt) - Date.parse(grant.approvedAt)) / MINUTE,
        holds: grant.holds.map((hold) => HOLDS[hold.status]),
      });
    }
    const there = Object.entries(this.targets).map(([name, one]) => [name, [...one.there].sort()]);
    return { now: this.now, requests, grants, there: Object.fromEntries(there) };
  }

  /** The record explains every row. */
  async findings(): Promise<string[]> {
    return (await verifyAudit(this.#ports)).flatMap(({ findings }) => findings.map((one) => JSON.stringify(one)));
  }

  #newClock(): Clock {
    const make = this.#twin.clock ?? ((wall, counter) => new SystemClock(wall, counter));
    return make(
      () => this.wall,
      () => this.#counter,
    );
  }

  #caller(who: string, again = false): Caller {
    if (!again) this.#interactions += 1;
    return { workspace: WORKSPACE, slack: slackOf(who), interaction: `click-${this.#interactions}` };
  }

  async #grantOf(request: number) {
    const { grantId = '' } = (await this.#store.request(this.#requests[request] ?? '')) ?? {};
    return this.#store.grant(grantId);
  }

  #opened(asked: Awaited<ReturnType<typeof requestAccess>>): Outcome {
    if (asked.kind === 'opened') this.#requests.push(asked.request.id);
    return said(asked.kind === 'opened' ? { kind: 'done' } : asked);
  }
}

const said = (answered: { kind: 'done' } | { kind: 'refused'; refusal: Refusal } | { kind: 'replayed' }): Outcome =>
  answered.kind === 'refused' ? answered.refusal.code : answered.kind;

const HOLDS = { pending: 'pending', given: 'given', taken: 'over', kept: 'over' } as const;

/** A policy votes, too. */
const nameOf = (voter: string): string => (voter.startsWith('policy:') ? 'policy' : voter.replace(email(''), ''));

/** The same of the model. */
export function expected(model: Model) {
  const policy = (name: string) => (name.startsWith('policy:') ? 'policy' : name);
  const inOrder = model.requests.flatMap((request) => model.grants.filter((grant) => grant.request === request));
  return {
    now: model.now,
    requests: model.requests.map(({ status, votes, escalated, emergency }) => ({
      status,
      votes: votes.map(({ who, seat, approves, step }) => ({ who: policy(who), seat: policy(seat), approves, step })),
      escalated: escalated.map(({ step }) => step),
      reviewed: emergency?.reviewed ?? false,
    })),
    grants: inOrder.map(({ status, approved, ends, holds }) => ({
      status,
      ends: (ends - approved) / MINUTE,
      holds: holds.map((hold) => hold.is),
    })),
    there: Object.fromEntries(Object.entries(model.there).map(([name, one]) => [name, [...one].sort()])),
  };
}
