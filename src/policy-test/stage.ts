import type { ActionCaller } from '../app/action-caller.ts';
import type { Caller } from '../app/people.ts';
import type { Ports } from '../app/ports/index.ts';
import type { Provider } from '../app/ports/provider.ts';
import type { OpenTarget } from '../app/ports/targets.ts';
import { requestView } from '../app/request-view.ts';
import { runEffect } from '../app/run-effect.ts';
import { tick } from '../app/tick.ts';
import type { Lane } from '../domain/effects.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { GrantState } from '../domain/grant.ts';
import { type Instant, type Milliseconds, plus } from '../domain/instant.ts';
import type { RequestState } from '../domain/request.ts';
import { accountAt, type PolicySet } from '../policy/index.ts';
import type { NamedCaller, Somebody } from './grammar/names.ts';
import { MemoryStore } from './memory-store.ts';
import { MemoryTarget } from './memory-target.ts';
import { SilentMessenger } from './silent-messenger.ts';
import type { Which } from './verbs/verb.ts';
import { countedIds, VirtualClock } from './virtual-clock.ts';

const WORKSPACE = 'T0TIMELINE';
/** As the worker's. */
const LEASE_MS: Milliseconds = 30_000;
const DEADLINE_MS: Milliseconds = 10_000;
/** More work than this without an end is a bug of ours, not a long timeline. */
const MOST_EFFECTS = 20_000;

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const never = new AbortController().signal;

/** A step cannot be done: there is nothing that it could be about. */
export class NothingThere extends Error {
  override readonly name = 'NothingThere';
}

export interface StageOptions {
  policies: PolicySet;
  providers: ReadonlyMap<string, Provider>;
  now: Instant;
  onEvents(events: readonly DomainEvent[]): void;
}

/**
 * The world of one timeline: the product's own use cases and outbox over a store, targets, Slack and a clock in memory.
 * What a timeline shows is what production does; only the outside is made up, and it never fails.
 */
export class Stage {
  readonly ports: Ports;
  readonly #clock: VirtualClock;
  readonly #store = new MemoryStore(WORKSPACE);
  readonly #targets = new Map<string, MemoryTarget>();
  readonly #policies: PolicySet;
  readonly #providers: ReadonlyMap<string, Provider>;
  /** In the order in which they were opened. */
  readonly #requests: string[] = [];
  readonly #reminders = new Map<string, number>();
  #interactions = 0;
  #claims = 0;

  constructor({ policies, providers, now, onEvents }: StageOptions) {
    this.#policies = policies;
    this.#providers = providers;
    this.#clock = new VirtualClock(now);
    this.#store.onCommitted((committed) => {
      for (const { events } of committed) {
        this.#countReminders(events);
        onEvents(events);
      }
    });
    this.ports = {
      clock: this.#clock,
      ids: countedIds(),
      store: this.#store,
      policies: { current: () => policies, rejected: () => undefined },
      targets: { find: (name) => this.#openTarget(name) },
      messenger: new SilentMessenger(),
      log: quiet,
      random: () => 0.5,
    };
  }

  get now(): Instant {
    return this.#clock.now();
  }

  get policies(): PolicySet {
    return this.#policies;
  }

  caller({ slack }: Somebody): Caller {
    this.#interactions += 1;
    return { workspace: WORKSPACE, slack, interaction: `step-${this.#interactions}` };
  }

  actionCaller({ ref }: NamedCaller): ActionCaller {
    return { workspace: WORKSPACE, caller: ref };
  }

  /** Remembers a request that was opened. */
  opened(requestId: string): void {
    this.#requests.push(requestId);
  }

  /** The latest request, of an access or a person. @throws NothingThere */
  async find(which: Which): Promise<RequestState> {
    const found = await this.latest(which);
    if (found) return found;
    const of = which.of === undefined ? '' : ` of ${which.of}`;
    throw new NothingThere(
      `no request${which.access === undefined ? '' : ` for ${which.access}`}${of} was opened before`,
    );
  }

  async latest({ access, of }: Which): Promise<RequestState | undefined> {
    for (const id of this.#requests.toReversed()) {
      const request = await this.#store.request(id);
      const fits =
        (access ?? request?.access) === request?.access &&
        (of ?? request?.requester.email) === request?.requester.email;
      if (request && fits) return request;
    }
    return undefined;
  }

  async grantOf({ grantId }: RequestState): Promise<GrantState | undefined> {
    return grantId === undefined ? undefined : this.#store.grant(grantId);
  }

  view(requestId: string) {
    return requestView(this.ports, requestId);
  }

  /** How often the approvers of a request were reminded. */
  remindersOf({ id }: RequestState): number {
    return this.#reminders.get(id) ?? 0;
  }

  #countReminders(events: readonly DomainEvent[]): void {
    for (const event of events) {
      if (event.type === 'StepReminded')
        this.#reminders.set(event.requestId, (this.#reminders.get(event.requestId) ?? 0) + 1);
    }
  }

  /** Whether each permission of a request is at its target now. */
  present({ entitlements }: RequestState): boolean[] {
    return entitlements.map((one) => this.#targetAt(one.system).has(one));
  }

  /** From now on the person uses nothing of what they have; with `forMs`, not for so long. */
  idle(email: string, forMs?: Milliseconds): void {
    const person = this.#policies.directory.byEmail(email);
    if (!person) return;
    const until = forMs === undefined ? {} : { until: plus(this.now, forMs) };
    for (const { name, system } of this.#policies.targets.values()) {
      const account = accountAt(this.#policies, person, name);
      if (account !== undefined) this.#targetAt(system).idle(account, { from: this.now, ...until });
    }
  }

  /** What a person has at the targets now: `role app_writer at prod-postgres`. */
  permissionsOf(email: string): string[] {
    const person = this.#policies.directory.byEmail(email);
    if (!person) return [];
    const texts: string[] = [];
    const seen = new Set<string>();
    for (const { name, provider, system } of this.#policies.targets.values()) {
      const account = accountAt(this.#policies, person, name);
      // Two names of one system hold one permission once.
      if (account === undefined || seen.has(`${system} ${account}`)) continue;
      seen.add(`${system} ${account}`);
      for (const permission of this.#targetAt(system).permissionsOf(account))
        texts.push(`${this.#providers.get(provider)?.describe(permission)} at ${name}`);
    }
    return texts.sort();
  }

  /** Lets time pass, stopping wherever something may be due, with the tick and the workers running as they would. */
  async passUntil(instant: Instant): Promise<void> {
    // Everything that was due at this moment was done at the end of the step before.
    while (this.now < instant) {
      const due = this.#store.nextDue(this.now);
      const next = due !== undefined && due < instant ? due : instant;
      this.#clock.set(next);
      await this.settle();
    }
  }

  /** Does everything that is due now. */
  async settle(): Promise<void> {
    await tick(this.ports);
    for (let count = 0; ; count += 1) {
      const worked = (await this.#work('target')) || (await this.#work('slack')) || (await this.#work('watch'));
      if (!worked) return;
      if (count > MOST_EFFECTS) throw new Error('the outbox of a timeline never becomes empty');
    }
  }

  async #work(lane: Lane): Promise<boolean> {
    this.#claims += 1;
    const claim = `claim-${this.#claims}`;
    const claimed = await this.#store.claimEffects(lane, claim, this.now, plus(this.now, LEASE_MS), 50);
    for (const stored of claimed)
      await runEffect(this.ports, { stored, claim, signal: never, until: plus(this.now, DEADLINE_MS) });
    return claimed.length > 0;
  }

  #openTarget(name: string): OpenTarget | undefined {
    const policy = this.#policies.targets.get(name);
    const provider = policy && this.#providers.get(policy.provider);
    return policy && provider ? { provider, target: this.#targetAt(policy.system), system: policy.system } : undefined;
  }

  #targetAt(system: string): MemoryTarget {
    let target = this.#targets.get(system);
    if (!target) {
      target = new MemoryTarget(system, () => this.now);
      this.#targets.set(system, target);
    }
    return target;
  }
}
