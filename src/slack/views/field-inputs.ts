import type { ViewStateValue } from '@slack/bolt';
import type { InputBlock, PlainTextOption } from '@slack/types';
import type { AccessPolicy } from '../../app/policy-questions.ts';
import type { FieldValues } from '../../domain/request.ts';
import { shorten } from '../escape.ts';
import { BLOCK, INPUT } from '../ids.ts';

/** As long as the policies allow a field to be. */
const FIELD_LIMIT = 200;
/** The same of a hint. */
const HINT_LIMIT = 150;

/** NB. named by the access too, so that what was typed for one access is not taken for another one's field. */
export const fieldBlock = (access: string, field: string): string => `${BLOCK.field}:${access}:${field}`;

const option = (value: string): PlainTextOption => ({ text: { type: 'plain_text', text: value }, value });

/** An input for each field of an access: a menu where its values are listed, else a line of text. */
export const fieldInputs = ({ name, fields }: AccessPolicy): InputBlock[] =>
  fields.map((field) => ({
    type: 'input',
    block_id: fieldBlock(name, field.name),
    optional: !field.required,
    label: { type: 'plain_text', text: field.label },
    ...hintOf(field),
    element: field.choices
      ? { type: 'static_select', action_id: INPUT.field, options: field.choices.map(option) }
      : { type: 'plain_text_input', action_id: INPUT.field, max_length: FIELD_LIMIT },
  }));

/** In the words of the policy; without any, the pattern itself is better than nothing. */
function hintOf({ hint, pattern }: AccessPolicy['fields'][number]): Pick<InputBlock, 'hint'> {
  const text = hint ?? (pattern ? shorten(`It must match ${pattern.source}`, HINT_LIMIT) : undefined);
  return text === undefined ? {} : { hint: { type: 'plain_text', text } };
}

/** What was filled in for the fields of an access. */
export function readFieldInputs(access: string, values: Record<string, Record<string, ViewStateValue>>): FieldValues {
  const prefix = fieldBlock(access, '');
  const filled: [string, string][] = [];
  for (const [block, inputs] of Object.entries(values)) {
    const input = inputs[INPUT.field];
    const value = input?.selected_option?.value ?? input?.value;
    if (block.startsWith(prefix) && typeof value === 'string') filled.push([block.slice(prefix.length), value]);
  }
  return Object.fromEntries(filled);
}
