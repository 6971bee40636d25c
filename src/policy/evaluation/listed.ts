import { type Principal, principalText } from '../../domain/principal.ts';

/** Names of more than this many in a sentence are counted instead. */
export const NAMED = 8;

/** `a, b or c`. */
export const listed = (items: readonly string[], word: 'and' | 'or'): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;

/** `group:dba, user:ana@example.com and 4 more`; with `or` where any of them will do. */
export const principalsText = (principals: readonly Principal[], word: 'and' | 'or' = 'and'): string => {
  const texts = [...new Set(principals.map(principalText))];
  if (texts.length <= NAMED) return listed(texts, word);
  return `${texts.slice(0, NAMED).join(', ')} ${word} ${texts.length - NAMED} more`;
};
