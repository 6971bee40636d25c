import { MINUTE, SECOND } from '../support/clock.ts';
import type { Policies, Principal, Step } from './policies.ts';
import {
  type About,
  type Answer,
  answer,
  emergencyAnswer,
  extensionAnswer,
  isApprover,
  loads,
  mayVote,
  personNamed,
  type Question,
  seatsOf,
  targetsOf,
} from './rules.ts';

// What should come of a story: the documentation of the policies once more, now with time, votes, targets and what changes
// meanwhile. Plain lists, everything counted anew whenever it is asked for, and not a line of src/.

interface Vote {
  who: string;
  /** Whose seat it fills. */
  seat: string;
  approves: boolean;
  step: number;
}

export interface Request {
  who: string;
  access: string;
  minutes: number;
  reason: string;
  ticket?: string | undefined;
  gives: readonly { target: string; role: string }[];
  steps: readonly Step[];
  opened: number;
  lapses: number;
  status: 'pending' | 'approved' | 'denied' | 'cancelled' | 'lapsed';
  votes: Vote[];
  /** The step that is waited for, as far as reminders and escalations are concerned. */
  clock?: { step: number; since: number; reminded?: number } | undefined;
  escalated: { step: number; since: number; to: readonly Principal[] }[];
  extends?: { grant: Grant; until: number; whole: number } | undefined;
  emergency?: { reviewers: readonly Principal[]; reviewed: boolean } | undefined;
}

export interface Grant {
  request: Request;
  status: 'provisioning' | 'active' | 'revoking' | 'ended';
  approved: number;
  ends: number;
  extended: number;
  /** By target. */
  holds: { target: string; key: string; is: 'pending' | 'given' | 'over' }[];
}

interface Delegation {
  who: string;
  to: string;
  since: number;
  until: number;
}

/** One piece of work at a target: a permission to be given, or taken away. */
interface Work {
  give: boolean;
  grant: Grant;
  hold: Grant['holds'][number];
}

export type Outcome = 'done' | string;

export class Model {
  readonly requests: Request[] = [];
  readonly grants: Grant[] = [];
  /** By target: `role account`. */
  readonly there: Record<string, Set<string>> = { db: new Set(), ci: new Set() };
  readonly health: Record<string, 'up' | 'down' | 'refuses'> = { db: 'up', ci: 'up' };
  policies: Policies;
  now: number;
  #delegations: Delegation[] = [];
  /** The outbox, oldest first. */
  #work: Work[] = [];

  constructor(policies: Policies, now: number) {
    this.policies = policies;
    this.now = now;
  }

  /** New policies, or the old ones when those do not load. */
  reload(policies: Policies): void {
    if (loads(policies)) this.policies = policies;
  }

  ask(who: string, access: string, minutes: number | undefined, reason: string, ticket?: string): Outcome {
    const said = answer(this.policies, this.#question({ who, access, minutes, reason, ticket }));
    if ('refused' in said) return said.refused;
    if (this.#waits(who, access)) return 'already-pending';
    this.#open({ who, access, reason, ticket }, said);
    return 'done';
  }

  emergency(who: string, access: string, minutes: number | undefined, reason: string): Outcome {
    const said = emergencyAnswer(this.policies, this.#question({ who, access, minutes, reason }));
    if ('refused' in said) return said.refused;
    const { breakGlass, flows = [] } = this.policies.accesses[access] ?? {};
    const quota = breakGlass?.quota;
    const recent = this.requests.filter(
      (one) =>
        one.emergency && one.who === who && one.access === access && one.opened + (quota?.per ?? 0) * MINUTE > this.now,
    );
    if (quota && recent.length >= quota.times) return 'quota-used';
    const reviewers = flows.flatMap(({ steps }) => steps.flatMap(({ approvers }) => approvers));
    const emergency = { reviewers: this.#withOwners(reviewers, access), reviewed: false };
    this.#open({ who, access, reason, emergency }, said);
    return 'done';
  }

  extend(who: string, grant: Grant): Outcome {
    if (!this.#known(who)) return 'unknown-person';
    const { request } = grant;
    if (request.who !== who) return 'not-your-grant';
    if (grant.status === 'provisioning') return 'not-extendable';
    if (!this.#runs(grant)) return 'already-ending';
    const rule = this.policies.accesses[request.access]?.extend;
    if (!rule) return 'not-extendable';
    if (grant.extended >= rule.times) return 'no-extensions-left';
    const until = grant.ends + rule.by * MINUTE;
    const whole = (until - grant.approved) / MINUTE;
    const { access, reason, ticket } = request;
    const said = extensionAnswer(this.policies, {
      ...this.#question({ who, access, reason, ticket }),
      minutes: whole,
    });
    if ('refused' in said) return said.refused;
    if (this.#waits(who, access)) return 'already-pending';
    this.#open({ who, access, reason, ticket, extends: { grant, until, whole } }, { ...said, minutes: rule.by });
    return 'done';
  }

  vote(who: string, request: Request, approves: boolean): Outcome {
    if (!this.#known(who)) return 'unknown-person';
    if (request.status === 'lapsed' || (request.status === 'pending' && this.now >= request.lapses))
      return 'request-lapsed';
    if (request.status !== 'pending') return 'already-decided';
    if (request.extends && !this.#runs(request.extends.grant)) return 'already-ending';
    if (who === request.who) return 'own-request';
    if (request.votes.some((vote) => vote.who === who || vote.seat === who)) return 'already-voted';

    const seat = this.seatFor(who, request);
    if (seat === undefined) {
      const later = request.steps.slice(this.#openStep(request) + 1);
      const waits = later.some((_, index) => this.#fits(request, who, who, this.#openStep(request) + 1 + index));
      return waits ? 'step-not-open' : 'not-an-approver';
    }
    if (approves && 'refused' in this.#judged(request, this.now)) return 'policy-changed';
    request.votes.push({ who, seat, approves, step: this.#openStep(request) });
    if (!approves) request.status = 'denied';
    else if (this.#allowed(request, this.now)) this.#approve(request);
    else this.#stepOpens(request);
    return 'done';
  }

  /** Whose seat this person would fill by voting now: their own, or that of somebody who is away. */
  seatFor(who: string, request: Request): string | undefined {
    const helps = (seat: string): boolean => {
      const open = this.#openStep(request);
      if (open < request.steps.length) return this.#fits(request, who, seat, open);
      return this.#helpsCurrent(request, who, seat);
    };
    if (helps(who)) return who;
    if (!request.steps.some(({ delegation }) => delegation)) return undefined;
    return this.#delegations
      .filter(({ to, since, until }) => to === who && since <= this.now && this.now < until)
      .map((one) => one.who)
      .find(
        (away) =>
          away !== request.who && !request.votes.some((vote) => vote.who === away || vote.seat === away) && helps(away),
      );
  }

  /** `/access revoke`. */
  withdraw(who: string, access: string): Outcome {
    if (!this.#known(who)) return 'unknown-person';
    const mine = this.grants.filter(
      ({ request, status }) => request.who === who && request.access === access && status !== 'ended',
    );
    const running = mine.filter(({ status }) => status !== 'revoking');
    const asked = this.requests.filter(
      (one) => one.who === who && one.access === access && one.status === 'pending' && this.now < one.lapses,
    );
    for (const grant of running) this.#end(grant);
    for (const request of asked) request.status = 'cancelled';
    if (running.length + asked.length > 0) return 'done';
    return mine.length > 0 ? 'already-ending' : 'no-such-grant';
  }

  end(who: string, grant: Grant): Outcome {
    if (!this.#known(who)) return 'unknown-person';
    if (grant.request.who !== who) return 'not-your-grant';
    if (grant.status === 'revoking' || grant.status === 'ended') return 'already-ending';
    this.#end(grant);
    return 'done';
  }

  review(who: string, request: Request): Outcome {
    if (!this.#known(who)) return 'unknown-person';
    const { emergency } = request;
    if (!emergency) return 'not-reviewable';
    if (who === request.who) return 'own-request';
    if (emergency.reviewed) return 'already-reviewed';
    if (!isApprover(this.policies, { approvers: emergency.reviewers }, who, aboutOf(request))) return 'not-an-approver';
    emergency.reviewed = true;
    return 'done';
  }

  away(who: string, to: string, minutes: number): Outcome {
    if (!this.#known(who)) return 'unknown-person';
    if (!this.#known(to) || who === to) return 'invalid-delegation';
    const handed = { who, to, since: this.now, until: this.now + minutes * MINUTE };
    const place = this.#delegations.findIndex((one) => one.who === who);
    if (place === -1) this.#delegations.push(handed);
    else this.#delegations[place] = handed;
    return 'done';
  }

  back(who: string): Outcome {
    if (!this.#known(who)) return 'unknown-person';
    const mine = this.#delegations.find((one) => one.who === who && this.now < one.until);
    if (!mine) return 'invalid-delegation';
    mine.until = this.now;
    return 'done';
  }

  tick(): void {
    for (const grant of this.grants) {
      if ((grant.status === 'provisioning' || grant.status === 'active') && grant.ends <= this.now)
        this.#end(grant, true);
    }
    for (const request of this.requests) {
      if (request.status === 'pending' && request.lapses <= this.now) request.status = 'lapsed';
      if (request.status === 'pending') this.#nudge(request);
    }
    for (const one of this.#delegations) if (one.until <= this.now) one.until = Number.NEGATIVE_INFINITY;
  }

  /** The worker: each entitlement's work in its order; what fails, and what stands behind it, is left for the next time. */
  work(): void {
    const stuck = new Set<string>();
    for (let index = 0; index < this.#work.length; ) {
      const one = this.#work[index] as Work;
      const order = `${one.hold.target} ${one.hold.key}`;
      const done = !stuck.has(order) && (one.give ? this.#give(one.grant, one.hold) : this.#take(one.grant, one.hold));
      if (!done) stuck.add(order);
      // What was done may have made work in front of what is looked at next: from the beginning.
      if (done) this.#work.splice(this.#work.indexOf(one), 1);
      index = done ? 0 : index + 1;
    }
  }

  /** Done, or left. */
  #give(grant: Grant, hold: Grant['holds'][number]): boolean {
    if (grant.status !== 'provisioning' || this.now >= grant.ends) return true;
    if (!this.#allowed(grant.request, grant.approved)) {
      this.#end(grant);
      return true;
    }
    const health = this.health[hold.target];
    if (health === 'down') return false;
    if (health === 'refuses') {
      this.#end(grant);
      return true;
    }
    this.there[hold.target]?.add(hold.key);
    hold.is = 'given';
    if (grant.holds.every(({ is }) => is === 'given')) grant.status = 'active';
    return true;
  }

  #take(grant: Grant, hold: Grant['holds'][number]): boolean {
    const others = this.grants.some(
      (other) =>
        (other.status === 'provisioning' || other.status === 'active') &&
        other.holds.some(({ target, key }) => target === hold.target && key === hold.key),
    );
    if (!others) {
      if (this.health[hold.target] === 'down') return false;
      this.there[hold.target]?.delete(hold.key);
    }
    hold.is = 'over';
    if (grant.holds.every(({ is }) => is === 'over')) grant.status = 'ended';
    return true;
  }

  #question(asked: Pick<Request, 'who' | 'access' | 'reason' | 'ticket'> & { minutes?: number | undefined }): Question {
    return { ...asked, now: new Date(this.now) };
  }

  #known(who: string): boolean {
    const person = personNamed(this.policies, who);
    return person?.inSlack === true && !person.disabled;
  }

  #runs = (grant: Grant): boolean => grant.status === 'active' && this.now < grant.ends;

  /** Does a request of theirs stand in the way? One whose time is over lapses here. */
  #waits(who: string, access: string): boolean {
    const pending = this.requests.find((one) => one.who === who && one.access === access && one.status === 'pending');
    if (pending && pending.lapses <= this.now) pending.status = 'lapsed';
    return pending?.status === 'pending';
  }

  #open(
    asked: Pick<Request, 'who' | 'access' | 'reason' | 'ticket' | 'extends' | 'emergency'>,
    said: Exclude<Answer, { refused: string }>,
  ): void {
    const lapses = this.now + said.timeout * MINUTE;
    const ends = asked.extends?.grant.ends ?? lapses;
    const steps = said.steps.map((step) => ({
      ...step,
      approvers: this.#withOwners(step.approvers, asked.access),
      escalate: step.escalate && { ...step.escalate, to: this.#withOwners(step.escalate.to, asked.access) },
    }));
    const nudged = steps.some(({ remindEvery, escalate }) => remindEvery !== undefined || escalate);
    const request: Request = {
      ...asked,
      minutes: said.minutes,
      gives: asked.extends?.grant.request.gives ?? this.policies.accesses[asked.access]?.grants ?? [],
      steps,
      opened: this.now,
      lapses: Math.min(lapses, ends),
      status: 'pending',
      votes: [],
      clock: nudged ? { step: 0, since: this.now } : undefined,
      escalated: [],
    };
    this.requests.push(request);
    if (steps.length > 0) return;
    const policy = `policy:${asked.access}`;
    request.votes.push({ who: policy, seat: policy, approves: true, step: 0 });
    this.#approve(request);
  }

  #approve(request: Request): void {
    request.status = 'approved';
    if (request.extends) {
      request.extends.grant.ends = request.extends.until;
      request.extends.grant.extended += 1;
      return;
    }
    const holds = request.gives.map(({ target, role }) => ({
      target,
      key: `${role} ${request.who}`,
      is: 'pending' as const,
    }));
    const grant: Grant = {
      request,
      status: 'provisioning',
      approved: this.now,
      ends: this.now + request.minutes * MINUTE,
      extended: 0,
      holds,
    };
    this.grants.push(grant);
    for (const hold of grant.holds) this.#work.push({ give: true, grant, hold });
  }

  /** With its time the extension that waits for it lapses by itself; ended earlier, it is withdrawn. */
  #end(grant: Grant, byTime = false): void {
    const waiting = this.requests.find((one) => one.extends?.grant === grant && one.status === 'pending');
    if (waiting && !byTime) waiting.status = 'cancelled';
    grant.status = 'revoking';
    for (const hold of grant.holds) this.#work.push({ give: false, grant, hold });
  }

  /** `owner` is whoever owns the target when the request is opened. */
  #withOwners(principals: readonly Principal[], access: string): Principal[] {
    const owners = targetsOf(this.policies, access).flatMap((target) => this.policies.targets[target] ?? []);
    return principals.flatMap((one) => (one === 'owner' ? owners : [one]));
  }

  /** What the policies of now would say if it were asked at some moment. */
  #judged({ who, access, minutes, reason, ticket, extends: extension, emergency }: Request, at: number): Answer {
    const question = { who, access, minutes, reason, ticket, now: new Date(at) };
    if (extension) {
      const said = extensionAnswer(this.policies, { ...question, minutes: extension.whole });
      const rule = this.policies.accesses[access]?.extend;
      if ('refused' in said || !rule) return said;
      if (minutes > rule.by) return { refused: 'too-long' };
      return extension.grant.extended >= rule.times ? { refused: 'no-extensions-left' } : said;
    }
    return emergency ? emergencyAnswer(this.policies, question) : answer(this.policies, question);
  }

  /** Could a vote of somebody for some seat fill a seat of this step now? */
  #mayFill(request: Request, who: string, seat: string, step: Step): boolean {
    const may = isApprover(this.policies, step, seat, aboutOf(request));
    return seat === who ? may : may && step.delegation && mayVote(this.policies, who, request.who);
  }

  #fits = (request: Request, who: string, seat: string, index: number): boolean =>
    this.#mayFill(request, who, seat, grown(request, index));

  #filled(request: Request, index: number): boolean {
    const { need } = request.steps[index] as Step;
    const seats = request.votes.filter(
      (vote) => vote.approves && vote.step === index && this.#fits(request, vote.who, vote.seat, index),
    );
    return seats.length >= need;
  }

  /** The first step that is not filled. */
  #openStep(request: Request): number {
    const open = request.steps.findIndex((_, index) => !this.#filled(request, index));
    return open === -1 ? request.steps.length : open;
  }

  /** Meaning 9: both the flow that it was asked under and the policies of now. */
  #allowed(request: Request, at: number): boolean {
    const current = this.#judged(request, at);
    if ('refused' in current) return false;
    const gives = this.policies.accesses[request.access]?.grants ?? [];
    const listed = request.gives.every(({ target, role }) =>
      gives.some((one) => one.target === target && one.role === role),
    );
    if (!listed || this.#openStep(request) < request.steps.length) return false;
    return this.#empty(request, current.steps, request.votes, at) === 0;
  }

  /** How many seats of the current flow stay empty, however the voters are placed. */
  #empty(request: Request, current: readonly Step[], votes: readonly Pick<Vote, 'who' | 'seat'>[], at: number): number {
    const steps = this.#escalatedNow(request, current, at);
    const place = (seats: readonly Step[], left: typeof votes): number => {
      const [first, ...rest] = seats;
      if (!first) return 0;
      const taken = left
        .filter(({ who, seat }) => this.#mayFill(request, who, seat, first))
        .map((vote) =>
          place(
            rest,
            left.filter((one) => one !== vote),
          ),
        );
      return Math.min(1 + place(rest, left), ...taken);
    };
    return place(
      seatsOf(steps, (step) => step),
      votes,
    );
  }

  /** Escalated are the steps of the current flow that would have by now, and only to those whom it names. */
  #escalatedNow = (request: Request, current: readonly Step[], at: number): Step[] =>
    current.map((step, index) => {
      const escalated = request.escalated.find((one) => one.step === index);
      const { escalate } = step;
      if (!escalated || !escalate || at - escalated.since < escalate.after * MINUTE) return step;
      return { ...step, approvers: [...step.approvers, ...escalate.to] };
    });

  /** When only the policies of now ask for more: whoever fills one of their seats, or, if they do not any more, may. */
  #helpsCurrent(request: Request, who: string, seat: string): boolean {
    const current = this.#judged(request, this.now);
    if ('refused' in current) return false;
    const before = this.#empty(request, current.steps, request.votes, this.now);
    const after = this.#empty(request, current.steps, [...request.votes, { who, seat }], this.now);
    if (before > 0) return after < before;
    return this.#escalatedNow(request, current.steps, this.now).some((step) => this.#mayFill(request, who, seat, step));
  }

  #stepOpens(request: Request): void {
    const open = this.#openStep(request);
    if (request.clock && request.clock.step !== open) request.clock = { step: open, since: this.now };
  }

  /** One reminder or escalation at a time; whichever is due shows that another step is open now, too. */
  #nudge(request: Request): void {
    const { clock } = request;
    const step = clock && request.steps[clock.step];
    if (!clock || !step) return;
    const remindAt = (clock.reminded ?? clock.since) + (step.remindEvery ?? Number.POSITIVE_INFINITY) * MINUTE;
    const done = request.escalated.some((one) => one.step === clock.step);
    const { escalate } = step;
    const escalateAt = escalate && !done ? clock.since + escalate.after * MINUTE : Number.POSITIVE_INFINITY;
    const due = [remindAt, escalateAt].filter((at) => at <= this.now && at < request.lapses);
    if (due.length === 0) return;
    if (clock.step !== this.#openStep(request)) {
      this.#stepOpens(request);
      return;
    }
    if (escalate && escalateAt <= this.now)
      request.escalated.push({ step: clock.step, since: clock.since, to: escalate.to });
    clock.reminded = this.now;
  }
}

const aboutOf = ({ who, gives }: Request): About => ({ requester: who, targets: gives.map(({ target }) => target) });

/** A step of a request with those whom it escalated to. */
function grown(request: Request, index: number): Step {
  const step = request.steps[index] as Step;
  const joined = request.escalated.flatMap((one) => (one.step === index ? one.to : []));
  return { ...step, approvers: [...step.approvers, ...joined] };
}

/** Longer than a claim, and than a call that nobody answered may still arrive in. */
export const A_WHILE = 80 * SECOND;
