import type { Person } from '../directory.ts';

/** What the files say about who people are, and what they leave to live sources. */
export interface LiveSources {
  /** The people of the files. */
  readonly people: readonly Person[];
  /** The groups of the files: members' e-mails by name. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Slack user group ids by the names of the groups whose members they say. */
  readonly usergroups: ReadonlyMap<string, string>;
}

/** Whether anything is left to live sources at all. */
export const anyLive = ({ usergroups }: LiveSources): boolean => usergroups.size > 0;
