import type { Names } from '../mrkdwn-dom.ts';
import type { Done, InputValue, SelectOption } from '../wire.ts';

/** An interactive part of Block Kit as the app sent it. */
export interface ElementJson {
  type: string;
  action_id?: string;
  text?: { type: 'plain_text' | 'mrkdwn'; text: string; emoji?: boolean };
  style?: string;
  url?: string;
  value?: string;
  confirm?: ConfirmJson;
  placeholder?: { text: string };
  accessibility_label?: string;
  initial_value?: string;
  initial_option?: SelectOption;
  initial_options?: SelectOption[];
  initial_date?: string;
  initial_time?: string;
  initial_user?: string;
  initial_users?: string[];
  initial_conversation?: string;
  initial_channel?: string;
  options?: SelectOption[];
  option_groups?: { label: { text: string }; options: SelectOption[] }[];
  min_query_length?: number;
  max_selected_items?: number;
  multiline?: boolean;
  min_length?: number;
  max_length?: number;
  focus_on_load?: boolean;
  is_decimal_allowed?: boolean;
  min_value?: string;
  max_value?: string;
}

export interface ConfirmJson {
  title: { text: string };
  text: { type: 'plain_text' | 'mrkdwn'; text: string };
  confirm: { text: string };
  deny: { text: string };
  style?: string;
}

/** What an element needs from the surface (message or view) it stands on. */
export interface Surroundings {
  names: Names;
  people: readonly { id: string; name: string }[];
  channels: readonly { id: string; name: string }[];
  /** Tells the app that something was pressed or chosen; resolves when it has answered. */
  act(blockId: string, element: ElementJson, value: InputValue): Promise<Done>;
  /** What an `external_select` offers. */
  load(blockId: string, actionId: string, query: string): Promise<{ options: SelectOption[]; problem?: string }>;
  /** Keeps what was entered, so that a new drawing of the same input shows it again. */
  values: {
    get(blockId: string, actionId: string): InputValue | undefined;
    set(blockId: string, actionId: string, value: InputValue): void;
  };
}

/** One element at its place. */
export interface Place {
  block: string;
  element: ElementJson;
  around: Surroundings;
  /** True: choosing tells the app at once; false: the value waits for the submission. */
  dispatches: boolean;
  /** Ids of the label and of what describes the control, when a label of its own stands beside it. */
  labelledBy?: string;
  describedBy?: string;
  required?: boolean;
  invalid?: boolean;
}

/** The attributes all form controls share. */
export function controlAttributes(place: Place): Record<string, string | boolean | undefined> {
  const { element } = place;
  return {
    'data-focus': focusName(place),
    'aria-labelledby': place.labelledBy,
    'aria-label': place.labelledBy ? undefined : (element.accessibility_label ?? element.placeholder?.text ?? 'Choose'),
    'aria-describedby': place.describedBy,
    'aria-required': place.required ? 'true' : undefined,
    'aria-invalid': place.invalid ? 'true' : undefined,
  };
}

export const focusName = ({ block, element }: Place): string => `${block}/${element.action_id ?? ''}`;

/** Keeps the value and, where the app wants to know at once, tells it. */
export function choose(place: Place, value: InputValue): void {
  const { around, block, element } = place;
  around.values.set(block, element.action_id ?? '', value);
  if (place.dispatches) void around.act(block, element, value);
}
