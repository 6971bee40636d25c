import { parseDuration } from '../domain/duration.ts';
import type { WhatWasAsked } from '../domain/what-was-asked.ts';
import { type PolicySet, rightlyFilled } from '../policy/index.ts';
import type { AskedAccess } from './request-access.ts';

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
