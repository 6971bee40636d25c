import { formatDuration } from '../../domain/duration.ts';
import type { AccessPolicy, ExtensionPolicy } from '../../policy/index.ts';
import { type Askable, asksReason } from '../askable.ts';
import type { Field, Weakened, WeakenedAt } from './mutant.ts';

/** What may be asked for, made longer, and what has to be said, left out. */
export function* mutantsOfLimits(access: AccessPolicy): Iterable<WeakenedAt<AccessPolicy>> {
  const { places, duration } = access;
  yield {
    place: places.duration,
    what: `with a \`max\` of ${formatDuration(duration.maxMs * 2)}`,
    change: (each) => ({ ...each, duration: { ...each.duration, maxMs: each.duration.maxMs * 2 } }),
  };
  if (duration.defaultMs !== duration.maxMs) {
    yield {
      place: places.duration,
      what: `with a \`default\` of ${formatDuration(duration.maxMs)}`,
      change: (each) => ({ ...each, duration: { ...each.duration, defaultMs: each.duration.maxMs } }),
    };
  }
  yield* mutantsOfReason(access);
  for (const { what, change } of mutantsOfFields(access.fields))
    yield { what, place: places.fields, change: (each) => ({ ...each, fields: change(each.fields) }) };
  for (const { what, change } of duration.extend ? mutantsOfExtension(access, duration.extend) : []) {
    yield {
      place: places.duration,
      what,
      change: (each) =>
        each.duration.extend ? { ...each, duration: { ...each.duration, extend: change(each.duration.extend) } } : each,
    };
  }
  const { revokeOnIdleMs } = access;
  if (revokeOnIdleMs === undefined) return;
  const used = { place: places.revokeOnIdle };
  yield { ...used, what: 'without `revoke_on_idle`', change: ({ revokeOnIdleMs: _, ...each }) => each };
  yield {
    ...used,
    what: `with \`revoke_on_idle: ${formatDuration(revokeOnIdleMs * 2)}\``,
    change: (each) => ({ ...each, revokeOnIdleMs: revokeOnIdleMs * 2 }),
  };
}

/** What has to be said, left out. */
export function* mutantsOfReason<Policy extends Askable>({ places, reason }: Policy): Iterable<WeakenedAt<Policy>> {
  if (!asksReason({ reason })) return;
  yield {
    place: places.reason,
    what: 'without a required `reason`',
    change: (each) => ({ ...each, reason: { required: false, minLength: 0 } }),
  };
}

/** What has to be filled in, left out or anything. */
export function* mutantsOfFields(fields: readonly Field[]): Iterable<Weakened<readonly Field[]>> {
  for (const field of fields) {
    for (const { what, change } of mutantsOfField(field))
      yield { what, change: (all) => all.map((one) => (one.name === field.name ? change(one) : one)) };
  }
}

function* mutantsOfField({ name, required, pattern, choices }: Field): Iterable<Weakened<Field>> {
  if (required) yield { what: `without a required \`${name}\``, change: (one) => ({ ...one, required: false }) };
  if (pattern || choices)
    yield { what: `with anything as \`${name}\``, change: ({ pattern: _, choices: __, ...one }) => one };
}

function* mutantsOfExtension(
  { flows }: AccessPolicy,
  { byMs, times, approval }: ExtensionPolicy,
): Iterable<Weakened<ExtensionPolicy>> {
  yield {
    what: `with \`extend\` by ${formatDuration(byMs * 2)}`,
    change: (extend) => ({ ...extend, byMs: byMs * 2 }),
  };
  yield { what: `with \`extend\` ${times + 1} times`, change: (extend) => ({ ...extend, times: times + 1 }) };
  // An automatic flow extends automatically, whatever is said here; and the last of one step is all of them.
  const asked = flows.filter(({ autoApprove }) => !autoApprove);
  if (approval === 'none' || asked.length === 0) return;
  yield { what: 'with `extend` approved by nobody', change: (extend) => ({ ...extend, approval: 'none' }) };
  if (approval === 'all-steps' && asked.some(({ steps }) => steps.length > 1))
    yield {
      what: 'with `extend` approved by the last step',
      change: (extend) => ({ ...extend, approval: 'last-step' }),
    };
}
