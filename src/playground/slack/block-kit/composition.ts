import { boolean, type Check, exactlyOne, isObject, list, object, oneOf, required, string } from './checks.ts';

const TEXT_MAX = 3000;

const textObject = (types: readonly string[], max: number): Check =>
  object(
    { type: required(oneOf(...types)), text: required(string(max)), emoji: boolean, verbatim: boolean },
    (value, at, report) => {
      if (!isObject(value)) return;
      if (value.type === 'mrkdwn' && value.emoji !== undefined) report.add('invalid additional property: emoji', at);
      if (value.type === 'plain_text' && value.verbatim !== undefined) {
        report.add('invalid additional property: verbatim', at);
      }
    },
  );

/** A `plain_text` object of 1 to `max` characters. */
export const plainText = (max: number): Check => textObject(['plain_text'], max);

/** A `plain_text` or `mrkdwn` object of 1 to `max` characters (default 3,000). */
export const anyText = (max = TEXT_MAX): Check => textObject(['plain_text', 'mrkdwn'], max);

export const url = string(3000);

export const confirm: Check = object({
  title: required(plainText(100)),
  text: required(anyText(300)),
  confirm: required(plainText(30)),
  deny: required(plainText(30)),
  style: oneOf('primary', 'danger'),
});

/** Options of selects take plain text only; those of radio buttons and checkboxes take mrkdwn too. */
export const option = (text: 'plain' | 'any'): Check =>
  object({
    text: required(text === 'plain' ? plainText(75) : anyText(75)),
    value: required(string(150)),
    description: text === 'plain' ? plainText(75) : anyText(75),
  });

export const overflowOption: Check = object({
  text: required(plainText(75)),
  value: required(string(150)),
  description: plainText(75),
  url,
});

const uniqueValues: Check = (value, at, report) => {
  if (!Array.isArray(value)) return;
  const seen = new Set<unknown>();
  for (const [index, item] of value.entries()) {
    const own = isObject(item) ? item.value : undefined;
    if (own !== undefined && seen.has(own)) report.add(`duplicate option value: ${own}`, `${at}/${index}/value`);
    seen.add(own);
  }
};

export const options =
  (each: Check, min: number, max: number): Check =>
  (value, at, report) => {
    list(each, min, max)(value, at, report);
    uniqueValues(value, at, report);
  };

const optionGroup: Check = object({
  label: required(plainText(75)),
  options: required(options(option('plain'), 1, 100)),
});

export const optionGroups: Check = list(optionGroup, 1, 100);

/** What an options request is answered with: up to 100 options, or groups of them. None is a right answer. */
export const suggestions: Check = object(
  { options: options(option('plain'), 0, 100), option_groups: list(optionGroup, 0, 100) },
  exactlyOne('options', 'option_groups'),
);

export const dispatchConfig: Check = object({
  trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 1, 2),
});

export const conversationFilter: Check = object({
  include: list(oneOf('im', 'mpim', 'private', 'public'), 1, 4),
  exclude_external_shared_channels: boolean,
  exclude_bot_users: boolean,
});
