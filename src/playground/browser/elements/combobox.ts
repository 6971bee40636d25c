import { h, replace, setText, uniqueId } from '../dom.ts';
import { parsePlain, plainTextOf } from '../mrkdwn.ts';
import type { InputValue, SelectOption } from '../wire.ts';
import { choose, controlAttributes, type Place } from './context.ts';
import { floatBelow } from './float.ts';

const words = (option: SelectOption): string => plainTextOf(parsePlain(option.text.text));

/** Milliseconds of silence before a typed query is asked: one question a word, not one a letter. */
const pause = 120;

/**
 * `external_select`: type, see what the app offers, pick. The combobox pattern of WAI-ARIA (list autocomplete, manual
 * selection): the focus stays in the text box, arrows move through the list, Enter takes, Esc closes the list only.
 */
export function drawCombobox(place: Place): HTMLElement {
  const { element, around } = place;
  const action = element.action_id ?? '';
  const least = element.min_query_length ?? 3;
  const kept = around.values.get(place.block, action);
  const initial: InputValue | undefined = kept === undefined ? element.initial_option : kept;
  let chosen = initial && typeof initial === 'object' && !Array.isArray(initial) ? initial : undefined;
  if (kept === undefined && chosen) around.values.set(place.block, action, chosen);
  let options: SelectOption[] = [];
  let active = -1;
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const listId = uniqueId('options');
  const list = h('ul', {
    id: listId,
    role: 'listbox',
    class: 'listbox',
    popover: 'manual',
    'aria-label': 'Choices',
    // The press must not take the focus out of the text box.
    on: { mousedown: (event) => event.preventDefault() },
  });
  const status = h('span', { class: 'visually-hidden', role: 'status' });
  const input = h('input', {
    ...controlAttributes(place),
    type: 'text',
    role: 'combobox',
    class: 'input select',
    autocomplete: 'off',
    spellcheck: 'false',
    autofocus: element.focus_on_load,
    placeholder: element.placeholder?.text ?? 'Type to search',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': listId,
    on: {
      input: () => {
        if (input.value === '') take(undefined);
        ask();
      },
      click: () => ask(),
      blur: () => {
        close();
        input.value = chosen ? words(chosen) : '';
      },
      keydown: (event) => key(event),
    },
  });
  input.value = chosen ? words(chosen) : '';
  const float = floatBelow(input, list);

  const open = (): boolean => input.getAttribute('aria-expanded') === 'true';
  const show = (...children: HTMLElement[]) => {
    replace(list, ...children);
    if (!input.isConnected || document.activeElement !== input) return;
    float.show();
    input.setAttribute('aria-expanded', 'true');
  };
  const close = () => {
    asked++;
    clearTimeout(timer);
    float.hide();
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    active = -1;
  };
  const note = (text: string) => {
    options = [];
    show(h('li', { class: 'listbox-note', role: 'option', 'aria-disabled': 'true' }, text));
    setText(status, text);
  };
  const query = () => (chosen && input.value === words(chosen) ? '' : input.value.trim());
  const ask = () => {
    const turn = ++asked;
    clearTimeout(timer);
    const text = query();
    if ([...text].length < least) {
      note(`Type ${least === 1 ? 'a letter' : `at least ${least} letters`} to search`);
      return;
    }
    timer = setTimeout(() => void load(text, turn), open() ? pause : 0);
  };
  const load = async (text: string, turn: number) => {
    list.setAttribute('aria-busy', 'true');
    const answer = await around.load(place.block, action, text);
    // An answer to an older question must not replace a newer one.
    if (turn !== asked) return;
    list.removeAttribute('aria-busy');
    if (answer.problem) return note(answer.problem);
    if (answer.options.length === 0) return note('Nothing found');
    // Newer results keep the place of somebody who is already moving through the list.
    const before = options[active]?.value;
    options = answer.options;
    active = -1;
    input.removeAttribute('aria-activedescendant');
    show(...options.map(drawOption));
    setText(status, `${options.length} ${options.length === 1 ? 'choice' : 'choices'}`);
    const same = options.findIndex((option) => option.value === before);
    if (same >= 0) move(same);
    else if (text !== '') move(0);
  };
  const drawOption = (option: SelectOption, index: number) =>
    h(
      'li',
      {
        id: `${listId}-${index}`,
        role: 'option',
        class: 'listbox-option',
        'aria-selected': option.value === chosen?.value ? 'true' : 'false',
        on: { click: () => pick(index), mousemove: () => active !== index && move(index) },
      },
      h('span', { class: 'listbox-label' }, words(option)),
      option.description && h('small', {}, option.description.text),
    );
  const move = (to: number) => {
    if (options.length === 0) return;
    active = (to + options.length) % options.length;
    for (const [index, item] of [...list.children].entries()) item.classList.toggle('is-active', index === active);
    const item = list.children[active];
    if (item) {
      input.setAttribute('aria-activedescendant', item.id);
      item.scrollIntoView({ block: 'nearest' });
    }
  };
  const take = (option: SelectOption | undefined) => {
    if (option?.value === chosen?.value) return;
    chosen = option;
    choose(place, option ?? null);
  };
  const pick = (index: number) => {
    const option = options[index];
    if (!option) return;
    input.value = words(option);
    close();
    take(option);
  };
  const key = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const { key: name } = event;
    if (name === 'ArrowDown' || name === 'ArrowUp') {
      event.preventDefault();
      if (!open()) ask();
      else move(active < 0 && name === 'ArrowUp' ? -1 : active + (name === 'ArrowDown' ? 1 : -1));
    } else if (name === 'Enter') {
      // NB. Enter in a form submits it: half a search must not send a request.
      event.preventDefault();
      if (open() && active >= 0) pick(active);
    } else if (name === 'Escape' && open()) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (name === 'Tab' && open() && active >= 0) {
      pick(active);
    }
  };
  return h('span', { class: 'select-box' }, input, status, list);
}
