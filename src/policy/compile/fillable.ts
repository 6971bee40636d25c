import { principalText } from '../../domain/principal.ts';
import type { Step } from '../../domain/request.ts';
import { askers } from '../eligibility.ts';
import { LIMITS } from '../limits.ts';
import { type Problem, problem } from '../problems.ts';
import type { ReadableAccess } from '../schema/access.ts';
import type { ReadableFlow, ReadableStep } from '../schema/flow.ts';
import { type Unfillable, unfillable } from '../seats.ts';
import { isRead, readOnes, type Unread } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import type { AtBest, TargetNames } from './at-best.ts';

interface Judge {
  readonly best: AtBest;
  /** Of the access. */
  readonly targets: TargetNames;
}

/** What has flows that people can ask to go through. NB. for what callers ask, nobody of the directory is left out. */
type Asked = Pick<ReadableAccess, 'flows' | 'requesters' | 'deny'>;

/**
 * Flows that nobody's request could ever get through, because a step asks for more people than there are. With a
 * requester for whom it works the flow is good; the others are told when they ask.
 *
 * NB. Disabled people count here, as approvers and as requesters. Otherwise disabling the last member of a group would make the folder fail to load,
 * the last good set would stay in force, and the person who was to be shut out would keep their rights.
 */
export function unfillableFlows({ positions }: YamlDocument, access: Asked, judge: Judge): Problem[] {
  return (isRead(access.flows) ? access.flows : []).flatMap((flow, index) => {
    if (!isRead(flow) || (flow.auto_approve ?? false) !== false || !flow.steps || !isRead(flow.steps)) return [];
    // Of too many steps some will go, and nobody can say which.
    if (flow.steps.length > LIMITS.steps) return [];
    const problems: Problem[] = [];
    const steps = flow.steps.map((step) => judgedStep(step, judge));
    for (;;) {
      const short = shortForAll(access, steps, judge);
      const step = short && steps[short.step];
      if (!step) return problems;
      const sentence = shortSentence(step, short.eligible, needIsRead(flow, short.step));
      const code = short.eligible === 0 ? 'empty-group' : 'too-few-approvers';
      if (sentence !== undefined) {
        problems.push(problem(positions.value(['flows', index, 'steps', short.step]), code, sentence));
      }
      // The others may be short without it, too.
      steps[short.step] = NO_SEATS;
    }
  });
}

function shortSentence({ approvers, need }: Step, eligible: number, needIsKnown: boolean): string | undefined {
  const named = approvers.map(principalText).join(', ');
  const way = 'Add people, name other approvers, or ask for fewer.';
  if (eligible === 0) return `Nobody can fill this step: there is nobody in ${named} who could approve. ${way}`;
  if (!needIsKnown) return undefined;
  const why =
    eligible < need
      ? `${named} gives ${eligible}`
      : 'the people who could are needed in the other steps, and one person fills one seat';
  return `This step needs ${need}, but ${why}. The requester never counts. ${way}`;
}

const NO_SEATS: Step = { approvers: [], need: 0 };

/**
 * A step as far as it is certain: one seat where their number cannot be read, and none where more people may come than are
 * known. Whether a live source knows enough of them is seen when somebody asks, and changes without the files.
 */
function judgedStep(step: ReadableStep | Unread, { best, targets }: Judge): Step {
  const approvers = isRead(step) ? readOnes(step.approvers) : [];
  // That a list is empty is its own problem: it is mended by naming somebody.
  const certain = isRead(step) && approvers.length > 0 && !best.mayName(step.approvers, targets);
  if (!certain) return NO_SEATS;
  return { approvers, need: isRead(step.need) ? step.need : 1 };
}

function needIsRead({ steps }: ReadableFlow, index: number): boolean {
  const step = steps && isRead(steps) ? steps[index] : undefined;
  return step !== undefined && isRead(step) && isRead(step.need);
}

/**
 * Everybody who may ask, disabled or not; when nobody may, or when that cannot be told, everybody and somebody from
 * outside, so that the flow is judged all the same.
 */
function* requesters(access: Asked, { best, targets }: Judge): Iterable<string> {
  let any = false;
  if (!best.mayName(access.requesters, targets) && !best.mayName(access.deny, targets)) {
    const lists = {
      requesters: readOnes(access.requesters),
      deny: readOnes(access.deny),
      targets: readOnes(targets),
    };
    for (const { email } of askers(best.who, lists, { disabledToo: true })) {
      any = true;
      yield email;
    }
  }
  if (!any) yield* [...best.who.directory.people.map(({ email }) => email), ''];
}

function shortForAll(access: Asked, steps: readonly Step[], judge: Judge): Unfillable | undefined {
  const { best } = judge;
  const targets = readOnes(judge.targets);
  let least: Unfillable | undefined;
  for (const requester of requesters(access, judge)) {
    const short = unfillable(best.who, steps, { requester, targets }, { disabledToo: true });
    if (!short) return undefined;
    if (!least || short.eligible > least.eligible) least = short;
  }
  return least;
}
