import { verifyAudit } from '../../src/app/verify-audit.ts';
import type { Effect } from '../../src/domain/effects.ts';
import type { DelegationSet, DomainEvent, StepEscalated, StepReminded } from '../../src/domain/events.ts';
import type { Hold } from '../../src/domain/grant.ts';
import { between, type Instant } from '../../src/domain/instant.ts';
import type { App } from '../support/app.ts';
import { type FakeTarget, systemNamed } from '../support/fake-target.ts';
import { lacking } from './lacking.ts';
import { ESCALATE, REMIND } from './some-stories.ts';

const permission = ({ account, permission: { role } }: Pick<Hold, 'account' | 'permission'>) => `${account} ${role}`;

/** Was it granted at this system? */
const at = ({ name }: FakeTarget, { system }: Pick<Hold, 'system'>): boolean => systemNamed(name) === system;

class Broken extends Error {
  constructor(invariant: number, what: string) {
    super(`invariant ${invariant}: ${what}`);
  }
}

/** Looks at the outside world after every step, and at every commit and every change of a target. */
export class Watch {
  readonly #app: App;
  readonly #standing: readonly string[];
  readonly #broken: Broken[] = [];
  readonly #durations = new Map<string, number>();
  /** The work that is being done. Effects are done one at a time here. */
  #running: Effect | undefined;
  /** What happens while a target is read the next time. */
  readonly meanwhile = new Map<FakeTarget, () => void>();

  constructor(app: App, standing: readonly string[]) {
    this.#app = app;
    this.#standing = standing;
    const { run } = app;
    app.run = async (ports, one) => {
      this.#running = one.stored.effect;
      await run(ports, one).finally(() => {
        this.#running = undefined;
      });
    };
    app.store.onCommitted((commits) => {
      for (const { events } of commits) for (const event of events) this.#committed(event);
    });
    for (const target of app.targets.values()) {
      target.onCall = async (operation, what) => {
        const happens = this.meanwhile.get(target);
        if (operation === 'inspect') this.meanwhile.delete(target);
        if (operation === 'inspect') happens?.();
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
    const { store, ports, clock } = this.#app;
    const effect = this.#running;
    const grant = effect?.kind === 'provision' ? await store.grant(effect.grantId) : undefined;
    const holds = grant?.holds.some((hold) => at(target, hold) && permission(hold) === what);
    if (!grant || !holds || grant.status !== 'provisioning') return this.#fail(4, `${what} is given without a grant`);
    if (grant.endsAt <= clock.now()) this.#fail(4, `${what} is given after the end of ${grant.id}`);
    // NB. of this grant and of now. What others of the same permission lack, while they wait for their turn, is no fault: by
    // then the policies may have changed back. Nor does it excuse this one that its next permission will be given rightly.
    const lacks = lacking(await this.#app.request(grant.requestId), ports.policies.current(), (step) =>
      this.#escalated.has(`${grant.requestId} ${step}`),
    );
    if (lacks !== undefined) this.#fail(1, `${what} is given for ${grant.id} without its approvals: ${lacks}`);
  }

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
