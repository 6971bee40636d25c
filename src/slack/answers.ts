import type { Refusal } from '../domain/refusal.ts';
import type { Rendered } from './blocks.ts';
import { code, escaped } from './escape.ts';

/** A refusal as its person reads it: what was wrong, what would be right, and the rule. */
export function refused({ sentence, rule, code: refusal }: Refusal): Rendered {
  const because = rule === undefined ? '' : `\n_Rule:_ ${code(rule)}`;
  return { text: `${escaped(sentence)}${because}\n_Code:_ ${code(refusal)}` };
}
