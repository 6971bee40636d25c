import { verifyAudit } from '../../src/app/verify-audit.ts';
import type { DelegationSet, DomainEvent, StepEscalated, StepReminded } from '../../src/domain/events.ts';
import type { GrantState, Hold } from '../../src/domain/grant.ts';
import { between, type Instant } from '../../src/domain/instant.ts';
import type { Step, Vote } from '../../src/domain/request.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import type { App } from '../support/app.ts';
import { type FakeTarget, systemNamed } from '../support/fake-target.ts';
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
