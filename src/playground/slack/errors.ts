/** An answer `{ ok: false, error }` of the Web API, with HTTP status 200 as Slack does it. */
export class SlackError extends Error {
  override readonly name = 'SlackError';
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(code: string, details: Record<string, unknown> = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** What Slack adds when blocks or views are wrong: every problem, each with its JSON pointer. */
export const problemDetails = (problems: readonly string[]): Record<string, unknown> => ({
  errors: [...problems],
  response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
});

/** 429 with `Retry-After`. */
export class RateLimited extends Error {
  override readonly name = 'RateLimited';
  /** Whole seconds, at least 1. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super('ratelimited');
    this.retryAfter = retryAfter;
  }
}

/** A test or the playground asked for something that a person in front of Slack could not do. */
export class NotPossible extends Error {
  override readonly name = 'NotPossible';
}
