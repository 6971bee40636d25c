import type { Message, RequestView } from '../../app/messages.ts';
import { formatDuration } from '../../domain/duration.ts';
import { context, fitted, quotation, type Rendered, section, together } from '../blocks.ts';
import { escaped, oneLine, visible } from '../escape.ts';
import { mention, person, when, withinSentence } from '../words.ts';
import { accessName, endReason, endsEarly, footer, seenGone, status } from './request-lines.ts';
import { holdersActions } from './warning-message.ts';

/** The requester's own card: how to use it while it lasts, and the way to give it back. */
export function requesterMessage(view: RequestView): Rendered {
  const { grant } = view;
  const running = grant?.status === 'active' || grant?.status === 'provisioning';
  const head = running
    ? [
        `You have ${accessName(view)} until ${when(grant.endsAt)}.`,
        ...(grant.idle ? [endsEarly(grant.idle.afterMs)] : []),
      ]
    : [`${accessName(view)}:`, status(view)];
  return {
    text: head.join(' ').replaceAll('*', ''),
    blocks: [
      ...together(...head),
      ...(running && view.howToUse.length > 0
        ? [
            section(
              fitted(
                '',
                view.howToUse.map((line) => `• ${escaped(visible(line))}`),
              ),
            ),
          ]
        : []),
      ...(running ? [holdersActions(view, grant)] : []),
      context(footer(view)),
    ],
  };
}

/** Direct messages that stay as they are. */
export function newsMessage(view: RequestView, news: Extract<Message, { kind: 'news' }>['news']): Rendered {
  const { request, grant, slackIds } = view;
  const name = `${oneLine(request.title)} (${escaped(request.access)})`;
  const say = (text: string, words?: string): Rendered => ({
    text,
    blocks: [section(text), ...(words === undefined || words === '' ? [] : [quotation(words)]), context(footer(view))],
  });
  switch (news) {
    case 'denied':
      return say(
        `${person(request.decidedBy, slackIds)} denied your request ${request.extension ? 'to extend' : 'for'} ${name}.`,
        request.decisionReason,
      );
    case 'extended':
      return say(`Your ${name} is extended${request.extension ? `: it ends ${when(request.extension.until)}` : ''}.`);
    case 'reviewed': {
      const { by, verdict = 'fine', note = '' } = request.emergency?.review ?? {};
      const who = by ? mention(by.slack) : 'Somebody';
      return say(`${who} reviewed your emergency ${name}: ${verdict === 'fine' ? 'fine' : 'not justified'}.`, note);
    }
    case 'lapsed':
      if (request.extension) return say(`Nobody answered in time, so your ${name} was not extended.`);
      return say(
        `Your request for ${name} for ${formatDuration(request.durationMs)} lapsed: it was not approved in time. Ask again with \`/access ${escaped(request.access)}\`.`,
      );
    case 'failed':
      return say(
        `Your request for ${name} was approved, but ${withinSentence(endReason(grant))}. Anything already given is being taken back.`,
        grant?.failure,
      );
    case 'ended':
      return say(`Your ${name} is over. ${endReason(grant)}: ${seenGone(grant?.holds ?? [])}`);
  }
}
