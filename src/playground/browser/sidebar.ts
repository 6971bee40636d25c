import { avatar } from './avatar.ts';
import { h, reconcile, replace } from './dom.ts';
import type { Store } from './store.ts';
import type { Conversation } from './wire.ts';

/** Channels and direct messages. `chosen` is called when one was picked, to close the drawer on a phone. */
export function createSidebar(root: HTMLElement, store: Store, chosen: () => void): void {
  const channels = h('ul', { class: 'conversations' });
  const direct = h('ul', { class: 'conversations' });
  const none = h('p', { class: 'sidebar-note' }, 'Latchkey writes to you here.');
  replace(
    root,
    h('h2', { class: 'sidebar-title' }, 'Channels'),
    channels,
    h('h2', { class: 'sidebar-title' }, 'Direct messages'),
    direct,
    none,
  );
  const draw = (conversation: Conversation): HTMLElement => {
    const open = store.conversation().id === conversation.id;
    const unread = store.isUnread(conversation);
    const count = unread ? store.unreadCount(conversation) : 0;
    return h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          class: unread ? 'conversation is-unread' : 'conversation',
          'aria-current': open ? 'page' : undefined,
          'data-focus': conversation.id,
          on: {
            click: () => {
              store.open(conversation.id);
              chosen();
            },
          },
        },
        conversation.kind === 'channel'
          ? h('span', { class: 'hash', 'aria-hidden': 'true' }, '#')
          : avatar(store.person(conversation.with ?? '')),
        h('span', { class: 'conversation-name' }, conversation.name),
        unread && h('span', { class: 'unread-dot', 'aria-hidden': 'true' }),
        unread && h('span', { class: 'visually-hidden' }, count > 0 ? `, ${count} new` : ', new'),
      ),
    );
  };
  const keyed = (conversation: Conversation) => ({
    key: conversation.id,
    signature: [
      conversation.name,
      conversation.id === store.conversation().id,
      store.isUnread(conversation) ? store.unreadCount(conversation) : '',
    ].join('|'),
    draw: () => draw(conversation),
  });
  const update = () => {
    const all = store.state().conversations;
    const messages = all.filter((conversation) => conversation.kind === 'dm');
    reconcile(channels, all.filter((conversation) => conversation.kind === 'channel').map(keyed));
    reconcile(direct, messages.map(keyed));
    none.hidden = messages.length > 0;
  };
  store.subscribe(update);
  update();
}
