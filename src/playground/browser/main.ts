import { readState, watch } from './api.ts';
import { createClock } from './clock.ts';
import { createComposer } from './composer.ts';
import { createConversation } from './conversation.ts';
import { createDirectory } from './directory.ts';
import { h, icon } from './dom.ts';
import { createDrawer } from './drawers.ts';
import { createGuide } from './guide.ts';
import { createModal } from './modal.ts';
import { createPipelines } from './pipelines.ts';
import { createSidebar } from './sidebar.ts';
import { createStore, type Store } from './store.ts';
import { announce } from './toast.ts';
import { createViewerSwitch } from './viewer.ts';

/** Joins the parts of the page. The first state comes before anything is drawn. */

const first = 'U01ANA';
const approver = 'U01DEE';
const example = '/access prod-db-read 30m INC-42 slow queries';

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}

function openNamed(store: Store, name: string): void {
  const conversation = store.state().conversations.find((candidate) => candidate.name === name);
  if (conversation) store.open(conversation.id);
}

async function start(): Promise<void> {
  const state = await readState(first);
  if (!state) {
    element('stage').append(
      h('p', { class: 'empty', role: 'alert' }, 'The playground does not answer. Start Latchkey again and reload.'),
    );
    return;
  }
  const store = createStore(state, () => performance.now());
  const stage = element('stage');
  const sidebar = element('sidebar');
  const panel = element('panel');

  const menu = h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Conversations' }, icon('menu'));
  const side = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Clock, pipelines and directory' },
    icon('panel'),
  );
  const lost = h('span', { class: 'lost', role: 'status' });
  const help = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Show “Try this” again', on: { click: () => guide.show() } },
    '?',
  );
  element('topbar').append(
    menu,
    h(
      'span',
      { class: 'brand' },
      h('span', { class: 'brand-mark', 'aria-hidden': 'true' }, icon('key')),
      h('span', { class: 'brand-words' }, h('b', {}, 'Latchkey'), h('span', { class: 'brand-what' }, 'playground')),
    ),
    lost,
    h('span', { class: 'spring' }),
    help,
    createViewerSwitch(store),
    side,
  );
  const conversations = createDrawer(sidebar, menu, '(max-width: 760px)', 'sidebar');
  createDrawer(panel, side, '(max-width: 1080px)', 'panel');

  createSidebar(sidebar, store, () => conversations.close());
  createConversation(stage, store, () => {
    // A pipeline's deploy is approved elsewhere, and is no part of what is to be tried here.
    if (store.conversation().name === 'db-access') guide.done(1);
  });
  const composer = createComposer(stage, store, (text) => {
    if (/^\/access\s+\S+\s+\S/.test(text) && !/^\/access\s+(revoke|help|list|why|extend|emergency|away)\b/.test(text))
      guide.done(0);
  });
  const clock = createClock(panel, store, () => guide.done(2));
  createPipelines(panel, store);
  createDirectory(panel, store);
  createModal(store);
  const guide = createGuide(stage, [
    {
      title: 'Ask, as Ana',
      text: '',
      code: example,
      go: async () => {
        await store.become(first);
        openNamed(store, 'general');
        composer.fill(example);
      },
    },
    {
      title: 'Approve, as Dee',
      text: 'In #db-access',
      go: async () => {
        await store.become(approver);
        openNamed(store, 'db-access');
        const buttons = stage.querySelectorAll<HTMLElement>('.block-actions .button-primary');
        [...buttons].at(-1)?.focus();
      },
    },
    {
      title: 'Move the clock on 1\u00a0h',
      text: 'The access ends by itself',
      go: () => clock.advance(3_600_000),
    },
  ]);
  watch(
    () => void store.refresh(),
    (connected) => {
      lost.textContent = connected ? '' : 'Connection lost, trying again…';
      if (connected && lost.dataset.was === 'lost') announce('Connected again');
      lost.dataset.was = connected ? '' : 'lost';
    },
  );
}

void start();
