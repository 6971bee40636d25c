import type { RequestView } from '../../app/messages.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { GrantState } from '../../domain/grant.ts';
import { actions, button, context, type Rendered, together } from '../blocks.ts';
import { ACTION } from '../ids.ts';
import { when } from '../words.ts';
import { accessName, footer, status } from './request-lines.ts';

/** Before the end: what ends when, and the ways to have it for longer or not to wait for it. */
export function warningMessage(view: RequestView): Rendered {
  const { grant } = view;
  const active = grant?.status === 'active';
  const head = active
    ? [`Your ${accessName(view)} ends ${when(grant.endsAt)}.`]
    : [`${accessName(view)}:`, status(view)];
  return {
    text: head.join(' ').replaceAll('*', ''),
    blocks: [...together(...head), ...(active ? [holdersActions(view, grant)] : []), context(footer(view))],
  };
}

/** What the holder of a running grant can press. */
export const holdersActions = ({ extendsBy }: RequestView, grant: GrantState) =>
  actions(
    ...(extendsBy === undefined ? [] : [button(ACTION.extend, `Extend by ${formatDuration(extendsBy)}`, grant.id)]),
    button(ACTION.endNow, 'End now', grant.id, 'danger'),
  );
