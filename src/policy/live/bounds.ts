import type { Milliseconds } from '../../domain/instant.ts';

/**
 * For how long what a Slack user group said is relied on. Long enough for a rate limit or a short outage at Slack; short
 * enough that somebody who was taken out while Slack could not tell us has lost their vote before the next meeting.
 */
export const USERGROUP_BOUND_MS: Milliseconds = 15 * 60_000;

/** For how long after Slack said that a user group changed, when it then does not tell us how: what we know is wrong. */
export const CHANGED_BOUND_MS: Milliseconds = 60_000;

/** As long, for the same reasons: who Slack says has an e-mail. */
export const SLACK_EMAILS_BOUND_MS: Milliseconds = 15 * 60_000;

/** What a SCIM directory said is relied on until three readings have been missed: one may fail, two are an outage. */
export const SCIM_BOUND_READINGS = 3;

/**
 * How many groups may come from Slack. It answers 20 questions about members a minute; half of them keep this many current
 * within ten minutes, the other half is for changes and a second process.
 */
export const MOST_USERGROUPS = 100;
