import type { Milliseconds } from '../../domain/instant.ts';
import type { Person } from '../directory.ts';

/** What the files say about who people are, and what they leave to live sources. */
export interface LiveSources {
  /** The people of the files. */
  readonly people: readonly Person[];
  /** The groups of the files: members' e-mails by name. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Slack user group ids by the names of the groups whose members they say. */
  readonly usergroups: ReadonlyMap<string, string>;
  readonly scim: readonly ScimSource[];
  /** People without a Slack id are found in Slack by their e-mail. */
  readonly matchSlackEmail: boolean;
}

/** A SCIM directory that people, their managers and groups come from. */
export interface ScimSource {
  /** The real system, as the provider names it, without secrets: two sources never have the same. */
  readonly system: string;
  /** For people. */
  readonly name: string;
  /** Checked by the provider, secrets in place. NB. It never prints, as the settings of a target. */
  readonly config: object;
  readonly everyMs: Milliseconds;
  /** Display names there by the names of groups here. */
  readonly groups: ReadonlyMap<string, string>;
}

/** Whether anything is left to live sources at all. */
export const anyLive = ({ usergroups, scim, matchSlackEmail }: LiveSources): boolean =>
  usergroups.size > 0 || scim.length > 0 || matchSlackEmail;
