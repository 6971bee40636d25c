import { keepHeapSmall } from './small-heap.ts';
import { type Command, EXIT, type Terminal } from './terminal.ts';

const help = async () => (await import('./help.ts')).help;

/** Each is loaded when it is called: the others' code would cost memory and start time. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => {
    // Before there is anything on the heap. The other commands run once and should be fast.
    keepHeapSmall();
    return (await import('./serve.ts')).serve;
  },
  audit: async () => (await import('./audit.ts')).audit,
  policy: async () => (await import('./policy/policy.ts')).policy,
  emergency: async () => (await import('./emergency.ts')).emergency,
  action: async () => (await import('./action/action.ts')).action,
  'api-key': async () => (await import('./api-key.ts')).apiKey,
  help,
  '--help': help,
  '-h': help,
};

/** Runs one command line; the number is the exit code. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = 'help', ...rest] = args;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) {
    terminal.err(`latchkey: there is no command "${name}". \`latchkey help\` lists them.\n`);
    return EXIT.usage;
  }
  const command = await load();
  return command(rest, terminal);
}
