import type { RequestView, StoryLine } from '../../app/messages.ts';
import { context, quotation, type Rendered, section } from '../blocks.ts';
import { code, oneLine } from '../escape.ts';
import { mention, person, principals, voterName, when } from '../words.ts';
import { useStatus } from './action-lines.ts';
import { asker, endReason, seenGone, waitedFor } from './request-lines.ts';

/** One thread reply. */
export function storyMessage(view: RequestView, line: StoryLine): Rendered {
  const { request, grant, slackIds } = view;
  const say = (text: string, words?: string): Rendered =>
    words === undefined || words === '' ? { text } : { text, blocks: [section(text), quotation(words)] };
  switch (line.beat) {
    case 'vote': {
      const { vote, steps } = line;
      const who = voterName(vote, slackIds);
      if (vote.verdict === 'deny') return say(`${who} denied this request.`, vote.reason);
      const where = steps > 1 ? ` step ${Math.min(vote.step + 1, steps)} of ${steps}` : '';
      return say(`${who} approved${where}. ${whatNow(view)}`, vote.reason);
    }
    case 'reminder':
    case 'escalated': {
      const step = view.steps[line.step];
      if (!step) return say('Still waiting.');
      const where = view.steps.length > 1 ? ` in step ${line.step + 1} of ${view.steps.length}` : '';
      const until = `It lapses ${when(request.lapsesAt)} if nobody answers.`;
      if (line.beat === 'reminder') return say(`Still waiting for ${waitedFor(step)}${where}. ${until}`);
      const to = principals(step.escalated?.to ?? []);
      return say(
        `Nobody answered in time, so ${to} may approve${where} now, too. Waiting for ${waitedFor(step)}. ${until}`,
      );
    }
    case 'cancelled':
      if (request.extension)
        return say(
          `${person(request.decidedBy, slackIds)} ended the access itself, so there is nothing left to extend.`,
        );
      return say(request.action ? 'The caller withdrew this request.' : `${asker(request)} withdrew this request.`);
    case 'reviewed': {
      const review = request.emergency?.review;
      const who = review ? mention(review.by.slack) : 'Somebody';
      return say(
        `${who} reviewed this emergency: ${review?.verdict === 'fine' ? 'fine' : 'not justified'}.`,
        review?.note,
      );
    }
    case 'review-overdue':
      return say(
        '⚠️ Nobody has reviewed this emergency in time. It stands in the digest every day until somebody does.',
      );
    case 'used':
      return say('Used: the caller was told to go ahead. Doing it again takes a new request.');
    case 'unused':
      return say('Not used in time: this approval is worth nothing any more. Doing it takes a new request.');
    case 'extended':
      return say(`Extended. ${asker(request)} has it${grant ? ` until ${when(grant.endsAt)}` : ''}.`);
    case 'lapsed':
      if (request.extension) return say('Nobody answered in time, so the end stays as it was.');
      return say(
        `Nobody answered in time, so this request lapsed. ${request.action ? 'The caller may not go ahead.' : 'Nothing was given.'}`,
      );
    case 'active':
      return say(
        `Given, and seen at the target. ${asker(request)} has it${grant ? ` until ${when(grant.endsAt)}` : ''}.`,
      );
    case 'failed':
      return say(`${endReason(grant)}. Anything already given is being taken back.`, grant?.failure);
    case 'ended':
      return say(`${endReason(grant)}: ${seenGone(grant?.holds ?? [])}`);
    case 'late':
      return say(`⚠️ Taking this access away keeps failing. It is tried again until it is seen gone.`, line.failure);
  }
}

/** The same alarm for the audit channel, where it has no thread around it. */
export function alarmMessage(view: RequestView, line: StoryLine): Rendered {
  const { request } = view;
  const text = `⚠️ Taking ${code(request.access)} away from ${asker(request)} keeps failing. It is tried again until it is seen gone.`;
  return {
    text,
    blocks: [
      section(text),
      ...(line.beat === 'late' && line.failure !== '' ? [quotation(line.failure)] : []),
      context(`${oneLine(request.title)} · ${code(request.id)}`),
    ],
  };
}

function whatNow(view: RequestView): string {
  const { request, grant, steps } = view;
  if (request.status === 'approved') {
    if (request.action) return `That was the last approval. ${useStatus(request.action)}`;
    if (request.extension) return `That was the last approval; it ends ${when(request.extension.until)}.`;
    return grant ? `That was the last approval; it ends ${when(grant.endsAt)}.` : 'That was the last approval.';
  }
  const open = steps.find((step) => step.open);
  if (!open) return '';
  return `Waiting for ${open.need - open.seats.length} of ${principals([...open.approvers, ...(open.escalated?.to ?? [])], 'or')}.`;
}
