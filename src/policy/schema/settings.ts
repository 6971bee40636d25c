import { z } from 'zod';
import { apiKeys } from './api-keys.ts';
import type { Read } from './readable.ts';
import { byName, channel, word } from './words.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export const DEFAULT_TIMEZONE = 'UTC';

/** An IANA time zone that this runtime knows. */
const timezone = word('bad-timezone', (text) => {
  const why = 'Write a time zone such as Europe/Berlin or UTC.';
  // An offset has no daylight saving time, so `+01:00` would drift by an hour twice a year.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text)) return { ok: false, why };
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return { ok: true, value: text };
  } catch {
    return { ok: false, why };
  }
});

const TIME_OF_DAY = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const timeOfDay = word(
  'bad-time',
  (text) =>
    TIME_OF_DAY.test(text)
      ? { ok: true, value: text }
      : { ok: false, why: "Write a time of day from '00:00' to '23:59', quoted." },
  { pattern: TIME_OF_DAY.source },
);

const schedule = z.strictObject({
  /** Every day when absent. */
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .max(DAYS.length)
    .default([...DAYS]),
  /** In `timezone`. */
  from: timeOfDay,
  /** The first minute that is no longer in it; earlier than `from`: on the next day. */
  to: timeOfDay,
});

/** `kind: settings`: at most one document in the folder. */
export const settingsSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('settings'),
  /** For the digest and for times in messages. */
  timezone: timezone.default(DEFAULT_TIMEZONE),
  /** Whoever has no `slack` id is found by the e-mail that Slack confirmed. Off: whoever may change it is somebody else. */
  match_slack_email: z.boolean().default(false),
  digest: z
    .strictObject({
      channel,
      /** In `timezone`. */
      at: timeOfDay,
      /** Every day when absent. */
      days: z
        .array(z.enum(DAYS))
        .min(1)
        .max(DAYS.length)
        .default([...DAYS]),
    })
    .optional(),
  /** Hours of a week for `in_schedule`, by name. */
  schedules: byName(schedule).optional(),
  /** By name, the SHA-256 of the keys that callers of actions show. */
  api_keys: apiKeys.optional(),
});

export type SettingsDocument = z.output<typeof settingsSchema>;

/** Settings as far as they can be read. */
export type ReadableSettings = Read<typeof settingsSchema>;
