import { h } from '../dom.ts';
import { choose, controlAttributes, type Place } from './context.ts';

/** One line, many lines, a number, an address, a date or a time: what people type. */
export function drawTextInput(place: Place): HTMLElement {
  const { element, around } = place;
  const kept = around.values.get(place.block, element.action_id ?? '');
  const given = element.initial_value ?? element.initial_date ?? element.initial_time;
  // What a person cleared (null) stays cleared.
  const initial = kept === undefined ? given : typeof kept === 'string' ? kept : undefined;
  if (kept === undefined && initial !== undefined) around.values.set(place.block, element.action_id ?? '', initial);
  const shared = {
    ...controlAttributes(place),
    class: 'input',
    placeholder: element.placeholder?.text,
    maxlength: element.max_length,
    autocomplete: 'off',
    autofocus: element.focus_on_load,
  };
  const keep = (value: string) => around.values.set(place.block, element.action_id ?? '', value === '' ? null : value);
  if (element.multiline) {
    const area = h('textarea', { ...shared, rows: 4, on: { input: () => keep(area.value) } });
    area.value = initial ?? '';
    return area;
  }
  const dispatching = () => place.dispatches && choose(place, input.value === '' ? null : input.value);
  const input = h('input', {
    ...shared,
    type: types[element.type] ?? 'text',
    inputmode: element.type === 'number_input' ? (element.is_decimal_allowed ? 'decimal' : 'numeric') : undefined,
    on: {
      input: () => keep(input.value),
      change: () => element.type !== 'plain_text_input' && dispatching(),
      keydown: (event) => {
        if (event.key === 'Enter' && place.dispatches) {
          event.preventDefault();
          dispatching();
        }
      },
    },
  });
  input.value = initial ?? '';
  return input;
}

const types: Readonly<Record<string, string>> = {
  datepicker: 'date',
  timepicker: 'time',
  email_text_input: 'email',
  url_text_input: 'url',
};
