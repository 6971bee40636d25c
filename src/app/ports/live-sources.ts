import type { Milliseconds } from '../../domain/instant.ts';
import type { ScimSnapshot } from '../../policy/index.ts';

export type { ScimGroup, ScimSnapshot, ScimUser } from '../../policy/index.ts';

/** What Slack knows of people. Calls throw only `SourceError`. */
export interface SlackDirectory {
  /** The Slack user ids of a user group's members. */
  usergroup(id: string, signal: AbortSignal): Promise<readonly string[]>;
  /** The confirmed e-mails, lower-cased, of the workspace's own people, by their Slack user ids. */
  emails(signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}

/** SCIM directories that people come from. Calls throw only `SourceError`. */
export interface ScimDirectories {
  read(source: ScimToRead, signal: AbortSignal): Promise<ScimSnapshot>;
}

export interface ScimToRead {
  /** For people. */
  name: string;
  /** It has passed the provider's schema. */
  config: object;
  /** Display names of the groups whose members are wanted. */
  groups: readonly string[];
}

/** A live source of the directory could not be read. The message is for the people who run Latchkey and holds no secret. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: string;
  /** The source answered that there is no such thing: what it said before does not hold any more. */
  readonly final: boolean;
  /** The source, or our own pacing, names the time. */
  readonly retryAfterMs: Milliseconds | undefined;

  constructor(
    code: string,
    message: string,
    { final = false, retryAfterMs }: { final?: boolean; retryAfterMs?: Milliseconds | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.final = final;
    this.retryAfterMs = retryAfterMs;
  }
}
