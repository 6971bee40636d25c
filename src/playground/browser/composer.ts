import { send } from './api.ts';
import { h, icon, replace, setText, uniqueId } from './dom.ts';
import { floatBelow } from './elements/float.ts';
import { createHistory, type Hint, hintsFor } from './hints.ts';
import type { Store } from './store.ts';
import { complain } from './toast.ts';

export interface Composer {
  /** Puts a text into the box and the cursor behind it. */
  fill(text: string): void;
}

/** The box for messages and commands. Enter sends, Shift+Enter makes a line, `/` offers what there is, Up brings back. */
export function createComposer(root: HTMLElement, store: Store, sent: (text: string) => void): Composer {
  const histories = new Map<string, ReturnType<typeof createHistory>>();
  const history = () => {
    const { viewer } = store.state();
    const kept = histories.get(viewer) ?? createHistory();
    histories.set(viewer, kept);
    return kept;
  };
  let offered: readonly Hint[] = [];
  let active = -1;
  let dismissed = false;

  const listId = uniqueId('hints');
  const list = h('ul', {
    id: listId,
    role: 'listbox',
    class: 'listbox',
    popover: 'manual',
    'aria-label': 'Commands',
    on: { mousedown: (event) => event.preventDefault() },
  });
  const label = h('label', { class: 'visually-hidden', for: 'composer-input' });
  const input = h('textarea', {
    id: 'composer-input',
    class: 'composer-input',
    rows: 1,
    role: 'combobox',
    spellcheck: 'false',
    autocomplete: 'off',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': listId,
    'aria-describedby': 'composer-help',
    on: {
      input: () => {
        store.setDraft(input.value);
        history().reset();
        dismissed = false;
        grow();
        offer();
      },
      blur: () => hide(),
      keydown: (event) => key(event),
    },
  });
  const button = h('button', { type: 'submit', class: 'send', 'aria-label': 'Send' }, icon('send'));
  const form = h(
    'form',
    {
      class: 'composer',
      on: {
        submit: (event) => {
          event.preventDefault();
          void submit();
        },
      },
    },
    label,
    input,
    button,
    list,
  );
  const help = h(
    'p',
    { class: 'composer-help', id: 'composer-help' },
    h('kbd', {}, 'Enter'),
    ' sends  ·  ',
    h('kbd', {}, '/'),
    ' commands  ·  ',
    h('kbd', {}, '↑'),
    ' what you sent before',
  );
  root.append(h('div', { class: 'composer-box' }, form, help));
  const float = floatBelow(form, list);

  const grow = () => {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
  };
  const hide = () => {
    float.hide();
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const offer = () => {
    offered = dismissed ? [] : hintsFor(input.value);
    if (offered.length === 0 || document.activeElement !== input) return hide();
    active = -1;
    input.removeAttribute('aria-activedescendant');
    replace(
      list,
      ...offered.map((hint, index) =>
        h(
          'li',
          {
            id: `${listId}-${index}`,
            role: 'option',
            class: 'listbox-option',
            'aria-selected': 'false',
            on: { click: () => take(index), mousemove: () => active !== index && move(index) },
          },
          h('span', { class: 'listbox-label is-command' }, hint.usage),
          h('small', {}, hint.what),
        ),
      ),
    );
    float.show();
    input.setAttribute('aria-expanded', 'true');
  };
  const move = (to: number) => {
    active = (to + offered.length) % offered.length;
    for (const [index, item] of [...list.children].entries()) {
      item.classList.toggle('is-active', index === active);
      item.setAttribute('aria-selected', String(index === active));
    }
    input.setAttribute('aria-activedescendant', `${listId}-${active}`);
  };
  const put = (text: string) => {
    input.value = text;
    store.setDraft(text);
    grow();
  };
  const take = (index: number) => {
    const hint = offered[index];
    if (!hint) return;
    put(hint.fill);
    dismissed = !hint.fill.endsWith(' ');
    hide();
  };
  const recall = (text: string | undefined): boolean => {
    if (text === undefined) return false;
    put(text);
    dismissed = true;
    hide();
    return true;
  };
  const key = (event: KeyboardEvent) => {
    // Enter that ends a composition (Japanese, Chinese) belongs to the input method.
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const open = input.getAttribute('aria-expanded') === 'true';
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (open && active >= 0) take(active);
      else form.requestSubmit();
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      dismissed = true;
      hide();
    } else if (event.key === 'Tab' && open && active >= 0) {
      event.preventDefault();
      take(active);
    } else if (open && event.key === 'ArrowDown') {
      event.preventDefault();
      move(active + 1);
    } else if (open && event.key === 'ArrowUp') {
      event.preventDefault();
      move(active < 0 ? -1 : active - 1);
    } else if (event.key === 'ArrowUp' && input.selectionStart === input.selectionEnd && firstLine(input)) {
      if (recall(history().up())) event.preventDefault();
    } else if (event.key === 'ArrowDown' && lastLine(input)) {
      if (recall(history().down())) event.preventDefault();
    }
  };
  let sending = false;
  const submit = async () => {
    const text = input.value.trim();
    if (text === '' || sending) return;
    const { viewer } = store.state();
    const channel = store.conversation().id;
    // The box is free for the next line at once; the answer comes through the workspace.
    history().add(text);
    put('');
    hide();
    sending = true;
    sent(text);
    const answer = await (text.startsWith('/')
      ? send('command', { as: viewer, channel, text })
      : send('post', { as: viewer, channel, text }));
    sending = false;
    complain(answer);
    // What could not be sent comes back into the box, unless something else is being written there.
    if (!answer.ok && !text.startsWith('/') && input.value === '') put(text);
  };

  let place = '';
  const update = () => {
    const conversation = store.conversation();
    const words = `Message ${conversation.kind === 'channel' ? '#' : ''}${conversation.name}`;
    setText(label, words);
    if (input.placeholder !== words) input.placeholder = words;
    const here = `${store.state().viewer}/${conversation.id}`;
    if (place === here) return;
    place = here;
    hide();
    input.value = store.draft();
    grow();
  };
  store.subscribe(update);
  update();
  return {
    fill(text) {
      put(text);
      dismissed = true;
      input.focus();
      input.setSelectionRange(text.length, text.length);
    },
  };
}

const firstLine = (input: HTMLTextAreaElement): boolean => !input.value.slice(0, input.selectionStart).includes('\n');
const lastLine = (input: HTMLTextAreaElement): boolean => !input.value.slice(input.selectionEnd).includes('\n');
