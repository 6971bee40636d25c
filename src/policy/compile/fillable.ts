import { principalText } from '../../domain/principal.ts';
import type { Flow } from '../../domain/request.ts';
import { askers, type Who } from '../eligibility.ts';
import { mayGrow } from '../gaps.ts';
import type { AccessPolicy } from '../policy-set.ts';
import { type Problem, problem } from '../problems.ts';
import { type Unfillable, unfillable } from '../seats.ts';

/**
 * Flows that nobody's request could ever get through, because a step asks for more people than there are. With a
 * requester for whom it works the flow is good; the others are told when they ask.
 *
 * NB. Disabled people count here, as approvers and as requesters. Otherwise disabling the last member of a group would make the folder fail to load,
 * the last good set would stay in force, and the person who was to be shut out would keep their rights.
 */
export function unfillableFlows(who: Who, access: AccessPolicy): Problem[] {
  return access.flows.flatMap((flow, index) => {
    const short = flow.autoApprove ? undefined : shortForAll(who, access, judgedNow(who, access, flow));
    const step = short && flow.steps[short.step];
    if (!step) return [];
    const place = access.places.steps[index]?.[short.step] ?? access.places.flows;
    const named = step.approvers.map(principalText).join(', ');
    const way = 'Add people, name other approvers, or ask for fewer.';
    if (short.eligible === 0) {
      return [
        problem(
          place,
          'empty-group',
          `Nobody can fill this step: there is nobody in ${named} who could approve. ${way}`,
        ),
      ];
    }
    const why =
      short.eligible < step.need
        ? `${named} gives ${short.eligible}`
        : 'the people who could are needed in the other steps, and one person fills one seat';
    return [
      problem(
        place,
        'too-few-approvers',
        `This step needs ${step.need}, but ${why}. The requester never counts. ${way}`,
      ),
    ];
  });
}

/**
 * The flow without the seats that members from a live source may fill: whether there are enough of them is seen when
 * somebody asks, and changes without the files.
 */
const judgedNow = (who: Who, access: AccessPolicy, flow: Flow): Flow => ({
  ...flow,
  steps: flow.steps.map((step) => (mayGrow(who, step.approvers, access.targets) ? { ...step, need: 0 } : step)),
});

/** Everybody who may ask, disabled or not; when nobody may, somebody from outside, so that the flow is judged all the same. */
function* requesters(who: Who, access: AccessPolicy): Iterable<string> {
  let any = false;
  for (const { email } of askers(who, access, { disabledToo: true })) {
    any = true;
    yield email;
  }
  if (!any) yield* [...who.directory.people.map(({ email }) => email), ''];
}

function shortForAll(who: Who, access: AccessPolicy, flow: Flow): Unfillable | undefined {
  let best: Unfillable | undefined;
  for (const requester of requesters(who, access)) {
    const short = unfillable(who, flow.steps, { requester, targets: access.targets }, { disabledToo: true });
    if (!short) return undefined;
    if (!best || short.eligible > best.eligible) best = short;
  }
  return best;
}
