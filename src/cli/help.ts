import { usageOf, VERBS } from './policy/verbs.ts';
import { type Command, EXIT } from './terminal.ts';

/** What it does stands beside the command, or below one that is long. */
const helpLine = (usage: string, summary: string): string =>
  usage.length <= 30 ? `  ${usage.padEnd(30)} ${summary}\n` : `  ${usage}\n${' '.repeat(33)}${summary}\n`;

const HELP = `latchkey – just-in-time access, asked for and approved in Slack

  latchkey serve                 run the product (with no Slack credentials: the playground)
${Object.entries(VERBS)
  .map(([name, verb]) => helpLine(usageOf(name, verb), verb.summary))
  .join('')}  latchkey audit verify [--head HASH]
                                 re-compute the audit chain and check the rows against it; --head: and that this is still in it
  latchkey audit list [--access NAME] [--person EMAIL|CALLER] [--since DATE|DURATION] [--json]
  latchkey emergency PERSON ACCESS [--for DURATION] --reason TEXT
                                 break glass on the server, while Slack cannot be reached
  latchkey action NAME [name=value…] [--reason TEXT] [--wait 1h] [--json]
                                 in a pipeline: ask, wait for people, and end with 0 when it may go ahead, once
  latchkey api-key NAME          a new key for a caller that has no ID token
  latchkey help

The environment is described in the README (DATABASE_URL, POLICIES_DIR, SLACK_BOT_TOKEN, …), that of callers in
docs/actions.md (LATCHKEY_URL, LATCHKEY_TOKEN).
`;

/** `latchkey help`: every command. */
export const help: Command = async (_args, terminal) => {
  terminal.out(HELP);
  return EXIT.ok;
};
