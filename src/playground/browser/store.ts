import { readState } from './api.ts';
import type { Conversation, Message, Person, State } from './wire.ts';

/**
 * What the page knows: the last state of the workspace for the viewer, and what only this page knows (the conversation
 * on screen, drafts, what was read). Parts subscribe and draw themselves again; nothing else holds state.
 */
export interface Store {
  state(): State;
  conversation(): Conversation;
  person(id: string): Person | undefined;
  viewer(): Person;
  /** The virtual time, running on between two states. */
  now(): number;
  /** Shows another conversation and marks it read. */
  open(conversation: string): void;
  /** Become somebody else. */
  become(viewer: string): Promise<void>;
  isUnread(conversation: Conversation): boolean;
  unreadCount(conversation: Conversation): number;
  /** The text not sent yet, of this viewer in this conversation. */
  draft(): string;
  setDraft(text: string): void;
  /** Threads are open until closed by hand. */
  isThreadOpen(key: string): boolean;
  setThreadOpen(key: string, open: boolean): void;
  refresh(): Promise<void>;
  subscribe(listener: () => void): void;
}

const newest = (conversation: Conversation): string =>
  latest(conversation.messages.flatMap((message) => [message.ts, ...message.replies.map(({ ts }) => ts)]));

/** Message ids sort as text. */
const latest = (ids: string[]): string => ids.sort().at(-1) ?? '';

export const messageKey = (conversation: string, message: Message): string => `${conversation}/${message.ts}`;

export function createStore(first: State, at: () => number): Store {
  let state = first;
  let receivedAt = at();
  let current = pick(first, 'general');
  let asked = first.viewer;
  let running: Promise<void> | undefined;
  let again = false;
  const listeners: (() => void)[] = [];
  const drafts = new Map<string, string>();
  const closedThreads = new Set<string>();
  const read = new Map<string, string>();
  // What was there when the page was opened is not news to anybody.
  const baseline = latest(first.conversations.map(newest));
  const here = () => `${state.viewer}/${current}`;
  const readUpTo = (id: string) => read.get(`${state.viewer}/${id}`) ?? baseline;
  const announce = () => {
    for (const listener of listeners) listener();
  };
  const conversationOf = (id: string) => state.conversations.find((conversation) => conversation.id === id);
  const markRead = () => {
    const conversation = conversationOf(current);
    if (conversation) read.set(here(), newest(conversation));
  };
  const take = (next: State) => {
    // An answer that was overtaken, or is of the person one was before, is no news.
    if (next.viewer !== asked || (next.viewer === state.viewer && next.version < state.version)) return;
    state = next;
    receivedAt = at();
    if (!conversationOf(current)) current = pick(next, 'general');
    if (document.visibilityState === 'visible') markRead();
    announce();
  };
  const load = async () => {
    do {
      again = false;
      const next = await readState(asked);
      if (next) take(next);
    } while (again);
    running = undefined;
  };
  const store: Store = {
    state: () => state,
    conversation: () => conversationOf(current) ?? { id: '', kind: 'channel', name: '', topic: '', messages: [] },
    person: (id) => state.people.find((person) => person.id === id),
    viewer: () => store.person(state.viewer) ?? { id: state.viewer, name: state.viewer, line: '', bot: false },
    now: () => state.now + (at() - receivedAt),
    open(conversation) {
      current = conversation;
      markRead();
      announce();
    },
    async become(viewer) {
      asked = viewer;
      await store.refresh();
    },
    isUnread: (conversation) => conversation.id !== current && newest(conversation) > readUpTo(conversation.id),
    unreadCount: (conversation) =>
      conversation.messages
        .flatMap((message) => [message, ...message.replies])
        .filter((message) => message.ts > readUpTo(conversation.id) && message.user !== state.viewer).length,
    draft: () => drafts.get(here()) ?? '',
    setDraft: (text) => void drafts.set(here(), text),
    isThreadOpen: (key) => !closedThreads.has(key),
    setThreadOpen(key, open) {
      if (open) closedThreads.delete(key);
      else closedThreads.add(key);
      announce();
    },
    refresh() {
      again = true;
      running ??= load();
      return running;
    },
    subscribe: (listener) => void listeners.push(listener),
  };
  return store;
}

const pick = (state: State, name: string): string =>
  (state.conversations.find((conversation) => conversation.name === name) ?? state.conversations[0])?.id ?? '';
