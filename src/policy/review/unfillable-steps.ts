import { principalText } from '../../domain/principal.ts';
import type { Flow } from '../../domain/request.ts';
import { type ApprovalContext, askers, candidates } from '../eligibility.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';
import type { Place } from '../positions.ts';
import { type Unfillable, unfillable } from '../seats.ts';
import { someOf } from './names.ts';
import { unknownMembers } from './unknown-members.ts';
import { type Warning, warning } from './warnings.ts';

/**
 * Flows that some of those who may ask can never get through: they are the approvers themselves, or have no manager.
 * When nobody at all could, the folder does not load; here it is about people, as they are now, disabled ones left out.
 */
export function* unfillableSteps(policies: PolicySet): Generator<Warning> {
  for (const access of policies.accesses.values()) {
    for (const [index, flow] of judged(policies, access, access.targets)) {
      const { shut, others, short } = shutOut(policies, access, flow);
      const place = short && (access.places.steps[index]?.[short.step] ?? access.places.flows);
      if (place) yield* cannotBeFilled(place, flow, short, others === 0 ? 'anybody who may ask' : someOf(shut));
    }
  }
  for (const action of policies.actions.values()) {
    for (const [index, flow] of judged(policies, action, [])) {
      const short = unfillable(policies, flow.steps, { requester: '', targets: [] });
      const place = short && (action.places.steps[index]?.[short.step] ?? action.places.flows);
      if (place) yield* cannotBeFilled(place, flow, short, 'any caller');
    }
  }
}

/** The flows whose people are known. */
const judged = (policies: PolicySet, { flows }: Pick<AccessPolicy, 'flows'>, targets: readonly string[]) =>
  [...flows.entries()].filter(
    ([, { autoApprove, steps }]) =>
      !autoApprove && !steps.some(({ approvers }) => unknownMembers(policies, { targets }, approvers)),
  );

function* cannotBeFilled(place: Place, flow: Flow, short: Unfillable, whom: string): Generator<Warning> {
  const step = flow.steps[short.step];
  if (!step) return;
  const named = step.approvers.map(principalText).join(', ');
  const left = short.eligible === 0 ? 'nobody' : String(short.eligible);
  const why =
    short.eligible < step.need
      ? `it needs ${step.need} of ${named}, and ${left} is left, the requester not counted`
      : 'those who could fill it are needed in the other steps, and one person fills one seat';
  const sentence = `This step cannot be filled for ${whom}: ${why}. Add approvers, or name others.`;
  yield warning(place, 'unfillable-step', sentence);
}

interface ShutOut {
  /** E-mails of those whose requests could only lapse. */
  shut: string[];
  /** How many may ask and are not among them. */
  others: number;
  /** Why it is so for the first of them. */
  short?: Unfillable;
}

function shutOut(policies: PolicySet, access: AccessPolicy, flow: Flow): ShutOut {
  const { targets } = access;
  const seats = flow.steps.reduce((sum, { need }) => sum + need, 0);
  const unasked: ApprovalContext = { requester: '', targets };
  // With more people than there are seats in all, a step is filled whoever asks and whoever sits elsewhere.
  const tight = flow.steps
    .map((step) => ({ step, people: candidates(policies, step, unasked, { most: seats + 1, disabledToo: false }) }))
    .filter(({ people }) => people.length <= seats);
  const result: ShutOut = { shut: [], others: 0 };
  if (tight.length === 0) return result;
  // For ten thousand who ask there are few different answers: who asks matters only as an approver, and by the manager.
  const involved = new Set(tight.flatMap(({ people }) => people.map(({ email }) => email)));
  const byManager = tight.some(({ step }) => step.approvers.some(({ kind }) => kind === 'manager'));
  const answers = new Map<string, Unfillable | undefined>();
  for (const { email, manager } of askers(policies, access, { disabledToo: false })) {
    const like = `${involved.has(email) ? email : ''} ${byManager ? manager : ''}`;
    if (!answers.has(like)) answers.set(like, unfillable(policies, flow.steps, { requester: email, targets }));
    const short = answers.get(like);
    if (short) {
      result.shut.push(email);
      result.short ??= short;
    } else result.others += 1;
  }
  return result;
}
