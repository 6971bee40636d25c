import type { PolicySet } from '../policy-set.ts';
import { type Warning, warning } from './warnings.ts';

/** API keys that no action names: whoever holds one can do nothing with it, until somebody writes a rule for another caller. */
export function* unusedApiKeys({ actions, apiKeyPlaces }: PolicySet): Generator<Warning> {
  const used = new Set<string>();
  for (const rule of [...actions.values()].flatMap(({ callers }) => callers)) {
    if (rule.kind === 'api-key') used.add(rule.name);
  }
  for (const [name, place] of apiKeyPlaces) {
    if (used.has(name)) continue;
    const sentence = `No action names the API key \`${name}\`: remove it, or name it where it was meant.`;
    yield warning(place, 'unused-api-key', sentence);
  }
}
