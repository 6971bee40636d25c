import { avatar } from './avatar.ts';
import { drawBlock } from './blocks.ts';
import { timeOfDay } from './dates.ts';
import { type Child, h, icon } from './dom.ts';
import { parseMrkdwn, plainTextOf } from './mrkdwn.ts';
import { drawMrkdwn } from './mrkdwn-dom.ts';
import { messageKey, type Store } from './store.ts';
import { createValues, surroundings, type ValueStore } from './surroundings.ts';
import type { Conversation, Message } from './wire.ts';

const entered = new Map<string, ValueStore>();

/** Milliseconds since the epoch of a message's ts. */
export const timeOf = (message: Message): number => Math.floor(Number(message.ts) * 1000);

/** A message's words for those who hear it. */
export const spoken = (message: Message): string =>
  parseMrkdwn(message.text)
    .map((paragraph) => (paragraph.type === 'pre' ? paragraph.text : plainTextOf(paragraph.children)))
    .join(' ');

export interface MessageOptions {
  /** Follows one of the same author within minutes: no second avatar and name. */
  compact: boolean;
  acted: () => void;
}

/** One message with its thread. Drawn anew whenever anything of it changes; it keeps nothing in its nodes. */
export function drawMessage(
  conversation: Conversation,
  message: Message,
  store: Store,
  options: MessageOptions,
): HTMLElement {
  const author = store.person(message.user);
  const name = author?.name ?? 'Workspace';
  const at = timeOf(message);
  const time = timeOfDay(at, { now: store.now() });
  return h(
    'article',
    {
      class: ['message', options.compact && 'is-compact', message.ephemeral && 'is-ephemeral']
        .filter(Boolean)
        .join(' '),
      tabindex: '-1',
      'aria-label': `${name}, ${time}${message.ephemeral ? ', only visible to you' : ''}`,
      'data-ts': message.ts,
    },
    h(
      'div',
      { class: 'message-gutter' },
      options.compact ? h('span', { class: 'compact-time' }, time) : avatar(author),
    ),
    h(
      'div',
      { class: 'message-main' },
      message.ephemeral && h('p', { class: 'only-you' }, icon('eye'), 'Only visible to you'),
      !options.compact &&
        h(
          'p',
          { class: 'byline' },
          h('span', { class: 'author' }, name),
          author?.bot === true && h('span', { class: 'badge' }, 'App'),
          h('time', { class: 'time', datetime: new Date(at).toISOString() }, time),
          message.edited && h('span', { class: 'edited' }, 'edited'),
        ),
      h('div', { class: 'message-body' }, ...drawBody(conversation, message, store, options)),
      message.edited && options.compact && h('span', { class: 'edited' }, 'edited'),
      message.replies.length > 0 && drawThread(conversation, message, store, options),
    ),
  );
}

function drawBody(conversation: Conversation, message: Message, store: Store, options: MessageOptions): Child[] {
  const key = `${store.state().viewer}/${messageKey(conversation.id, message)}`;
  const values = entered.get(key) ?? createValues();
  entered.set(key, values);
  const around = surroundings(store, { channel: conversation.id, ts: message.ts }, values, options.acted);
  if (message.blocks.length === 0) return [h('div', { class: 'text' }, ...drawMrkdwn(message.text, around.names))];
  return message.blocks.map((block) => drawBlock(block, around));
}

function drawThread(conversation: Conversation, message: Message, store: Store, options: MessageOptions): HTMLElement {
  const key = messageKey(conversation.id, message);
  const open = store.isThreadOpen(key);
  const { length } = message.replies;
  const last = message.replies.at(-1);
  return h(
    'div',
    { class: open ? 'thread is-open' : 'thread' },
    h(
      'button',
      {
        type: 'button',
        class: 'thread-toggle',
        'aria-expanded': String(open),
        'data-focus': 'thread',
        on: { click: () => store.setThreadOpen(key, !open) },
      },
      icon('chevron'),
      `${length} ${length === 1 ? 'reply' : 'replies'}`,
      !open && last && h('span', { class: 'time' }, `last at ${timeOfDay(timeOf(last), { now: store.now() })}`),
    ),
    open &&
      h(
        'ol',
        { class: 'replies' },
        ...message.replies.map((reply) =>
          h('li', {}, drawMessage(conversation, { ...reply, replies: [] }, store, { ...options, compact: false })),
        ),
      ),
  );
}
