import type { Milliseconds } from '../../domain/instant.ts';

/**
 * For how long what a Slack user group said is relied on. Long enough for a rate limit or a short outage at Slack; short
 * enough that somebody who was taken out while Slack could not tell us has lost their vote before the next meeting.
 */
export const USERGROUP_BOUND_MS: Milliseconds = 15 * 60_000;

/** For how long after Slack said that a user group changed, when it then does not tell us how: what we know is wrong. */
export const CHANGED_BOUND_MS: Milliseconds = 60_000;

/**
 * How many groups may come from Slack. It answers 20 questions about members a minute; half of them keep this many current
 * within ten minutes, the other half is for changes and a second process.
 */
export const MOST_USERGROUPS = 100;
