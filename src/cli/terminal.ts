/** Where a command writes and what it reads, so that tests can stand in for a terminal. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  env: NodeJS.ProcessEnv;
}

export type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;

/**
 * Exit codes. `usage`: the command line is wrong. `problems`: the environment, the policies or the database are. `broken`:
 * the audit log, or the rows that it tells of, are not what they were.
 */
export const EXIT = { ok: 0, usage: 1, problems: 2, broken: 3 } as const;

/** Every problem of the environment at once. */
export const environmentProblems = (problems: readonly string[]): string =>
  `In the environment:\n${problems.map((problem) => `  ${problem}`).join('\n')}\n`;

/** What Node says of a command line, without its advice on names that begin with a dash: nobody has any. */
export const wrongUse = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/ To specify a positional argument .*$/s, '') : String(error);
