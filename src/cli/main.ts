import { audit } from './audit.ts';
import { policy } from './policy/policy.ts';
import { usageOf, VERBS } from './policy/verbs.ts';
import { serve } from './serve.ts';
import { type Command, EXIT, type Terminal } from './terminal.ts';

const COMMANDS: Readonly<Record<string, Command>> = { serve, audit, policy };

/** What it does stands beside the command, or below one that is long. */
const helpLine = (usage: string, summary: string): string =>
  usage.length <= 30 ? `  ${usage.padEnd(30)} ${summary}\n` : `  ${usage}\n${' '.repeat(33)}${summary}\n`;

const HELP = `latchkey – just-in-time access, asked for and approved in Slack

  latchkey serve                 run the product (with no Slack credentials: the playground)
${Object.entries(VERBS)
  .map(([name, verb]) => helpLine(usageOf(name, verb), verb.summary))
  .join('')}  latchkey audit verify          re-compute the audit chain and check the rows against it
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
