import type { ViewStateValue } from '@slack/bolt';
import type { InputBlock } from '@slack/types';
import { BLOCK, INPUT } from '../ids.ts';

const LIMIT = 500;
/** As in a requester's reason: control characters but newline and tab, and halves of surrogate pairs. */
const UNWRITABLE = /[^\P{Cc}\n\t]|\p{Cs}/u;

/** The one question of a form that asks for somebody's own words. */
export const wordsInput = (label: string, hint: string): InputBlock => ({
  type: 'input',
  block_id: BLOCK.reason,
  label: { type: 'plain_text', text: label },
  hint: { type: 'plain_text', text: hint },
  element: {
    type: 'plain_text_input',
    action_id: INPUT.reason,
    multiline: true,
    min_length: 1,
    max_length: LIMIT,
  },
});

/** The words, or what is wrong with them. `what`: what to write, as the beginning of a sentence. */
export function readWords(
  values: Record<string, Record<string, ViewStateValue>>,
  what: string,
): { words: string; mistake?: string } {
  const words = (values[BLOCK.reason]?.[INPUT.reason]?.value ?? '').trim();
  if (words === '' || [...words].length > LIMIT) return { words, mistake: `${what}, in at most ${LIMIT} characters.` };
  if (UNWRITABLE.test(words)) return { words, mistake: 'It holds control characters: write it as plain text.' };
  return { words };
}
