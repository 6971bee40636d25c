import fc from 'fast-check';
import { comeBack, handOver } from '../../src/app/away.ts';
import type { Store } from '../../src/app/ports/store.ts';
import { verifyAudit } from '../../src/app/verify-audit.ts';
import type { DelegationSet, DomainEvent, StepEscalated, StepReminded } from '../../src/domain/events.ts';
import type { GrantState, Hold } from '../../src/domain/grant.ts';
import { between, type Instant } from '../../src/domain/instant.ts';
import type { Step, Vote } from '../../src/domain/request.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { MemoryStore } from '../../src/policy-test/memory-store.ts';
import { App, type AppOptions, LEASE, WORKSPACE } from '../support/app.ts';
import { HOUR, MINUTE, SECOND } from '../support/clock.ts';
import { type FakeTarget, systemNamed, type Trouble } from '../support/fake-target.ts';
import { access, changed, slackOf, step, usual, type World } from '../support/world.ts';

// People, policies, votes, ends, crashes and failures at random; what must hold is checked after every step and, when
// everything has come to rest, once more. The numbers are those of the invariants in the design.

const REMIND = 5 * MINUTE;
const ESCALATE = 20 * MINUTE;
const patient = {
  ...step('dba'),
  remind_every: '5m',
  escalate: { after: '20m', to: ['group:leads'] },
  delegation: 'allowed',
};

const small: World = {
  ...usual,
  accesses: {
    read: access({ duration: { default: '10m', max: '1h' } }),
    write: access({
      grants: [{ target: 'db', role: 'writer' }],
      duration: { default: '10m', max: '1h' },
      flows: [{ name: 'two', steps: [patient, step('security')], timeout: '2h' }],
    }),
    both: access({
      grants: [
        { target: 'db', role: 'reader' },
        { target: 'ci', role: 'deployer' },
      ],
      duration: { default: '10m', max: '1h' },
      flows: [{ name: 'self', auto_approve: true }],
    }),
  },
  groups: { ...usual.groups, backend: ['ana', 'ben', 'cy'], leads: ['gus', 'ben'] },
};

const worlds: World[] = [
  small,
  changed(small, { read: { flows: [{ name: 'n', steps: [step('dba', 2)] }] } }),
  changed(small, { write: { duration: { default: '5m', max: '5m' } }, both: { requesters: ['user:ben@example.com'] } }),
  { ...small, groups: { ...small.groups, dba: ['dee', 'eli', 'gus'] } },
  changed(small, { write: { flows: [{ name: 'two', steps: [step('dba'), step('security')], timeout: '2h' }] } }),
  { ...small, people: { ...small.people, eli: { slack: 'U0ELI', disabled: true } } },
];

/** The name of one target is pointed at another system, where some have the same permissions already. */
const moved: World = { ...small, targets: { ...small.targets, db: { provider: 'fake', system: 'new-db' } } };
const MOVED = worlds.push(moved) - 1;

const PEOPLE = ['ana', 'ben', 'cy', 'dee', 'eli', 'fay', 'gus'] as const;
const ACCESSES = ['read', 'write', 'both'] as const;
const TARGETS = ['db', 'ci'] as const;

export type Action =
  | { do: 'ask'; who: string; access: string; duration?: string }
  /** Asked and approved by whom it takes, and so much of the work done. */
  | { do: 'approved'; who: string; access: string; duration: string; steps: number }
  | { do: 'vote'; who: string; nth: number; verdict: 'approve' | 'deny' }
  | { do: 'end'; nth: number }
  | { do: 'away'; who: string; to: string; for: string }
  | { do: 'return'; who: string }
  | { do: 'withdraw'; who: string; access: string }
  | { do: 'pass'; ms: number }
  | { do: 'back'; ms: number }
  | { do: 'work'; steps: number }
  | { do: 'crash'; calls: number }
  | { do: 'reload'; world: number }
  | { do: 'trouble'; target: string; on: 'provision' | 'revoke' | 'inspect'; trouble: Trouble }
  | { do: 'down' | 'up'; target: string }
  | { do: 'slack'; on: 'post' | 'update'; kind: 'retry' | 'wait' | 'give-up'; done: boolean };

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.constantFrom<Trouble>(
    { kind: 'retry' },
    { kind: 'lost' },
    { kind: 'hang' },
    { kind: 'unseen' },
    { kind: 'give-up' },
  ),
  fc.record({ kind: fc.constant('late' as const), afterMs: fc.integer({ min: 0, max: 25_000 }) }),
  fc.record({ kind: fc.constant('wait' as const), retryAfterMs: fc.integer({ min: 0, max: 20_000 }) }),
);
const who = fc.constantFrom(...PEOPLE);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      who: fc.constantFrom('ana', 'ben', 'cy'),
      access: fc.constantFrom(...ACCESSES),
      duration: fc.constantFrom('1m', '5m', '20m'),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('approved' as const),
      who: fc.constantFrom('ana', 'ana', 'ben'),
      access: fc.constantFrom(...ACCESSES),
      duration: fc.constantFrom('1m', '5m', '20m'),
      steps: fc.constantFrom(0, 1, 3, 100),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('vote' as const),
      who,
      nth: fc.nat(3),
      verdict: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'deny' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), nth: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('away' as const),
      who: fc.constantFrom('cy', 'dee', 'eli'),
      to: fc.constantFrom('ana', 'ben', 'fay', 'gus', 'dee'),
      for: fc.constantFrom('10m', '1h', '1d'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('return' as const), who: fc.constantFrom('cy', 'dee', 'eli') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('withdraw' as const), who, access: fc.constantFrom(...ACCESSES) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(SECOND, 10 * SECOND, 5 * MINUTE, HOUR),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('back' as const), ms: fc.constantFrom(SECOND, 10 * MINUTE) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('work' as const), steps: fc.constantFrom(1, 2, 5, 100) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), calls: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reload' as const), world: fc.nat(worlds.length - 1) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('trouble' as const),
      target: fc.constantFrom(...TARGETS),
      on: fc.constantFrom('provision' as const, 'revoke' as const, 'inspect' as const),
      trouble,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('down' as const, 'up' as const), target: fc.constantFrom(...TARGETS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('slack' as const),
      on: fc.constantFrom('post' as const, 'update' as const),
      kind: fc.constantFrom('retry' as const, 'wait' as const, 'give-up' as const),
      done: fc.boolean(),
    }),
  },
);

export const story = fc.record({
  standing: fc.subarray(['ana reader', 'ben writer', 'ben reader'], { maxLength: 2 }),
  actions: fc.array(action, { minLength: 5, maxLength: 40, size: 'max' }),
});
export type Story = { standing: readonly string[]; actions: readonly Action[] };

/** What makes a twin broken. */
export interface Twin {
  wrap?: AppOptions['wrap'];
  run?: App['run'];
  /** A use case of its own for votes. */
  vote?: (app: App, who: string, requestId: string) => Promise<unknown>;
}

/** Plays one story to its end. Throws at the first thing that must never be. */
export async function play(
  { standing, actions }: Story,
  store: Store = new MemoryStore(WORKSPACE),
  twin: Twin = {},
): Promise<void> {
  const app = new App(store, { world: small, ...(twin.wrap ? { wrap: twin.wrap } : {}) });
  if (twin.run) app.run = twin.run;
  for (const name of ['db', 'new-db']) {
    for (const permission of standing) app.target(name).permissions.add(permission);
  }
  const watch = new Watch(app, standing);
  let world = small;
  const requests: string[] = [];
  for (const one of actions) {
    world = await act(app, one, requests, world, twin);
    await watch.check();
  }
  // Everything is repaired, and comes to rest.
  for (const target of app.targets.values()) target.heal();
  app.messenger.heal();
  app.reload(small);
  app.clock.advance(LEASE);
  if (actions.some((one) => one.do === 'reload' && one.world === MOVED)) {
    // What was given at the one system is over; then the name is pointed at the other for what was given there.
    await app.pass(2 * HOUR, 5 * MINUTE);
    app.reload(moved);
  }
  await app.quiesce({ every: 5 * MINUTE });
  await watch.check();
  await watch.atRest();
}

async function act(app: App, one: Action, requests: string[], world: World, twin: Twin): Promise<World> {
  switch (one.do) {
    case 'ask': {
      const asked = await app.ask(one.who, one.access, one.duration === undefined ? {} : { duration: one.duration });
      if (asked.kind === 'opened') requests.unshift(asked.request.id);
      return world;
    }
    case 'approved': {
      const asked = await app.ask(one.who, one.access, { duration: one.duration });
      if (asked.kind !== 'opened') return world;
      requests.unshift(asked.request.id);
      for (const approver of ['dee', 'eli', 'fay']) await app.approve(approver, asked.request.id);
      return act(app, { do: 'work', steps: one.steps }, requests, world, twin);
    }
    case 'vote': {
      const id = requests[one.nth];
      if (id === undefined) return world;
      if (one.verdict === 'deny') await app.deny(one.who, id);
      else if (twin.vote) await twin.vote(app, one.who, id);
      else await app.approve(one.who, id);
      return world;
    }
    case 'end': {
      const grant = (await app.store.openGrants(app.workspace, 10))[one.nth];
      if (grant) await app.end(grant.person.email.split('@')[0] ?? '', grant.id);
      return world;
    }
    case 'away': {
      const asked = { end: { for: one.for }, delegate: { slack: slackOf(one.to) } };
      await handOver(app.ports, app.caller(one.who), asked);
      return world;
    }
    case 'return':
      await comeBack(app.ports, app.caller(one.who));
      return world;
    case 'withdraw':
      await app.endOwn(one.who, one.access);
      return world;
    case 'pass':
      app.clock.advance(one.ms);
      await app.tick();
      return world;
    case 'back':
      // The Clock port never goes back; a process that starts with a wrong machine clock, before its log, could be behind.
      app.clock.advance(-one.ms);
      await app.tick();
      return world;
    case 'work':
      for (let count = 0; count < one.steps; count += 1) {
        const worked = (await app.step('target')) ?? (await app.step('slack')) ?? (await app.step('watch'));
        if (worked === undefined) break;
      }
      return world;
    case 'crash': {
      const { ports, died } = app.dyingAfter(one.calls);
      await app.work(ports).catch((error: unknown) => {
        if (!died()) throw error;
      });
      if (one.calls % 2 === 0) app.clock.advance(LEASE);
      return world;
    }
    case 'reload': {
      const next = worlds[one.world] ?? small;
      app.reload(next);
      return next;
    }
    case 'trouble': {
      // Only giving may land late here: what a late taking would break is not safety.
      const late = one.trouble.kind === 'late' && one.on !== 'provision';
      app.target(one.target).fail(one.on, late ? { kind: 'hang' } : one.trouble);
      return world;
    }
    case 'down':
      app.target(one.target).down = true;
      return world;
    case 'up':
      app.target(one.target).down = false;
      return world;
    case 'slack':
      app.messenger.fail({ on: one.on, kind: one.kind, done: one.done && one.kind === 'retry', retryAfterMs: SECOND });
      return world;
  }
}

const permission = ({ account, permission: { role } }: Pick<Hold, 'account' | 'permission'>) => `${account} ${role}`;

/** Was it granted at this system? */
const at = ({ name }: FakeTarget, { system }: Pick<Hold, 'system'>): boolean => systemNamed(name) === system;

class Broken extends Error {
  constructor(invariant: number, what: string) {
    super(`invariant ${invariant}: ${what}`);
  }
}

/** Looks at the outside world after every step, and at every commit and every change of a target. */
class Watch {
  readonly #app: App;
  readonly #standing: readonly string[];
  readonly #broken: Broken[] = [];
  readonly #durations = new Map<string, number>();

  constructor(app: App, standing: readonly string[]) {
    this.#app = app;
    this.#standing = standing;
    app.store.onCommitted((commits) => {
      for (const { events } of commits) for (const event of events) this.#committed(event);
    });
    for (const target of app.targets.values()) {
      target.onCall = async (operation, what) => {
        if (operation === 'provision') await this.#giving(target, what);
      };
    }
  }

  #fail(invariant: number, what: string): void {
    this.#broken.push(new Broken(invariant, what));
  }

  #has(hold: Pick<Hold, 'system' | 'account' | 'permission'>): boolean {
    return [...this.#app.targets.values()].some((one) => at(one, hold) && one.permissions.has(permission(hold)));
  }

  #committed(event: DomainEvent): void {
    if (event.type === 'EntitlementGiven' && !this.#has(event.entitlement))
      this.#fail(6, 'said to be given, and is not there');
    if (event.type === 'RequestApproved') {
      const lasts = between(event.grant.approvedAt, event.grant.endsAt);
      if (lasts !== this.#durations.get(event.requestId))
        this.#fail(4, 'the end is not the approval plus the duration');
    }
    if (event.type === 'RequestOpened') this.#durations.set(event.request.id, event.request.durationMs);
    if (event.type === 'RequestOpened') this.#steps.set(event.request.id, { openedAt: event.at, nudgedAt: event.at });
    if (event.type === 'StepOpened') this.#steps.set(event.requestId, { openedAt: event.at, nudgedAt: event.at });
    if (event.type === 'DelegationSet') this.#handed.set(event.delegator.email, event);
    if (event.type === 'DelegationEnded') this.#handed.delete(event.delegator);
    if (event.type === 'VoteCast' && event.vote.onBehalfOf !== undefined) {
      const handed = this.#handed.get(event.vote.onBehalfOf);
      const inForce = handed !== undefined && handed.at <= event.at && event.at < handed.until;
      if (!inForce || handed.delegate.email !== event.vote.voter) this.#fail(1, 'voted with votes nobody handed over');
    }
    if (event.type === 'StepReminded' || event.type === 'StepEscalated') this.#nudged(event);
    if (event.type === 'EntitlementTaken') {
      const [system, fields, account] = JSON.parse(event.key) as [string, [string, string][], string];
      if (this.#has({ system, account, permission: Object.fromEntries(fields) }))
        this.#fail(6, 'said to be gone, and is there');
    }
  }

  /** Neither too early nor again; whoever is asked too early could approve too early. */
  #nudged({ type, requestId, step, at }: StepReminded | StepEscalated): void {
    const clock = this.#steps.get(requestId);
    if (!clock) throw new Broken(7, 'a step is nudged that never opened');
    if (type === 'StepReminded' && between(clock.nudgedAt, at) < REMIND) this.#fail(11, 'reminded too early');
    if (type === 'StepEscalated') {
      if (between(clock.openedAt, at) < ESCALATE) this.#fail(1, 'escalated too early');
      if (this.#escalated.has(`${requestId} ${step}`)) this.#fail(11, 'escalated twice');
      this.#escalated.add(`${requestId} ${step}`);
    }
    clock.nudgedAt = at;
  }
  readonly #steps = new Map<string, { openedAt: Instant; nudgedAt: Instant }>();
  readonly #handed = new Map<string, DelegationSet>();
  readonly #escalated = new Set<string>();

  /** Before every change at a target: who allowed it, and is its end written down? */
  async #giving(target: FakeTarget, what: string): Promise<void> {
    const { store, workspace, ports } = this.#app;
    const now = this.#app.clock.now();
    const grants = (await store.openGrants(workspace, 1_000)).filter(
      (grant) =>
        grant.status === 'provisioning' && grant.holds.some((hold) => at(target, hold) && permission(hold) === what),
    );
    if (grants.length === 0) return this.#fail(4, `${what} is given without a grant`);
    if (!grants.some(({ endsAt }) => endsAt > now)) this.#fail(4, `${what} is given after the end of its grant`);
    for (const grant of grants) await this.#approved(grant, ports.policies.current());
  }

  /** Written without the product’s own tally: seats by hand, from the votes and the groups of now. */
  async #approved(grant: GrantState, { directory, accesses }: PolicySet): Promise<void> {
    const request = await this.#app.request(grant.requestId);
    const now = accesses.get(request.access);
    // What was judged before, while another of the same permission was being given, was by the policies of then.
    this.#unapproved.delete(grant.id);
    if (!now || now.duration.maxMs < request.durationMs) return void this.#unapproved.add(grant.id);
    if (request.flow.autoApprove) return;
    const seated = new Set<string>();
    /** Takes a seat for whoever voted, or for whom it was cast: two people at most, each of whom has no other. */
    const sits = ({ verdict, voter, onBehalfOf = voter }: Vote, rules: readonly Step[]): boolean => {
      const both = [voter, onBehalfOf];
      const may =
        verdict === 'approve' &&
        both.every(
          (one) => one !== request.requester.email && !seated.has(one) && directory.byEmail(one)?.disabled === false,
        ) &&
        rules.some(
          ({ approvers, delegation }) =>
            (onBehalfOf === voter || delegation === 'allowed') &&
            approvers.some((one) => one.kind === 'group' && directory.isMember(onBehalfOf, one.name)),
        );
      for (const one of may ? both : []) seated.add(one);
      return may;
    };
    let filled = 0;
    const grown = (rule: Step) => ({ ...rule, approvers: [...rule.approvers, ...(rule.escalate?.to ?? [])] });
    for (const [index, rule] of request.flow.steps.entries()) {
      const { need } = rule;
      const stands = this.#escalated.has(`${request.id} ${index}`) ? grown(rule) : rule;
      const seats = request.votes.filter((vote) => vote.step === index && sits(vote, [stands]));
      filled += seats.length;
      // Another grant of the same permission may be the one that is being given; that one is asked about itself.
      if (seats.length < need) return void this.#unapproved.add(grant.id);
    }
    // Whoever voted after the last step: for the seats that only the policies of now have.
    const rules = (now.flows[0]?.steps ?? []).map(grown);
    filled += request.votes.filter((vote) => vote.step >= request.flow.steps.length && sits(vote, rules)).length;
    const seats = now.flows[0]?.steps.reduce((sum, { need }) => sum + need, 0) ?? Number.POSITIVE_INFINITY;
    if (filled < seats) this.#unapproved.add(grant.id);
  }
  readonly #unapproved = new Set<string>();

  async check(): Promise<void> {
    const { store, workspace, targets } = this.#app;
    const open = await store.openGrants(workspace, 1_000);
    for (const target of targets.values()) {
      for (const what of target.permissions) {
        if (target.name !== 'ci' && this.#standing.includes(what)) continue;
        const live = open.some((grant) => grant.holds.some((hold) => at(target, hold) && permission(hold) === what));
        if (!live) this.#fail(5, `${what} at ${target.name} outlives its grant`);
      }
    }
    for (const what of this.#standing) {
      for (const name of ['db', 'new-db']) {
        if (!this.#app.target(name).permissions.has(what)) this.#fail(5, `the standing ${what} was taken away`);
      }
    }
    for (const grant of open) {
      if (grant.status !== 'active') continue;
      if (this.#unapproved.has(grant.id)) this.#fail(1, `${grant.id} is active without its approvals`);
      for (const hold of grant.holds)
        if (!this.#has(hold)) this.#fail(5, `${grant.id} is active without ${permission(hold)}`);
    }
    const [first] = this.#broken;
    if (first) throw first;
  }

  async atRest(): Promise<void> {
    const app = this.#app;
    const events = await app.events();
    for (const event of events) {
      if (event.type !== 'RequestApproved') continue;
      const request = await app.request(event.requestId);
      const voters = request.votes.flatMap(({ voter, onBehalfOf }) => (onBehalfOf ? [voter, onBehalfOf] : [voter]));
      if (voters.includes(request.requester.email)) this.#fail(2, 'the requester voted');
      if (new Set(voters).size !== voters.length) this.#fail(2, 'one person fills two seats');
      const ended = events.filter((one) => one.type === 'GrantEnded' && one.grantId === event.grant.id);
      if (ended.length !== 1) this.#fail(5, `${event.grant.id} ended ${ended.length} times`);
    }
    const keys = app.messenger.seen.map(({ key }) => key);
    if (new Set(keys).size !== keys.length) this.#fail(8, 'a message was posted twice');
    if (app.messenger.problems.length > 0) this.#fail(9, app.messenger.problems.join('; '));
    for (const { findings } of await verifyAudit(app.ports)) {
      for (const finding of findings) this.#fail(7, JSON.stringify(finding));
    }
    const [first] = this.#broken;
    if (first) throw first;
  }
}
