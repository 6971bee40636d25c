import { run } from '../main.ts';
import { type Command, EXIT } from './terminal.ts';

/** `latchkey serve`: the product, until a signal. */
export const serve: Command = async (args, terminal) => {
  if (args.length > 0) {
    terminal.err('Usage: latchkey serve (everything is set by the environment; see the README)\n');
    return EXIT.usage;
  }
  return run(terminal);
};
