import { type Condition, OFFICE_HOURS, type Person, type Policies, type Principal, type Step } from './policies.ts';

// The rules of the policy language once more, from its documentation and not from the code: as plainly as they can be said,
// as slow as they like, and without a line of src/. What the product decides is held against this.

export interface Question {
  /** A name; it need not be in the directory. */
  readonly who: string;
  readonly access: string;
  /** Absent: the default. */
  readonly minutes?: number | undefined;
  readonly reason: string;
  readonly ticket?: string | undefined;
  /** In UTC. */
  readonly now: Date;
}

export type Answer =
  | { readonly refused: string }
  | { readonly flow: string; readonly steps: readonly Step[]; readonly minutes: number; readonly timeout: number };

export const personNamed = ({ people }: Policies, name: string): Person | undefined =>
  people.find((one) => one.name === name);

/** About whom and what a principal speaks. */
export interface About {
  readonly requester: string;
  readonly targets: readonly string[];
}

export const targetsOf = (policies: Policies, access: string): string[] =>
  policies.accesses[access]?.grants.map(({ target }) => target) ?? [];

/** Does a principal name this person? */
export function names(policies: Policies, principal: Principal, who: string, about: About): boolean {
  if (!personNamed(policies, who)) return false;
  const [kind, name = ''] = principal.split(':');
  if (kind === 'everyone') return true;
  if (kind === 'user') return name === who;
  if (kind === 'group') return policies.groups[name]?.includes(who) ?? false;
  if (kind === 'manager') return personNamed(policies, about.requester)?.manager === who;
  return about.targets.some((target) => {
    const owner = policies.targets[target];
    return owner !== undefined && names(policies, owner, who, about);
  });
}

export const namesAny = (policies: Policies, principals: readonly Principal[], who: string, about: About): boolean =>
  principals.some((one) => names(policies, one, who, about));

/** Can this person's vote count at all? Somebody enabled and in Slack, and never the requester. */
export function mayVote(policies: Policies, who: string, requester: string): boolean {
  const person = personNamed(policies, who);
  return person !== undefined && !person.disabled && person.inSlack && who !== requester;
}

/** Is this person an approver of a step now? */
export const isApprover = (policies: Policies, step: Pick<Step, 'approvers'>, who: string, about: About): boolean =>
  mayVote(policies, who, about.requester) && namesAny(policies, step.approvers, who, about);

/** Can different people of these take all seats? By trying everything. */
function seatable(seats: readonly ((who: string) => boolean)[], people: readonly string[]): boolean {
  const [first, ...rest] = seats;
  if (!first) return true;
  return people.some(
    (who) =>
      first(who) &&
      seatable(
        rest,
        people.filter((one) => one !== who),
      ),
  );
}

/** A seat for each that a step needs. */
export const seatsOf = <Seat>(steps: readonly Step[], seat: (step: Step) => Seat): Seat[] =>
  steps.flatMap((step) => Array.from({ length: step.need }, () => seat(step)));

function fillable(policies: Policies, steps: readonly Step[], about: About): boolean {
  const everybody = policies.people.map(({ name }) => name);
  return seatable(
    seatsOf(steps, (step) => (who) => isApprover(policies, step, who, about)),
    everybody,
  );
}

/** true, false, or no answer. */
function holds(policies: Policies, condition: Condition, { who, access, ticket, now }: Question, minutes: number) {
  const of = (one: Condition): boolean | undefined => {
    switch (one.is) {
      case 'at most':
        return minutes <= one.minutes;
      case 'in group':
        return policies.groups[one.group]?.includes(who) ?? false;
      case 'labelled':
        return policies.accesses[access]?.risk === one.risk;
      case 'managed':
        return personNamed(policies, who)?.manager !== undefined;
      case 'office hours':
        return now.getUTCHours() >= OFFICE_HOURS.from && now.getUTCHours() < OFFICE_HOURS.to;
      case 'ticket':
        return ticket === undefined ? undefined : ticket === one.value;
      case 'not': {
        const inner = of(one.of);
        return inner === undefined ? undefined : !inner;
      }
      case 'both':
        return one.of.every(of);
      case 'either':
        return one.of.some(of);
    }
  };
  return of(condition);
}

/** Meaning 1 to 7: who may ask for what, and which flow decides. */
export function answer(policies: Policies, question: Question): Answer {
  const { who, reason } = question;
  const person = personNamed(policies, who);
  if (!person?.inSlack || person.disabled) return { refused: 'unknown-person' };
  const access = policies.accesses[question.access];
  if (!access) return { refused: 'unknown-access' };
  const about = { requester: who, targets: targetsOf(policies, question.access) };
  if (namesAny(policies, access.deny, who, about)) return { refused: 'denied-by-policy' };
  if (!namesAny(policies, access.requesters, who, about)) return { refused: 'not-eligible' };

  const minutes = question.minutes ?? access.default;
  if (minutes > access.max) return { refused: 'too-long' };
  const said = reason.trim().length;
  if (said === 0 ? access.reason.required : said < access.reason.minLength) return { refused: 'invalid-field' };
  if (question.ticket !== undefined && !access.ticket) return { refused: 'invalid-field' };
  const ticket = question.ticket?.trim() === '' ? undefined : question.ticket;
  if (ticket !== undefined && !/^INC-[0-9]+$/.test(ticket)) return { refused: 'invalid-field' };
  if (ticket === undefined && access.ticket?.required) return { refused: 'invalid-field' };

  for (const flow of access.flows) {
    const decides = flow.when ? holds(policies, flow.when, { ...question, ticket }, minutes) : true;
    if (decides === undefined) return { refused: 'policy-error' };
    if (!decides) continue;
    if (person.noAccount && about.targets.includes('db')) return { refused: 'no-account' };
    if (!fillable(policies, flow.steps, about)) return { refused: 'no-approvers' };
    return { flow: flow.name, steps: flow.steps, minutes, timeout: flow.timeout };
  }
  return { refused: 'no-flow' };
}

/** `break_glass`: as a request of those whom `allow` names, always with a reason, approved by the policy. */
export function emergencyAnswer(policies: Policies, question: Question): Answer {
  const access = policies.accesses[question.access];
  if (!access) return answer(policies, question);
  const { breakGlass, reason, ticket } = access;
  const atOnce = {
    ...access,
    requesters: breakGlass?.allow ?? [],
    reason: { required: true, minLength: reason.minLength },
    ticket: ticket && { required: false },
    flows: [{ name: 'break-glass', steps: [], timeout: breakGlass?.reviewWithin ?? 0 }],
  };
  return answer({ ...policies, accesses: { [question.access]: atOnce } }, question);
}

/**
 * `extend`: decided as if the whole time had been asked for at once, up to the longest there is; and no grant lasts longer
 * than that and all its extensions.
 */
export function extensionAnswer(policies: Policies, question: Question & { minutes: number }): Answer {
  const access = policies.accesses[question.access];
  const minutes = Math.min(question.minutes, access?.max ?? question.minutes);
  const decided = answer(policies, { ...question, minutes });
  if ('refused' in decided) return decided;
  if (!access?.extend) return { refused: 'not-extendable' };
  const { approval, by, times } = access.extend;
  if (question.minutes > access.max + times * by) return { refused: 'too-long' };
  if (approval === 'none') return { ...decided, steps: [] };
  return approval === 'last-step' ? { ...decided, steps: decided.steps.slice(-1) } : decided;
}

/**
 * Whether a set loads: every flow could be filled for somebody who may ask (or, when nobody may, for anybody), every
 * escalation has somebody to escalate to. Disabled people count as if they were not, so that disabling never breaks a set.
 */
export function loads(policies: Policies): boolean {
  const everybody = policies.people.map(({ name }) => name);
  const enabled = { ...policies, people: policies.people.map((one) => ({ ...one, disabled: false })) };
  return Object.entries(policies.accesses).every(([name, access]) => {
    const targets = targetsOf(policies, name);
    const mayAsk = everybody.filter((who) => {
      const about = { requester: who, targets };
      return namesAny(policies, access.requesters, who, about) && !namesAny(policies, access.deny, who, about);
    });
    const askers = mayAsk.length > 0 ? mayAsk : [...everybody, ''];
    const owned = targets.some((target) => policies.targets[target] !== undefined);
    const all = [access.requesters, access.deny, access.breakGlass?.allow ?? []];
    const steps = access.flows.flatMap((flow) => flow.steps);
    const nudged = steps.flatMap(({ escalate }) => (escalate ? [escalate] : []));
    all.push(...steps.map(({ approvers }) => approvers), ...nudged.map(({ to }) => to));
    return (
      (owned || !all.flat().includes('owner')) &&
      access.flows.every((flow) => askers.some((requester) => fillable(enabled, flow.steps, { requester, targets }))) &&
      nudged.every(
        ({ to }) =>
          to.includes('manager') ||
          everybody.some((who) => isApprover(enabled, { approvers: to }, who, { requester: '', targets })),
      ) &&
      access.flows.every(({ timeout, steps: own }) =>
        own.every(({ escalate, remindEvery }) => (escalate?.after ?? 0) < timeout && (remindEvery ?? 0) < timeout),
      ) &&
      ((access.breakGlass?.allow.length ?? 0) === 0 || steps.length > 0)
    );
  });
}
