import { nearest } from '../../policy/index.ts';
import { type Command, EXIT, environmentProblems } from '../terminal.ts';
import { EnvironmentBroken, verbContext, WrongUsage } from './verb.ts';
import { usageOf, VERBS } from './verbs.ts';

const USAGE = `Usage: ${Object.entries(VERBS)
  .map(([name, verb]) => usageOf(name, verb))
  .join('\n       ')}\n`;

/** `latchkey policy <verb> …`. */
export const policy: Command = async ([name = '', ...args], terminal) => {
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) {
    const near = nearest(name, Object.keys(VERBS));
    terminal.err(`${near === undefined ? '' : `Did you mean \`latchkey policy ${near}\`?\n`}${USAGE}`);
    return EXIT.usage;
  }
  try {
    return await verb.run(args, verbContext(terminal));
  } catch (error) {
    if (error instanceof WrongUsage) {
      terminal.err(`${error.message}\nUsage: ${usageOf(name, verb)}\n`);
      return EXIT.usage;
    }
    if (error instanceof EnvironmentBroken) {
      terminal.err(environmentProblems(error.problems));
      return EXIT.problems;
    }
    throw error;
  }
};
