import type { CallerRef } from './caller.ts';
import type { Milliseconds } from './instant.ts';
import type { FieldValues } from './request.ts';

/**
 * What a refused request was for, so that other policies can be asked the same. NB. never the reason, and of the fields only
 * what keeps their rules: the rest may be anything, a password pasted into the wrong box among it.
 */
export interface WhatWasAsked {
  /** Absent: the access's default, or words that are no duration. */
  durationMs?: Milliseconds;
  /** Absent: none was filled in rightly. */
  fields?: FieldValues;
  /** To be given at once. */
  emergency?: true;
  /** Who, when a caller asked for an action. */
  caller?: CallerRef;
  /** For whom, when somebody at the server asked: the event's actor is not the person then. */
  person?: string;
}
