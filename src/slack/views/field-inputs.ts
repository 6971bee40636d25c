import type { ViewStateValue } from '@slack/bolt';
import type { InputBlock, PlainTextOption } from '@slack/types';
import type { AccessPolicy } from '../../app/policy-questions.ts';
import type { FieldValues } from '../../domain/request.ts';
import { shorten } from '../escape.ts';
import { BLOCK, INPUT } from '../ids.ts';

/** As long as the policies allow a field to be. */
const FIELD_LIMIT = 200;

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
    ...(field.pattern
      ? { hint: { type: 'plain_text' as const, text: shorten(`It must match ${field.pattern.source}`, 150) } }
      : {}),
    element: field.choices
      ? { type: 'static_select', action_id: INPUT.field, options: field.choices.map(option) }
      : { type: 'plain_text_input', action_id: INPUT.field, max_length: FIELD_LIMIT },
  }));

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
