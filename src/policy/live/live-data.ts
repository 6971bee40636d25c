import { formatDuration } from '../../domain/duration.ts';
import { between, type Instant, type Milliseconds, plus } from '../../domain/instant.ts';
import { CHANGED_BOUND_MS } from './bounds.ts';

/** What is known of one live source. */
export interface Reading<T> {
  /** What it said last, and when it was asked. */
  readonly last?: { readonly asOf: Instant; readonly value: T };
  /** Why it could not be read since then. `final`: the source says that what we ask for does not exist. */
  readonly failure?: { readonly sentence: string; readonly final: boolean };
  /** When the source said that it had changed, if it was not read since. */
  readonly changedAt?: Instant;
}

/** What the live sources said, by what identifies them there. */
export interface LiveData {
  /** Slack user ids of the members, by user group id. */
  readonly usergroups: ReadonlyMap<string, Reading<readonly string[]>>;
  /** E-mails of the workspace's own people, by Slack user id. */
  readonly slackEmails?: Reading<ReadonlyMap<string, string>>;
  /** By `system`. */
  readonly scim?: ReadonlyMap<string, Reading<ScimSnapshot>>;
}

/** What a SCIM directory holds, as far as it can be read. */
export interface ScimSnapshot {
  readonly users: readonly ScimUser[];
  /** How many users have no id, no e-mail or no other way to be told apart. */
  readonly unreadable: number;
  /** The groups that were asked for; two when two have the same name. */
  readonly groups: readonly ScimGroup[];
}

export interface ScimUser {
  readonly id: string;
  readonly email: string;
  readonly active: boolean;
  /** The id of another user. */
  readonly managerId?: string;
}

export interface ScimGroup {
  readonly displayName: string;
  /** Ids of users. */
  readonly members: readonly string[];
  /** How many of its members are groups. */
  readonly nested: number;
}

export type Judged<T> =
  /** Relied on until then. */
  | { ok: true; value: T; until: Instant }
  /** How the source is, as the end of a sentence, and what went wrong. */
  | { ok: false; state: string; detail?: string };

/** Whether a source is fresh enough to be relied on now. */
export function judge<T>(reading: Reading<T> | undefined, bound: Milliseconds, now: Instant): Judged<T> {
  const { last, failure, changedAt } = reading ?? {};
  const detail = failure === undefined ? {} : { detail: failure.sentence };
  if (failure?.final) return { ok: false, state: 'cannot be read', ...detail };
  if (!last) return { ok: false, state: 'has not been read yet', ...detail };
  const stale = plus(last.asOf, bound);
  const outdated = changedAt === undefined ? undefined : plus(changedAt, CHANGED_BOUND_MS);
  if (outdated !== undefined && now >= outdated) {
    return { ok: false, state: `changed at ${changedAt} and could not be read since`, ...detail };
  }
  // NB. a reading from the future proves nothing: its age could never be told.
  if (now >= stale || between(now, last.asOf) > 0) {
    const state = `was last read at ${last.asOf}, and is relied on for no longer than ${formatDuration(bound)}`;
    return { ok: false, state, ...detail };
  }
  const closesEarlier = outdated !== undefined && outdated < stale;
  return { ok: true, value: last.value, until: closesEarlier ? outdated : stale };
}
