import { audit } from './audit.ts';
import { policy } from './policy.ts';
import { serve } from './serve.ts';
import { type Command, EXIT, type Terminal } from './terminal.ts';

const COMMANDS: Readonly<Record<string, Command>> = { serve, audit, policy };

const HELP = `latchkey – just-in-time access, asked for and approved in Slack

  latchkey serve                 run the product (with no Slack credentials: the playground)
  latchkey policy check [DIR]    load the policies and print every problem
  latchkey audit verify          re-compute the audit chain and check the rows against it
  latchkey audit list [--access NAME] [--person EMAIL] [--since DATE|DURATION] [--json]
  latchkey help

The environment is described in the README (DATABASE_URL, POLICIES_DIR, SLACK_BOT_TOKEN, …).
`;

/** Runs one command line; the number is the exit code. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = 'help', ...rest] = args;
  if (['help', '--help', '-h'].includes(name)) {
    terminal.out(HELP);
    return EXIT.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    terminal.err(`latchkey: there is no command "${name}". \`latchkey help\` lists them.\n`);
    return EXIT.usage;
  }
  return command(rest, terminal);
}
