import type { Refusal } from '../domain/refusal.ts';
import type { Rendered } from './blocks.ts';
import { code, escaped } from './escape.ts';

/** A refusal as its person reads it: what was wrong, what would be right, and the rule; with all else that is wrong. */
export function refused(refusal: Refusal, others: readonly Refusal[] = []): Rendered {
  const all = [refusal, ...others];
  const codes = [...new Set(all.map((one) => code(one.code)))].join(', ');
  const said = others.length === 0 ? sentence(refusal) : all.map((one) => `• ${sentence(one)}`).join('\n');
  return { text: `${said}\n_Code:_ ${codes}` };
}

function sentence({ sentence: words, rule }: Refusal): string {
  const because = rule === undefined ? '' : `\n_Rule:_ ${code(rule)}`;
  return `${escaped(words)}${because}`;
}
