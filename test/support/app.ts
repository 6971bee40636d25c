import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventOf } from '../../src/app/audit-log.ts';
import type { EffectRun } from '../../src/app/effect-run.ts';
import { endGrant, endOwn } from '../../src/app/end-own.ts';
import type { Caller } from '../../src/app/people.ts';
import type { Ports } from '../../src/app/ports/index.ts';
import type { Log } from '../../src/app/ports/log.ts';
import type { Provider } from '../../src/app/ports/provider.ts';
import type { Store } from '../../src/app/ports/store.ts';
import { StoreUnavailable } from '../../src/app/ports/store.ts';
import { type Asked, requestAccess } from '../../src/app/request-access.ts';
import { runEffect } from '../../src/app/run-effect.ts';
import { beginDigests } from '../../src/app/schedule-digest.ts';
import { tick } from '../../src/app/tick.ts';
import { verifyAudit } from '../../src/app/verify-audit.ts';
import { vote } from '../../src/app/vote.ts';
import { link } from '../../src/audit/chain.ts';
import type { Lane } from '../../src/domain/effects.ts';
import type { DomainEvent, EventType } from '../../src/domain/events.ts';
import type { GrantState } from '../../src/domain/grant.ts';
import { type Milliseconds, plus } from '../../src/domain/instant.ts';
import type { RequestState } from '../../src/domain/request.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { createStore } from '../../src/store/store.ts';
import { countedIds, SECOND, TestClock } from './clock.ts';
import { FakeMessenger } from './fake-messenger.ts';
import { FakeTarget, fakeProvider, systemNamed } from './fake-target.ts';
import { policiesOf, slackOf, usual, type World } from './world.ts';
import { around, withStore, withTargets } from './wrapped.ts';

export const WORKSPACE = 'T0LATCHKEY';
/** As the worker's: an attempt is told to stop after the first, and its claim is over after the second. */
export const DEADLINE: Milliseconds = 10 * SECOND;
export const LEASE: Milliseconds = 30 * SECOND;

/** The systems there are. The usual world has a target for each of the first two, with the system's own name. */
const SYSTEMS = ['db', 'ci', 'new-db'];

/** The process was killed: nothing that it still tries reaches anybody. */
class Killed extends Error {
  override readonly name = 'Killed';
}

/** Slack never gives the same id to two interactions, whichever process hears of them. */
let interactions = 0;

const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} };

export interface AppOptions {
  world?: World;
  workspace?: string;
  /** A store to share, as a second process would. */
  store?: Store;
  /** The process beside which this one runs: on the same targets and the same Slack. */
  beside?: App;
  /** Changes what the core is given: how broken twins and crashes are made. */
  wrap?: (ports: Ports) => Ports;
}

/** Everything but Slack and the real targets, over the real store: what a test talks to. */
export class App {
  readonly clock: TestClock;
  readonly messenger: FakeMessenger;
  /** The systems, by name. */
  readonly targets: ReadonlyMap<string, FakeTarget>;
  readonly workspace: string;
  readonly store: Store;
  readonly ports: Ports;
  /** How one effect is run; a broken twin may take its place. */
  run: (ports: Ports, run: EffectRun) => Promise<void> = runEffect;
  readonly #provider: Provider;
  #policies: PolicySet;
  #rejected: { at: string; problems: readonly string[] } | undefined;
  #claims = 0;
  #hang = new AbortController();

  constructor(
    store: Store,
    { world = usual, workspace = WORKSPACE, beside, wrap = (ports) => ports }: AppOptions,
    clock = new TestClock(),
    ids = countedIds(),
  ) {
    this.store = store;
    this.workspace = workspace;
    this.clock = clock;
    const now = () => this.clock.now();
    this.messenger = beside?.messenger ?? new FakeMessenger();
    this.targets = beside?.targets ?? new Map(SYSTEMS.map((name) => [name, new FakeTarget(name, now)]));
    for (const target of beside ? [] : this.targets.values()) {
      target.onHang = () => {
        this.clock.advance(DEADLINE);
        this.#hang.abort();
      };
      this.clock.onMove(() => target.settle());
    }
    this.#provider = fakeProvider((name) => this.target(name));
    this.#policies = policiesOf(world);
    this.ports = wrap({
      clock: this.clock,
      ids,
      store,
      policies: { current: () => this.#policies, rejected: () => this.#rejected },
      targets: {
        find: (name) => {
          const system = this.#policies.targets.get(name)?.system;
          const target = [...this.targets.values()].find((one) => systemNamed(one.name) === system);
          return target && system !== undefined ? { provider: this.#provider, target, system } : undefined;
        },
      },
      messenger: this.messenger,
      log: quiet,
      random: () => 0.5,
    });
  }

  target(name = 'db'): FakeTarget {
    const target = this.targets.get(name);
    if (!target) throw new Error(`no target ${name}`);
    return target;
  }

  /** New policies are in force. */
  reload(world: World): void {
    this.#policies = policiesOf(world);
    this.#rejected = undefined;
  }

  /** A change that was refused. */
  reject(...problems: string[]): void {
    this.#rejected = { at: this.clock.now(), problems };
  }

  caller(name: string, interaction?: string): Caller {
    interactions += 1;
    return {
      workspace: this.workspace,
      slack: slackOf(name),
      interaction: interaction ?? `click-${interactions}`,
    };
  }

  ask(
    name: string,
    access: string,
    {
      duration,
      reason = 'INC-42 slow queries',
      interaction,
      fields,
    }: { duration?: string; reason?: string; interaction?: string; fields?: Record<string, string> } = {},
  ): Promise<Asked> {
    return requestAccess(this.ports, this.caller(name, interaction), {
      access,
      reason,
      ...(duration === undefined ? {} : { duration }),
      ...(fields ? { fields } : {}),
    });
  }

  /** Asks for what is allowed; the request's id. */
  async asked(name: string, access: string, options: { duration?: string; reason?: string } = {}): Promise<string> {
    const asked = await this.ask(name, access, options);
    if (asked.kind !== 'opened') throw new Error(`not opened: ${JSON.stringify(asked)}`);
    return asked.request.id;
  }

  approve(name: string, requestId: string, interaction?: string) {
    return vote(this.ports, this.caller(name, interaction), { requestId, verdict: 'approve' });
  }

  deny(name: string, requestId: string, reason = 'not now') {
    return vote(this.ports, this.caller(name), { requestId, verdict: 'deny', reason });
  }

  end(name: string, grantId: string, interaction?: string) {
    return endGrant(this.ports, this.caller(name, interaction), grantId);
  }

  endOwn(name: string, access: string) {
    return endOwn(this.ports, this.caller(name), access);
  }

  /** Asks, and approves it; nothing of it is done yet. The id of the request. */
  async approved(
    name: string,
    access = 'read',
    { by = ['dee'], ...options }: { duration?: string; by?: string[] } = {},
  ): Promise<string> {
    const requestId = await this.asked(name, access, options);
    for (const approver of by) await this.approve(approver, requestId);
    return requestId;
  }

  /** Asks, approves and gives: a running grant. */
  async granted(...asked: Parameters<App['approved']>): Promise<GrantState> {
    const requestId = await this.approved(...asked);
    await this.work();
    return this.grantOf(requestId);
  }

  async request(id: string): Promise<RequestState> {
    const request = await this.store.request(id);
    if (!request) throw new Error(`no request ${id}`);
    return request;
  }

  async grantOf(requestId: string): Promise<GrantState> {
    const { grantId } = await this.request(requestId);
    const grant = grantId === undefined ? undefined : await this.store.grant(grantId);
    if (!grant) throw new Error(`no grant for ${requestId}`);
    return grant;
  }

  async grant(id: string): Promise<GrantState> {
    const grant = await this.store.grant(id);
    if (!grant) throw new Error(`no grant ${id}`);
    return grant;
  }

  /** Runs one due effect of a lane; what it was, or undefined when there is none. */
  async step(lane: Lane, ports: Ports = this.ports): Promise<string | undefined> {
    const now = this.clock.now();
    this.#claims += 1;
    const claim = `claim-${interactions}-${this.#claims}`;
    const [stored] = await this.store.claimEffects(lane, claim, now, plus(now, LEASE), 1);
    if (!stored) return undefined;
    this.#hang = new AbortController();
    const { signal } = this.#hang;
    await this.run(ports, { stored, claim, signal, until: plus(now, DEADLINE) });
    return stored.effect.kind;
  }

  /** Does everything that is due now, in both lanes; what it did, in order. Things that wait for a later time stay. */
  async work(ports: Ports = this.ports): Promise<string[]> {
    const done: string[] = [];
    for (;;) {
      const kind =
        (await this.step('target', ports)) ?? (await this.step('slack', ports)) ?? (await this.step('watch', ports));
      if (kind === undefined) return done;
      done.push(kind);
      if (done.length > 20_000) throw new Error(`the outbox never becomes empty: ${done.slice(-10).join(', ')}`);
    }
  }

  tick() {
    return tick(this.ports);
  }

  /** Lets time pass in steps, with the tick and the workers running as they would. */
  async pass(ms: Milliseconds, every: Milliseconds = ms): Promise<void> {
    for (let left = ms; left > 0; left -= every) {
      this.clock.advance(Math.min(every, left));
      await this.tick();
      await this.work();
    }
  }

  /** Lets time pass until nothing is left to do. Fails when that never comes. */
  async quiesce({ most = 400, every = 30 * SECOND }: { most?: number; every?: Milliseconds } = {}): Promise<void> {
    for (let rounds = 0; rounds < most; rounds += 1) {
      await this.tick();
      await this.work();
      if ((await this.undelivered()) === 0 && (await this.store.countOpenGrants(this.workspace)) === 0) return;
      this.clock.advance(every);
    }
    throw new Error(`not quiet after ${most} rounds: ${JSON.stringify(await this.store.failingEffects(10))}`);
  }

  async undelivered(): Promise<number> {
    return (await this.store.outbox(this.clock.now())).reduce((sum, { depth }) => sum + depth, 0);
  }

  async events<Type extends EventType>(...types: Type[]): Promise<Extract<DomainEvent, { type: Type }>[]> {
    const { seq } = await this.store.auditHead(this.workspace);
    const all = (await this.store.auditPage(this.workspace, 1, seq + 1)).map(eventOf);
    return all.filter(
      (event): event is Extract<DomainEvent, { type: Type }> =>
        types.length === 0 || types.includes(event.type as Type),
    );
  }

  async eventTypes(): Promise<EventType[]> {
    return (await this.events()).map(({ type }) => type);
  }

  beginDigests() {
    return beginDigests(this.ports, this.workspace);
  }

  /** Ports of a process that is killed once it has done `calls` calls. What the last one did is done. */
  dyingAfter(calls: number): { ports: Ports; died: () => boolean } {
    let left = calls;
    let dead = false;
    const alive = async <T>(call: () => Promise<T>): Promise<T> => {
      if (dead) throw new StoreUnavailable('gone', 'the process is dead', { cause: new Killed() });
      if (left === 0) {
        dead = true;
        throw new StoreUnavailable('gone', 'the process was killed', { cause: new Killed() });
      }
      left -= 1;
      return call();
    };
    const dying = <T extends object>(object: T): T => around(object, alive);
    const { messenger } = this.ports;
    const ports = withTargets(dying)(withStore(dying)({ ...this.ports, messenger: dying(messenger) }));
    return { ports, died: () => dead };
  }
}

/**
 * Apps for the tests of one file. After each test everything must be delivered, the audit log must explain every row, and
 * nothing may have been shown that Slack refuses.
 */
export function apps(): {
  start(options?: AppOptions): Promise<App>;
  /** A second process on the same database and the same clock. */
  beside(app: App, options?: AppOptions): Promise<App>;
  /** For a test that leaves effects behind on purpose. */
  leaveUndelivered(): void;
} {
  let folder: string | undefined;
  let count = 0;
  let open: App[] = [];
  let stores: Store[] = [];
  let urls = new Map<Store, string>();
  let mayLeave = false;

  const openStore = async (url: string) => {
    const store = await createStore({ url, link });
    stores.push(store);
    urls.set(store, url);
    return store;
  };

  afterEach(async () => {
    try {
      for (const app of open) {
        expect(app.messenger.problems).toEqual([]);
        if (!mayLeave) expect({ undelivered: await app.undelivered() }).toEqual({ undelivered: 0 });
        for (const { findings } of await verifyAudit(app.ports)) expect(findings).toEqual([]);
      }
    } finally {
      await Promise.all(stores.map((store) => store.close()));
      open = [];
      stores = [];
      urls = new Map();
      mayLeave = false;
    }
  });
  afterAll(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  return {
    async start(options = {}) {
      folder ??= await mkdtemp(join(tmpdir(), 'latchkey-app-'));
      count += 1;
      const app = new App(options.store ?? (await openStore(`file:${join(folder, `app-${count}.db`)}`)), options);
      open.push(app);
      return app;
    },
    async beside(app, options = {}) {
      const store = await openStore(urls.get(app.store) ?? '');
      const second = new App(store, { ...options, beside: app }, app.clock, app.ports.ids);
      open.push(second);
      return second;
    },
    leaveUndelivered() {
      mayLeave = true;
    },
  };
}
