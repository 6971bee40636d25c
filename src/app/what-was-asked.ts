import type { CallerRef } from '../domain/caller.ts';
import { parseDuration } from '../domain/duration.ts';
import type { WhatWasAsked } from '../domain/what-was-asked.ts';
import { type PolicySet, rightlyFilled } from '../policy/index.ts';
import type { AskedAccess } from './request-access.ts';
import type { AskedAction } from './request-action.ts';

/** What of a refused request is recorded beside its access and who asked. */
export function whatWasAsked(
  { accesses }: Pick<PolicySet, 'accesses'>,
  { access, duration, fields = {} }: Pick<AskedAccess, 'access' | 'duration' | 'fields'>,
): WhatWasAsked {
  const parsed = duration === undefined ? undefined : parseDuration(duration);
  const policy = accesses.get(access);
  const filled = policy ? rightlyFilled(policy, fields) : {};
  return {
    ...(parsed?.ok ? { durationMs: parsed.ms } : {}),
    ...(Object.keys(filled).length > 0 ? { fields: filled } : {}),
  };
}

/** The same of a caller. With what its token said, so that other policies can be asked the same. */
export function whatCallerAsked(
  { actions }: Pick<PolicySet, 'actions'>,
  caller: CallerRef,
  { action, parameters }: Pick<AskedAction, 'action' | 'parameters'>,
): WhatWasAsked {
  const policy = actions.get(action);
  const filled = policy ? rightlyFilled({ fields: policy.parameters }, parameters) : {};
  return { caller, ...(Object.keys(filled).length > 0 ? { fields: filled } : {}) };
}
