import { avatar } from './avatar.ts';
import { dayHeading } from './dates.ts';
import { h, icon, type Keyed, reconcile, replace } from './dom.ts';
import { drawMessage, spoken, timeOf } from './message.ts';
import { messageKey, type Store } from './store.ts';
import { announce } from './toast.ts';
import type { Conversation, Message } from './wire.ts';

/** Messages of one author within so many milliseconds stand together under one name. */
const together = 5 * 60_000;

/** Pixels from the end that still count as "reading the newest". */
const nearEnd = 90;

/** The conversation in the middle. Reading further up is never disturbed; at the end, new messages scroll into view. */
export function createConversation(root: HTMLElement, store: Store, acted: () => void): void {
  const title = h('h1', { class: 'stage-title' });
  const topic = h('p', { class: 'stage-topic' });
  const list = h('div', { class: 'messages' });
  const empty = h('div', { class: 'empty' });
  const log = h(
    'div',
    { class: 'log', role: 'region', 'aria-label': 'Messages', tabindex: '0' },
    h('div', { class: 'log-inner' }, empty, list),
  );
  const jump = h(
    'button',
    { type: 'button', class: 'jump', hidden: true, on: { click: () => toEnd(true) } },
    'New messages ↓',
  );
  root.append(h('div', { class: 'stage-head' }, title, topic), log, h('div', { class: 'jump-box' }, jump));

  let shown = '';
  let said = new Map<string, string>();
  let heard = new Set<string>();
  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < nearEnd;
  const toEnd = (smoothly = false) => {
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    log.scrollTo({ top: log.scrollHeight, behavior: smoothly && !calm ? 'smooth' : 'auto' });
    jump.hidden = true;
  };
  log.addEventListener('scroll', () => {
    if (atEnd()) jump.hidden = true;
  });

  const update = () => {
    const conversation = store.conversation();
    const place = `${store.state().viewer}/${conversation.id}`;
    const moved = shown !== place;
    const follow = moved || atEnd();
    if (moved) list.replaceChildren();
    drawHead(title, topic, conversation, store);
    const contents = new Map(
      conversation.messages.map((message) => [itemKey(conversation, message), JSON.stringify(message)]),
    );
    const { added, changed } = reconcile(list, items(conversation, store, acted));
    empty.hidden = conversation.messages.length > 0;
    if (!empty.hidden) drawEmpty(empty, conversation);
    if (!moved) {
      // A message that is only drawn another way (its thread opened, "today" became "yesterday") is no news.
      const news = (node: HTMLElement) => said.get(node.dataset.key ?? '') !== contents.get(node.dataset.key ?? '');
      for (const node of [...added, ...changed]) node.classList.toggle('is-new', news(node));
      tell(conversation, heard, store);
    }
    shown = place;
    said = contents;
    heard = new Set(everything(conversation).map(({ ts }) => ts));
    if (follow) toEnd();
    else if (added.length > 0) jump.hidden = false;
  };
  store.subscribe(update);
  update();
}

function drawHead(title: HTMLElement, topic: HTMLElement, conversation: Conversation, store: Store): void {
  const sign = conversation.kind === 'channel' ? '#' : '';
  if (title.dataset.of !== conversation.id) {
    title.dataset.of = conversation.id;
    replace(
      title,
      ...(sign === '' ? [avatar(store.person(conversation.with ?? ''))] : [h('span', { class: 'hash' }, sign)]),
      conversation.name,
    );
    document.title = `${sign}${conversation.name} · Latchkey playground`;
  }
  if (topic.textContent !== conversation.topic) topic.textContent = conversation.topic;
}

function drawEmpty(empty: HTMLElement, { kind, name }: Conversation): void {
  const where = kind === 'channel' ? `#${name}` : name;
  if (empty.dataset.of === where) return;
  empty.dataset.of = where;
  replace(
    empty,
    icon('key'),
    h('p', { class: 'empty-title' }, kind === 'channel' ? `Nothing in ${where} yet` : `${where} has not written yet`),
    h('p', {}, 'Ask for something: type ', h('code', {}, '/access'), ' below.'),
  );
}

/** A conversation's messages and the replies in their threads. */
const everything = (conversation: Conversation): Message[] =>
  conversation.messages.flatMap((message) => [message, ...message.replies]);

/** Reads new messages and replies of others to screen readers; those who look can see them. */
function tell(conversation: Conversation, heard: ReadonlySet<string>, store: Store): void {
  for (const message of everything(conversation)) {
    if (heard.has(message.ts) || message.user === store.state().viewer) continue;
    announce(`${store.person(message.user)?.name ?? 'Workspace'}: ${spoken(message)}`);
  }
}

const itemKey = (conversation: Conversation, message: Message): string =>
  `${messageKey(conversation.id, message)}${message.ephemeral ? '/only' : ''}`;

function items(conversation: Conversation, store: Store, acted: () => void): Keyed[] {
  const result: Keyed[] = [];
  const dates = { now: store.now() };
  let day = '';
  let before: Message | undefined;
  for (const message of conversation.messages) {
    const heading = dayHeading(timeOf(message), dates);
    if (heading !== day) {
      day = heading;
      before = undefined;
      const first = message.ts;
      result.push({
        key: `day/${first}`,
        signature: heading,
        draw: () => h('h2', { class: 'day' }, h('span', {}, heading)),
      });
    }
    const compact =
      before !== undefined &&
      before.user === message.user &&
      !before.ephemeral &&
      !message.ephemeral &&
      before.replies.length === 0 &&
      timeOf(message) - timeOf(before) < together;
    const key = messageKey(conversation.id, message);
    result.push({
      key: itemKey(conversation, message),
      // Relative dates ("today") depend on the day, so it is part of what a message looks like.
      signature: JSON.stringify([
        message,
        compact,
        store.isThreadOpen(key),
        store.person(message.user),
        day,
        dayHeading(store.now(), { now: 0 }),
      ]),
      draw: () => drawMessage(conversation, message, store, { compact, acted }),
    });
    before = message;
  }
  return result;
}
