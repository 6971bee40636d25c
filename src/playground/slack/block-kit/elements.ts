import {
  boolean,
  type Check,
  exactlyOne,
  integer,
  isObject,
  list,
  matching,
  object,
  oneOf,
  onlyOn,
  type Required,
  required,
  string,
} from './checks.ts';
import {
  confirm,
  conversationFilter,
  dispatchConfig,
  option,
  optionGroups,
  options,
  overflowOption,
  plainText,
  url,
} from './composition.ts';

/** Slack wants `action_id`s to differ within one block. */
const actionId: Check = (value, at, report) => {
  string(255)(value, at, report);
  if (typeof value !== 'string') return;
  if (report.actionIds.has(value)) report.add(`\`action_id\` "${value}" already exists for another element`, at);
  report.actionIds.add(value);
};

const focus: Check = (value, at, report) => {
  boolean(value, at, report);
  if (value !== true) return;
  report.focused += 1;
  if (report.focused > 1) report.add('only one element can have `focus_on_load`', at);
};

const element = (fields: Record<string, Check | Required>, ...also: Check[]): Check =>
  object({ type: string(255), action_id: actionId, ...fields }, ...also);

/** An initial choice must be one of the options offered. */
const initialAmongOptions: Check = (value, at, report) => {
  if (!isObject(value)) return;
  const groups = Array.isArray(value.option_groups) ? value.option_groups : [];
  const offered = [value.options, ...groups.map((group) => (isObject(group) ? group.options : undefined))]
    .flatMap((each) => (Array.isArray(each) ? each : []))
    .map((each) => JSON.stringify(each));
  const check = (choice: unknown, where: string): void => {
    if (!offered.includes(JSON.stringify(choice))) report.add('must be one of the provided options', where);
  };
  if (value.initial_option !== undefined) check(value.initial_option, `${at}/initial_option`);
  if (Array.isArray(value.initial_options)) {
    for (const [index, choice] of value.initial_options.entries()) check(choice, `${at}/initial_options/${index}`);
  }
};

const select = { placeholder: plainText(150), confirm, focus_on_load: focus };
const multi = { ...select, max_selected_items: integer(1, 10_000) };
const ids = list(string(255), 0, 100);
const date = matching(/^\d{4}-\d{2}-\d{2}$/, 'a date like 2026-01-31');
const time = matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time like 23:59');
const staticOptions = { options: options(option('plain'), 1, 100), option_groups: optionGroups };
const typed = { placeholder: plainText(150), focus_on_load: focus, dispatch_action_config: dispatchConfig };

const button = element({
  text: required(plainText(75)),
  url,
  value: string(2000, 0),
  style: oneOf('primary', 'danger'),
  confirm,
  accessibility_label: string(75),
});

const plainTextInput = element(
  {
    ...typed,
    initial_value: string(3000, 0),
    multiline: boolean,
    min_length: integer(0, 3000),
    max_length: integer(1, 3000),
  },
  (value, at, report) => {
    if (!isObject(value)) return;
    if (typeof value.min_length === 'number' && typeof value.max_length === 'number') {
      if (value.min_length > value.max_length) report.add('must not be more than `max_length`', `${at}/min_length`);
    }
  },
);

const choices: Record<string, Check> = {
  static_select: element(
    { ...select, ...staticOptions, initial_option: option('plain') },
    exactlyOne('options', 'option_groups'),
    initialAmongOptions,
  ),
  external_select: element({ ...select, initial_option: option('plain'), min_query_length: integer(0, 1000) }),
  users_select: element({ ...select, initial_user: string(255) }),
  conversations_select: element({
    ...select,
    initial_conversation: string(255),
    default_to_current_conversation: boolean,
    response_url_enabled: boolean,
    filter: conversationFilter,
  }),
  channels_select: element({ ...select, initial_channel: string(255), response_url_enabled: boolean }),
  multi_static_select: element(
    { ...multi, ...staticOptions, initial_options: list(option('plain'), 1, 100) },
    exactlyOne('options', 'option_groups'),
    initialAmongOptions,
  ),
  multi_external_select: element({
    ...multi,
    initial_options: list(option('plain'), 1, 100),
    min_query_length: integer(0, 1000),
  }),
  multi_users_select: element({ ...multi, initial_users: ids }),
  multi_conversations_select: element({
    ...multi,
    initial_conversations: ids,
    default_to_current_conversation: boolean,
    filter: conversationFilter,
  }),
  multi_channels_select: element({ ...multi, initial_channels: ids }),
  datepicker: element({ ...select, initial_date: date }),
  timepicker: element({ ...select, initial_time: time, timezone: string(255) }),
  datetimepicker: element({ initial_date_time: integer(0, 9_999_999_999), confirm, focus_on_load: focus }),
  radio_buttons: element(
    { options: required(options(option('any'), 1, 10)), initial_option: option('any'), confirm, focus_on_load: focus },
    initialAmongOptions,
  ),
  checkboxes: element(
    {
      options: required(options(option('any'), 1, 10)),
      initial_options: list(option('any'), 1, 10),
      confirm,
      focus_on_load: focus,
    },
    initialAmongOptions,
  ),
};

export const image: Check = object(
  {
    type: string(255),
    image_url: url,
    slack_file: object({ id: string(255), url }),
    alt_text: required(string(2000)),
  },
  exactlyOne('image_url', 'slack_file'),
);

const interactive = { button, overflow: element({ options: required(options(overflowOption, 1, 5)), confirm }) };

/** What may stand in an actions block. */
export const actionElements: Record<string, Check> = { ...interactive, ...choices };

/** What may stand beside a section's text. */
export const accessories: Record<string, Check> = { ...interactive, ...choices, image };

/** What may stand in an input block. */
export const inputElements: Record<string, Check> = {
  ...choices,
  plain_text_input: plainTextInput,
  email_text_input: element({ ...typed, initial_value: string(3000, 0) }),
  url_text_input: element({ ...typed, initial_value: string(3000, 0) }),
  number_input: element({
    ...typed,
    is_decimal_allowed: required(boolean),
    initial_value: string(3000),
    min_value: string(3000),
    max_value: string(3000),
  }),
  rich_text_input: element({
    ...typed,
    initial_value: object({ type: oneOf('rich_text'), elements: list(() => {}, 0, 1000) }),
  }),
  file_input: onlyOn(['modal'], element({ filetypes: list(string(255), 1, 100), max_files: integer(1, 10) })),
};
