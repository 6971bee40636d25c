import type { Asked } from '../../app/request-access.ts';
import { principalText } from '../../domain/principal.ts';
import { refused } from '../answers.ts';
import type { Rendered } from '../blocks.ts';
import { code, escaped } from '../escape.ts';
import { principals, when } from '../words.ts';

/** What the requester is told right after asking. */
export function askedAnswer(asked: Asked): Rendered | undefined {
  if (asked.kind === 'replayed') return undefined;
  if (asked.kind === 'refused') return refused(asked.refusal, asked.others);
  const { access, flow, channel, lapsesAt, extension, emergency } = asked.request;
  if (extension && flow.autoApprove) return { text: `${code(access)} is extended: it ends ${when(extension.until)}.` };
  if (emergency) {
    return {
      text: `${code(access)} is being given now. Everybody who approves it is told, and one of them reviews it by ${when(emergency.reviewBy)}. I send you a message when it is there.`,
    };
  }
  if (flow.autoApprove) {
    return {
      text: `${code(access)} is approved automatically and being given now. I send you a message when it is there.`,
    };
  }
  const first = flow.steps[0];
  const who = first ? `${first.need} of ${principals(first.approvers.map(principalText), 'or')}` : 'the approvers';
  const where =
    channel === undefined ? 'directly' : `in ${channel.startsWith('#') ? escaped(channel) : `<#${channel}>`}`;
  const what = extension ? `extending ${code(access)} until ${when(extension.until)}` : code(access);
  return {
    text: `Asked ${where}: ${what} needs ${who}${flow.steps.length > 1 ? ' first' : ''}. It lapses ${when(lapsesAt)} if nobody answers. I tell you the outcome.`,
  };
}
