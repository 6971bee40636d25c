import type { PersonRef } from '../domain/person.ts';
import { type Directory, strangerNote } from '../policy/index.ts';

/** Who clicked: a workspace and a Slack user id, both from a request whose signature was checked (invariant 10). */
export interface Caller {
  workspace: string;
  slack: string;
  /** Names this one interaction (trigger id, action timestamp), so that a replay does nothing. */
  interaction: string;
}

/** The person the directory binds to a Slack id; undefined for strangers and disabled people. */
export function personOf(directory: Directory, slack: string): PersonRef | undefined {
  const person = directory.bySlack(slack);
  return person && !person.disabled ? { email: person.email, slack } : undefined;
}

/** The name under which the audit log knows a caller. */
export const actorOf = (directory: Directory, slack: string): string =>
  personOf(directory, slack)?.email ?? `slack:${slack}`;

/** What somebody is told whom the directory does not know; with the reason, when a live source of it does not tell. */
export const unknownPerson = (directory: Directory): string => `${UNKNOWN_PERSON}${strangerNote(directory)}`;

const UNKNOWN_PERSON =
  'I do not know you: your Slack user is not in the directory of the policies. Ask the people who own the policies to add you.';
