import type { Effect, EffectKind } from '../domain/effects.ts';
import { isObject, json } from './unreadable.ts';

/** What an effect must name so that it can be tried at all. A kind that is not here is for a newer version to judge. */
const NAMES: Partial<Record<EffectKind, readonly string[]>> = {
  provision: ['grantId', 'key'],
  revoke: ['grantId', 'key'],
  watch: ['grantId', 'usedAt', 'lookedAt'],
  announce: ['requestId'],
  refresh: ['requestId'],
  story: ['requestId'],
  alarm: ['requestId'],
  'tell-requester': ['requestId'],
  digest: ['date', 'from', 'to'],
};

/** @throws an error that says what is wrong with the payload, without quoting it. */
export function readEffect(kind: string, payload: string): Effect {
  const names: readonly string[] = Object.hasOwn(NAMES, kind) ? (NAMES[kind as EffectKind] ?? []) : [];
  return json('payload', payload, (value) => {
    if (!isObject(value) || value.kind !== kind) return false;
    return names.every((name) => typeof value[name] === 'string');
  });
}
