import { type Effect, type EffectKind, laneOf, orderOf } from '../domain/effects.ts';
import { isObject, json } from './unreadable.ts';

/** What an effect must name so that it can be tried at all. A kind that is not here is for a newer version to judge. */
const NAMES: Record<EffectKind, readonly string[]> = {
  provision: ['grantId', 'key'],
  revoke: ['grantId', 'key'],
  watch: ['grantId', 'usedAt', 'lookedAt'],
  announce: ['requestId'],
  refresh: ['requestId'],
  story: ['requestId', 'beat'],
  alarm: ['requestId', 'failure'],
  'tell-requester': ['requestId', 'news'],
  'tell-delegation': ['news', 'to', 'until'],
  digest: ['date', 'from', 'to'],
};

/**
 * NB. the lane and the order repeat what the payload says. One that stands in another order would run beside what it has to
 * wait for: a permission could be given while it is being taken away.
 *
 * @throws an error that says what is wrong with the row, without quoting it.
 */
export function readEffect(row: { kind: string; payload: string; lane: string; orderKey: string }): Effect {
  const known = Object.hasOwn(NAMES, row.kind);
  const names: readonly string[] = known ? NAMES[row.kind as EffectKind] : [];
  const effect = json<Effect>('payload', row.payload, (value) => {
    if (!isObject(value) || value.kind !== row.kind) return false;
    return names.every((name) => typeof value[name] === 'string');
  });
  if (known && row.lane !== laneOf(effect)) throw new Error('its lane is not that of its kind');
  if (known && row.orderKey !== orderOf(effect)) throw new Error('its payload is not about what its order is about');
  return effect;
}
