import type { Milliseconds } from '../../domain/instant.ts';

/** What Slack knows of people. Calls throw only `SourceError`. */
export interface SlackDirectory {
  /** The Slack user ids of a user group's members. */
  usergroup(id: string, signal: AbortSignal): Promise<readonly string[]>;
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
