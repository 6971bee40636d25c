import type { RequestView } from '../../app/messages.ts';
import { actions, button, context, quotation, type Rendered, section } from '../blocks.ts';
import { ACTION } from '../ids.ts';
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
      ...(request.reason === '' ? [] : [quotation(request.reason)]),
      ...(view.fields.length === 0 ? [] : [section(fields(view))]),
      section(changes(view)),
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
