import { setTimeout as sleep } from 'node:timers/promises';
import { loadCallerConfig } from '../../caller-config.ts';
import { type Command, EXIT, environmentProblems } from '../terminal.ts';
import { apiClient } from './api-client.ts';
import { ask } from './ask.ts';
import { readCommand } from './read-command.ts';
import { tokenSource } from './token.ts';

const USAGE = 'Usage: latchkey action NAME [name=value…] [--reason TEXT] [--wait 1h] [--json]\n';

/**
 * `latchkey action`: asks for an action, waits for people, and uses the approval. It ends with 0 when whatever stands behind it
 * may go ahead, and only then.
 */
export const action: Command = async (args, terminal) => {
  const command = readCommand(args);
  if (typeof command === 'string') {
    terminal.err(`${command}\n${USAGE}`);
    return EXIT.usage;
  }
  const loaded = loadCallerConfig(terminal.env);
  if (!loaded.ok) {
    terminal.err(environmentProblems(loaded.problems));
    return EXIT.problems;
  }
  const stop = new AbortController();
  const interrupted = () => stop.abort();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, interrupted);
  try {
    return await ask(command, {
      api: apiClient(loaded.config.url, tokenSource(loaded.config)),
      terminal,
      now: () => performance.now(),
      pause: (ms) => sleep(ms, undefined, { signal: stop.signal }).catch(() => {}),
      interrupted: stop.signal,
    });
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
  }
};
