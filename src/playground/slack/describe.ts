import type { Modals } from './modals.ts';
import type { ApiCall, Delivery, FakeMessage } from './types.ts';
import type { Workspace } from './workspace.ts';

const LAST = 15;

const line = (message: FakeMessage): string => {
  const indent = message.thread_ts !== undefined && message.thread_ts !== message.ts ? '    ↳ ' : '  ';
  const only = message.ephemeral_to === undefined ? '' : ` (only ${message.ephemeral_to} sees it)`;
  const blocks = message.blocks.length === 0 ? '' : ` [${message.blocks.map((block) => block.type).join(' ')}]`;
  return `${indent}${message.ts} ${message.user}${only}: ${JSON.stringify(message.text)}${blocks}`;
};

/** The workspace as text for a person whose test waited in vain: messages, modals, the last calls and deliveries. */
export const describeWorkspace = (
  workspace: Workspace,
  modals: Modals,
  calls: readonly ApiCall[],
  deliveries: readonly Delivery[],
): string => {
  const conversations = [...workspace.conversations.values()].flatMap((each) => [
    `${each.id} (${each.name}):`,
    ...(each.messages.size === 0 ? ['  nothing'] : [...each.messages.values()].map(line)),
  ]);
  const views = [...workspace.people.keys()].flatMap((user) =>
    modals
      .stack(user)
      .map((view) => `  ${user}: ${view.id} ${JSON.stringify(view.title?.text)} ${JSON.stringify(view.errors)}`),
  );
  return [
    'What there is:',
    ...conversations,
    'Open modals:',
    ...(views.length === 0 ? ['  none'] : views),
    `Web API, the last ${LAST} of ${calls.length}:`,
    ...calls.slice(-LAST).map((call) => `  ${call.method} ${call.status} ${call.ok ? 'ok' : (call.error ?? '')}`),
    `To the app, the last ${LAST} of ${deliveries.length}:`,
    ...deliveries
      .slice(-LAST)
      .map((each) => `  ${each.kind} ${each.status} ${each.error ?? ''} ${each.body.slice(0, 200)}`),
  ].join('\n');
};
