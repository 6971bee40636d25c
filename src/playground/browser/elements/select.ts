import { h } from '../dom.ts';
import { parsePlain, plainTextOf } from '../mrkdwn.ts';
import type { InputValue, SelectOption } from '../wire.ts';
import { choose, controlAttributes, type Place } from './context.ts';

const words = (option: SelectOption): string => plainTextOf(parsePlain(option.text.text));

const chosenValue = (value: InputValue | undefined): string =>
  value === null || value === undefined || Array.isArray(value) ? '' : typeof value === 'string' ? value : value.value;

/**
 * A choice from a list that the app sent along, or of a person or channel: the browser's own select, which every screen
 * reader, keyboard and phone knows.
 */
export function drawSelect(place: Place): HTMLElement {
  const { element, around } = place;
  const groups = groupsOf(place);
  const all = groups.flatMap((group) => group.options);
  const kept = around.values.get(place.block, element.action_id ?? '');
  const given =
    element.initial_option ?? element.initial_user ?? element.initial_conversation ?? element.initial_channel;
  const initial = kept === undefined ? given : kept;
  const chosen = chosenValue(initial);
  const byId = element.type !== 'static_select';
  if (kept === undefined && initial !== undefined) around.values.set(place.block, element.action_id ?? '', initial);
  const select = h('select', {
    ...controlAttributes(place),
    class: 'input select',
    on: {
      change: () => {
        const option = all.find((candidate) => candidate.value === select.value);
        choose(place, option === undefined ? null : byId ? option.value : option);
      },
    },
  });
  select.append(new Option(element.placeholder?.text ?? 'Choose…', '', chosen === '', chosen === ''));
  for (const group of groups) {
    const options = group.options.map(
      (option) => new Option(words(option), option.value, false, option.value === chosen),
    );
    if (group.label === undefined) select.append(...options);
    else select.append(h('optgroup', { label: group.label }, ...options));
  }
  return h('span', { class: 'select-box' }, select);
}

interface Group {
  label?: string;
  options: SelectOption[];
}

function groupsOf({ element, around }: Place): Group[] {
  const named = (list: readonly { id: string; name: string }[], sign: string): Group[] => [
    { options: list.map(({ id, name }) => ({ text: { type: 'plain_text', text: sign + name }, value: id })) },
  ];
  if (element.type === 'users_select') return named(around.people, '');
  if (element.type === 'channels_select' || element.type === 'conversations_select') return named(around.channels, '#');
  if (element.option_groups) {
    return element.option_groups.map((group) => ({ label: group.label.text, options: group.options }));
  }
  return [{ options: element.options ?? [] }];
}

/** Radio buttons and checkboxes; a `multi_static_select` and a `multi_users_select` are drawn as checkboxes too. */
export function drawChoices(place: Place): HTMLElement {
  const { element, around } = place;
  const many = element.type !== 'radio_buttons';
  const byId = element.type === 'multi_users_select';
  const name = `${place.block}/${element.action_id ?? ''}`;
  const options = groupsOf(byId ? { ...place, element: { ...element, type: 'users_select' } } : place).flatMap(
    (group) => group.options,
  );
  const kept = around.values.get(place.block, element.action_id ?? '');
  const given = many ? (element.initial_options ?? element.initial_users) : element.initial_option;
  const initial = kept === undefined ? given : kept;
  const selected = new Set(
    (Array.isArray(initial) ? initial : initial ? [initial] : []).map((one) =>
      typeof one === 'string' ? one : one.value,
    ),
  );
  if (kept === undefined && initial !== undefined) around.values.set(place.block, element.action_id ?? '', initial);
  const changed = (option: SelectOption, on: boolean) => {
    if (!many) return choose(place, option);
    if (on) selected.add(option.value);
    else selected.delete(option.value);
    const chosen = options.filter((candidate) => selected.has(candidate.value));
    choose(place, byId ? chosen.map((candidate) => candidate.value) : chosen);
  };
  const { 'data-focus': focus, ...group } = controlAttributes(place);
  return h(
    'div',
    {
      class: 'choices',
      role: many ? 'group' : 'radiogroup',
      ...(many ? { ...group, 'aria-required': undefined, 'aria-invalid': undefined } : group),
    },
    ...options.map((option) =>
      h(
        'label',
        { class: 'choice' },
        h('input', {
          type: many ? 'checkbox' : 'radio',
          name,
          value: option.value,
          checked: selected.has(option.value),
          'data-focus': `${String(focus)}/${option.value}`,
          on: { change: (event) => changed(option, (event.target as HTMLInputElement).checked) },
        }),
        h('span', {}, words(option), option.description && h('small', {}, option.description.text)),
      ),
    ),
  );
}
