import { type Problem, problem } from '../problems.ts';
import type { ReadableAccess } from '../schema/access.ts';
import type { ReadableFlow } from '../schema/flow.ts';
import { isRead } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import { asksNobody, flowSense } from './flow-sense.ts';

/**
 * What the parts of an access mean together. Judged on the parts that can be read: a part that cannot says nothing, and
 * neither does its seeming to be absent.
 */
export function accessSense(document: YamlDocument, access: ReadableAccess): Problem[] {
  const { positions } = document;
  const problems = flowSense(document, access.flows, 'access');
  const say = (at: 'key' | 'value', path: PropertyKey[], code: Problem['code'], sentence: string): void => {
    problems.push(problem(positions[at](path), code, sentence));
  };

  const { default: usual, max, extend } = isRead(access.duration) ? access.duration : NOTHING;
  if (isNumber(max)) {
    if (isNumber(usual) && usual > max) {
      const sentence = 'The default is longer than `max`: lower it, or raise `max`.';
      say('value', ['duration', 'default'], 'default-over-max', sentence);
    }
    if (extend && isRead(extend) && isNumber(extend.by) && extend.by > max) {
      const sentence = 'One extension is longer than `max`: lower `by`, or raise `max`.';
      say('value', ['duration', 'extend', 'by'], 'out-of-range', sentence);
    }
  }

  const { break_glass, flows } = access;
  const somebodyMay = break_glass && isRead(break_glass) && isRead(break_glass.allow) && break_glass.allow.length > 0;
  const alwaysAlone = (flow: ReadableFlow): boolean => flow.auto_approve === true && asksNobody(flow);
  if (somebodyMay && isRead(flows) && flows.every((flow) => isRead(flow) && alwaysAlone(flow))) {
    const sentence =
      'Nobody could review an emergency: its reviewers are the approvers, and no flow has `steps`. Add a flow that has.';
    say('key', ['break_glass'], 'no-reviewers', sentence);
  }
  return problems;
}

const NOTHING = { default: undefined, max: undefined, extend: undefined };

const isNumber = (value: unknown): value is number => typeof value === 'number';
