import { formatDuration } from '../../domain/duration.ts';
import { principalText } from '../../domain/principal.ts';
import { candidates } from '../eligibility.ts';
import { type Problem, problem } from '../problems.ts';
import type { ReadableAccess } from '../schema/access.ts';
import type { ReadableFlow, ReadableStep } from '../schema/flow.ts';
import { isRead, readOnes, type Unread } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import type { AtBest, TargetNames } from './at-best.ts';

type Flows = Pick<ReadableAccess, 'flows'>;

/** The steps of an access or an action that can be read, each with its flow and where it stands. */
function* stepsOf({ flows }: Flows): Iterable<{ flow: ReadableFlow; step: ReadableStep; path: PropertyKey[] }> {
  for (const [index, flow] of (isRead(flows) ? flows : []).entries()) {
    if (!isRead(flow) || !flow.steps || !isRead(flow.steps)) continue;
    for (const [number, step] of flow.steps.entries()) {
      if (isRead(step)) yield { flow, step, path: ['flows', index, 'steps', number] };
    }
  }
}

/** Reminders and escalations that could never come: whoever wrote them counts on them. */
export function nudgesTooLate({ positions }: YamlDocument, access: Flows): Problem[] {
  const problems: Problem[] = [];
  for (const { flow, step, path } of stepsOf(access)) {
    const { timeout } = flow;
    if (!isRead(timeout)) continue;
    const check = (ms: number | Unread | undefined, what: string, at: readonly string[]): void => {
      if (ms === undefined || !isRead(ms) || ms < timeout) return;
      const sentence = `The request lapses after ${formatDuration(timeout)}, so ${what} would never come: make it shorter, or the flow’s \`timeout\` longer.`;
      problems.push(problem(positions.value([...path, ...at]), 'after-timeout', sentence));
    };
    check(step.remind_every, 'this reminder', ['remind_every']);
    if (step.escalate && isRead(step.escalate)) {
      check(step.escalate.after, 'this escalation', ['escalate', 'after']);
    }
  }
  return problems;
}

/** Escalations to nobody. NB. disabled people count, as in `unfillableFlows`: disabling somebody must not break the folder. */
export function emptyEscalations(
  { positions }: YamlDocument,
  access: Flows,
  { best, targets }: { best: AtBest; targets: TargetNames },
): Problem[] {
  const problems: Problem[] = [];
  for (const { step, path } of stepsOf(access)) {
    if (!step.escalate || !isRead(step.escalate)) continue;
    const { to } = step.escalate;
    const named = readOnes(to);
    // Who is in a live group changes without the files; that nobody is named is the list's own problem.
    if (named.length === 0 || best.mayName(to, targets)) continue;
    // A requester who has a manager may come; so only what is empty for everybody is judged.
    if (named.some(({ kind }) => kind === 'manager')) continue;
    const context = { requester: '', targets: readOnes(targets) };
    const options = { most: 1, disabledToo: true };
    if (candidates(best.who, { approvers: named, need: 1 }, context, options).length > 0) continue;
    const sentence = `There is nobody in ${named.map(principalText).join(', ')} who could approve, so this would escalate to nobody. Add people, or name others.`;
    problems.push(problem(positions.value([...path, 'escalate', 'to']), 'empty-group', sentence));
  }
  return problems;
}
