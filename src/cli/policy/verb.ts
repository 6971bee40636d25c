import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Config, loadConfig } from '../../config.ts';
import { type Terminal, wrongUse } from '../terminal.ts';

/** One verb of `latchkey policy`: a file of this folder, named in `verbs.ts`. */
export interface PolicyVerb {
  /** What stands behind `latchkey policy <verb>`: `[DIR] [--format text|json]`. */
  readonly usage: string;
  /** What it does, in a few words for `latchkey help`. */
  readonly summary: string;
  /**
   * @returns the exit code
   * @throws WrongUsage, EnvironmentBroken: told by the caller
   */
  run(args: readonly string[], context: VerbContext): Promise<number>;
}

export interface VerbContext {
  readonly terminal: Terminal;
  /** The environment, read when it is first asked for: a wrong command line is told before a wrong environment. */
  config(): Config;
}

/** The command line is not one that the verb understands. The message says what would be. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

/** The environment has these problems. */
export class EnvironmentBroken extends Error {
  override readonly name = 'EnvironmentBroken';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('The environment is not usable.');
    this.problems = problems;
  }
}

export function verbContext(terminal: Terminal): VerbContext {
  let config: Config | undefined;
  return {
    terminal,
    config() {
      if (config) return config;
      const loaded = loadConfig(terminal.env);
      if (!loaded.ok) throw new EnvironmentBroken(loaded.problems);
      config = loaded.config;
      return config;
    },
  };
}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Reads a verb's command line. Options may stand anywhere; `--` ends them.
 * @param spec `most` (and `least`): how many words beside the options it takes.
 * @throws WrongUsage
 */
export function readArgs<const T extends Options>(
  args: readonly string[],
  spec: { options: T; most: number; least?: number },
) {
  const read = parse(args, spec.options);
  const { positionals } = read;
  if (positionals.length > spec.most) throw new WrongUsage(`${positionals[spec.most]}: one word too many.`);
  if (positionals.length < (spec.least ?? 0)) throw new WrongUsage('Something is missing.');
  return read;
}

function parse<const T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new WrongUsage(wrongUse(error));
  }
}

/**
 * The value of an option that takes one of a few words; the first when it is not given.
 * @throws WrongUsage
 */
export function choice<const T extends string>(
  option: string,
  value: string | undefined,
  choices: readonly [T, ...T[]],
): T {
  if (value === undefined) return choices[0];
  const found = choices.find((each) => each === value);
  if (found === undefined) throw new WrongUsage(`--${option} ${value}: it is one of ${choices.join(', ')}.`);
  return found;
}
