import { type Problem, problem } from '../problems.ts';
import type { ReadableFlow, ReadableFlows } from '../schema/flow.ts';
import { isRead, type Unread } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** What the parts of each flow mean together, and the flows of one access or action (`what`). */
export function flowSense(
  { positions }: YamlDocument,
  flows: ReadableFlows | Unread,
  what: 'access' | 'action',
): Problem[] {
  const problems: Problem[] = [];
  const say = (at: 'key' | 'value', path: PropertyKey[], code: Problem['code'], sentence: string): void => {
    problems.push(problem(positions[at](path), code, sentence));
  };
  const names = new Set<string>();
  for (const [index, flow] of (isRead(flows) ? flows : []).entries()) {
    if (!isRead(flow)) continue;
    const { name, auto_approve, steps } = flow;
    if (isRead(name)) {
      if (names.has(name)) {
        const sentence = `Two flows of this ${what} are called \`${name}\`: the record of an approval names the flow, so rename one.`;
        say('value', ['flows', index, 'name'], 'duplicate-flow', sentence);
      }
      names.add(name);
    }
    if (auto_approve === true && steps !== undefined && positions.has(['flows', index, 'steps'])) {
      const sentence = 'A flow either approves by itself or has steps: remove `auto_approve` or `steps`.';
      say('key', ['flows', index, 'auto_approve'], 'auto-approve-with-steps', sentence);
    }
    if (approvesNothing(flow)) {
      const sentence = 'This flow could never approve anything: give it `steps`, or `auto_approve: true`.';
      say('value', ['flows', index], 'flow-without-approval', sentence);
    }
  }
  return problems;
}

const approvesNothing = (flow: ReadableFlow): boolean =>
  isRead(flow.auto_approve) && flow.auto_approve !== true && asksNobody(flow);

export const asksNobody = ({ steps }: ReadableFlow): boolean => isRead(steps) && (steps ?? []).length === 0;
