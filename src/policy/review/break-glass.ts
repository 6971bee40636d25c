import type { PolicySet } from '../policy-set.ts';
import { type Warning, warning } from './warnings.ts';

/** Emergency access without a quota is an approval that nobody gave, any number of times. */
export function* breakGlasses({ accesses }: PolicySet): Generator<Warning> {
  for (const { name, breakGlass, places } of accesses.values()) {
    if (!breakGlass || breakGlass.allow.length === 0 || breakGlass.quota) continue;
    const sentence = `\`${name}\` can be taken in an emergency any number of times: add a quota, such as \`quota: {times: 2, per: 30d}\`.`;
    yield warning(places.breakGlass, 'break-glass-without-quota', sentence);
  }
}
