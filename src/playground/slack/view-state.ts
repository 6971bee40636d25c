import { characters, isObject } from './block-kit/checks.ts';
import { type Element, elementsOf } from './block-kit/index.ts';
import { NotPossible } from './errors.ts';
import type { Block, InputValue, Option, StateValue, StateValues } from './types.ts';

/** For each kind of input: where its value is kept, and which field of the element holds the first one. */
const FIELDS: Record<string, { field: keyof StateValue; initial: string; many?: true; options?: true }> = {
  plain_text_input: { field: 'value', initial: 'initial_value' },
  email_text_input: { field: 'value', initial: 'initial_value' },
  url_text_input: { field: 'value', initial: 'initial_value' },
  number_input: { field: 'value', initial: 'initial_value' },
  rich_text_input: { field: 'rich_text_value', initial: 'initial_value' },
  static_select: { field: 'selected_option', initial: 'initial_option', options: true },
  external_select: { field: 'selected_option', initial: 'initial_option', options: true },
  radio_buttons: { field: 'selected_option', initial: 'initial_option', options: true },
  multi_static_select: { field: 'selected_options', initial: 'initial_options', many: true, options: true },
  multi_external_select: { field: 'selected_options', initial: 'initial_options', many: true, options: true },
  checkboxes: { field: 'selected_options', initial: 'initial_options', many: true, options: true },
  users_select: { field: 'selected_user', initial: 'initial_user' },
  multi_users_select: { field: 'selected_users', initial: 'initial_users', many: true },
  conversations_select: { field: 'selected_conversation', initial: 'initial_conversation' },
  multi_conversations_select: { field: 'selected_conversations', initial: 'initial_conversations', many: true },
  channels_select: { field: 'selected_channel', initial: 'initial_channel' },
  multi_channels_select: { field: 'selected_channels', initial: 'initial_channels', many: true },
  datepicker: { field: 'selected_date', initial: 'initial_date' },
  timepicker: { field: 'selected_time', initial: 'initial_time' },
  datetimepicker: { field: 'selected_date_time', initial: 'initial_date_time' },
};

export const isStateful = (element: Element): boolean => Object.hasOwn(FIELDS, element.type);

const initialValue = (element: Element): StateValue => {
  const spec = FIELDS[element.type];
  if (spec === undefined) return { type: element.type };
  const first = element[spec.initial];
  return { type: element.type, [spec.field]: first === undefined ? (spec.many ? [] : null) : structuredClone(first) };
};

/** The state of freshly drawn blocks. What was entered before stays where block, action and kind are the same. */
export const stateOf = (blocks: readonly Block[], before: StateValues = {}): StateValues => {
  const values: StateValues = {};
  for (const block of blocks) {
    for (const element of elementsOf(block).filter(isStateful)) {
      const kept = before[block.block_id]?.[element.action_id];
      const value = kept?.type === element.type ? kept : initialValue(element);
      values[block.block_id] = { ...values[block.block_id], [element.action_id]: value };
    }
  }
  return values;
};

const offered = (element: Element, loaded: readonly Option[]): Option[] => {
  const groups = Array.isArray(element.option_groups) ? element.option_groups : [];
  return [element.options, ...groups.map((group) => group.options), loaded].flatMap((each) =>
    Array.isArray(each) ? (each as Option[]) : [],
  );
};

const isOption = (value: unknown): value is Option => isObject(value) && typeof value.value === 'string';

/** The option meant by a value: one of those offered, or for an external select the option itself. Throws `NotPossible`. */
export const optionFor = (element: Element, value: unknown, loaded: readonly Option[]): Option => {
  const all = offered(element, loaded);
  const wanted = isOption(value) ? value.value : value;
  const found = all.find((option) => option.value === wanted);
  if (found !== undefined) return found;
  if (isOption(value) && element.type.endsWith('external_select')) return value;
  const values = all.map((option) => option.value).join(', ') || 'none (load the options first)';
  throw new NotPossible(`${element.action_id} offers no option ${JSON.stringify(wanted)}; it offers ${values}.`);
};

/** The state after a person chose or typed `value`. Throws `NotPossible` for what the client would not let them do. */
export const enteredValue = (element: Element, value: InputValue, loaded: readonly Option[]): StateValue => {
  const spec = FIELDS[element.type];
  if (spec === undefined) throw new NotPossible(`${element.action_id} is a ${element.type}: nothing can be entered.`);
  const one = (each: unknown): unknown => (spec.options ? optionFor(element, each, loaded) : each);
  if (value === null) return { type: element.type, [spec.field]: spec.many ? [] : null };
  if (spec.many) {
    const values = Array.isArray(value) ? value : [value];
    const most = element.max_selected_items;
    if (typeof most === 'number' && values.length > most) {
      throw new NotPossible(`${element.action_id} takes at most ${most}.`);
    }
    return { type: element.type, [spec.field]: values.map(one) };
  }
  if (Array.isArray(value)) throw new NotPossible(`${element.action_id} takes one value, not a list.`);
  if (spec.field === 'value') {
    const text = String(value);
    const max = typeof element.max_length === 'number' ? element.max_length : 3000;
    if (element.type === 'plain_text_input' && characters(text) > max) {
      throw new NotPossible(`${element.action_id} takes at most ${max} characters: the client lets nobody type more.`);
    }
    return { type: element.type, value: text === '' ? null : text };
  }
  return { type: element.type, [spec.field]: one(value) };
};

const isEmpty = (value: StateValue | undefined): boolean =>
  value === undefined ||
  Object.entries(value).every(
    ([name, each]) => name === 'type' || each === null || (Array.isArray(each) && each.length === 0),
  );

/** What Slack's own client says under inputs before it sends a view: required ones left empty, text too short. */
export const clientErrors = (blocks: readonly Block[], values: StateValues): Record<string, string> => {
  const errors: Record<string, string> = {};
  for (const block of blocks.filter((each) => each.type === 'input')) {
    const element = elementsOf(block)[0];
    if (element === undefined) continue;
    const value = values[block.block_id]?.[element.action_id];
    const min = element.min_length;
    if (isEmpty(value)) {
      if (block.optional !== true) errors[block.block_id] = 'Please complete this required field.';
    } else if (typeof min === 'number' && typeof value?.value === 'string' && characters(value.value) < min) {
      errors[block.block_id] = `Must be at least ${min} characters long.`;
    }
  }
  return errors;
};
