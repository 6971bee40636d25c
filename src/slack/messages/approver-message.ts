import type { KnownBlock } from '@slack/types';
import type { RequestView } from '../../app/messages.ts';
import { actions, button, context, labelledTexts, quotation, type Rendered, section } from '../blocks.ts';
import { ACTION } from '../ids.ts';
import { tokenSays, use } from './action-lines.ts';
import { asks, asksPlainly, changes, fields, footer, reviewStatus, status, steps } from './request-lines.ts';

/** What approvers see: who, what, how long, why, what will change where, who may approve, until when. */
export function approverMessage(view: RequestView): Rendered {
  const { request } = view;
  const pending = request.status === 'pending';
  const { emergency } = request;
  return {
    text: `${asksPlainly(view)}. ${status(view)}`,
    blocks: [
      section(`${asks(view)}.`),
      ...whatExactly(view),
      // An emergency skips the steps: nobody is waited for, and calling that an approval would say too much.
      ...(emergency ? [] : [section(steps(view))]),
      section(status(view)),
      ...(request.decisionReason === undefined || request.decisionReason === ''
        ? []
        : [quotation(request.decisionReason)]),
      ...(pending
        ? [
            actions(
              button(ACTION.approve, 'Approve', request.id, 'primary'),
              button(ACTION.deny, 'Deny', request.id, 'danger'),
            ),
          ]
        : []),
      ...(emergency ? [section(reviewStatus(emergency))] : []),
      ...(emergency?.review && emergency.review.note !== '' ? [quotation(emergency.review.note)] : []),
      ...(emergency && !emergency.review
        ? [
            actions(
              button(ACTION.reviewFine, 'Reviewed: fine', request.id),
              button(ACTION.reviewNotJustified, 'Reviewed: not justified', request.id, 'danger'),
            ),
          ]
        : []),
      context(footer(view)),
    ],
  };
}

function whatExactly(view: RequestView): KnownBlock[] {
  const { reason, action } = view.request;
  const why = reason === '' ? [] : [quotation(reason)];
  if (!action) return [...why, ...(view.fields.length === 0 ? [] : [section(fields(view))]), section(changes(view))];
  return [
    // NB. every parameter is shown whole, however many there are: the approval is bound to each of their values.
    ...(view.fields.length === 0 ? [] : [labelledTexts(view.fields)]),
    ...why,
    section(tokenSays(view, action.caller)),
    ...(view.request.status === 'pending' ? [section(use(view))] : []),
  ];
}
