import { deepFreeze } from '../frozen.ts';
import type { TargetPolicy } from '../policy-set.ts';
import type { TargetDocument } from '../schema/targets.ts';

/** What stands in logs and dumps in the place of a target's settings. */
export const HIDDEN = '[target config]';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** A checked target as a policy whose settings cannot be printed by accident. */
export function targetPolicy(name: string, { provider, account, system, config, owner }: TargetDocument): TargetPolicy {
  const target = { name, provider, account, system, ...(owner === undefined ? {} : { owner: deepFreeze(owner) }) };
  Object.defineProperty(target, 'config', { value: unprintable(config), enumerable: false });
  return Object.freeze(target) as TargetPolicy;
}

/**
 * The settings with nothing else in them changed: providers read them like any object. NB. JSON (so every log line) and
 * the console show a placeholder: the settings hold the secrets that came from the environment.
 */
export function unprintable(config: object): object {
  const copy = Object.isExtensible(config) ? config : { ...config };
  Object.defineProperty(copy, 'toJSON', { value: () => HIDDEN, enumerable: false });
  Object.defineProperty(copy, INSPECT, { value: () => HIDDEN, enumerable: false });
  return deepFreeze(copy);
}
