import { parseArgs } from 'node:util';
import { parseDuration } from '../../domain/duration.ts';
import { wrongUse } from '../terminal.ts';

export interface ActionCommand {
  action: string;
  parameters: Record<string, string>;
  reason?: string;
  waitMs: number;
  json: boolean;
}

/** Reads the command line; a text says what is wrong with it. */
export function readCommand(args: readonly string[]): ActionCommand | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { reason: { type: 'string' }, wait: { type: 'string', default: '1h' }, json: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [action, ...pairs] = positionals;
    if (action === undefined || action.includes('=')) return 'Name the action first, as its policy does.';
    const parameters = readParameters(pairs);
    if (typeof parameters === 'string') return parameters;
    const wait = parseDuration(values.wait);
    if (!wait.ok) return `--wait ${values.wait}: ${wait.why}`;
    const { reason, json = false } = values;
    return { action, parameters, waitMs: wait.ms, json, ...(reason === undefined ? {} : { reason }) };
  } catch (error) {
    return wrongUse(error);
  }
}

function readParameters(pairs: readonly string[]): Record<string, string> | string {
  const read = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) return `${pair}: write a parameter as name=value.`;
    const name = pair.slice(0, at);
    // NB. Node puts U+FFFD for bytes that are no UTF-8: people would approve that, and the deploy would be given the bytes.
    if (pair.includes('\ufffd')) return `${name} is not UTF-8: people could not read what they approve.`;
    // NB. what is approved has one value: which of two was meant is not ours to guess.
    if (read.has(name)) return `${name} is given twice.`;
    read.set(name, pair.slice(at + 1));
  }
  return Object.fromEntries(read);
}
