import { isIP } from 'node:net';
import { z } from 'zod';
import { Secret } from './secret.ts';

/** The names that Latchkey reads. Any other name that begins with `LATCHKEY_` is a mistake and is reported. */
export const NAMES = [
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'SLACK_API_URL',
  'PORT',
  'HOST',
  'DATABASE_URL',
  'POLICIES_DIR',
  'LOG_LEVEL',
  'LATCHKEY_AUDIENCE',
  // Of those who call: see caller-config.ts.
  'LATCHKEY_URL',
  'LATCHKEY_TOKEN',
] as const;
type Name = (typeof NAMES)[number];
type Given = Partial<Record<Name, string>>;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How Slack reaches Latchkey. In the playground there are no credentials and no Slack outside this process. */
export type SlackConnection =
  | { readonly mode: 'playground' }
  | { readonly mode: 'http'; readonly botToken: Secret; readonly signingSecret: Secret }
  | { readonly mode: 'socket'; readonly botToken: Secret; readonly appToken: Secret; readonly signingSecret?: Secret };

export interface DatabaseConfig {
  readonly kind: 'sqlite' | 'postgres';
  /** The whole URL, which may hold a password. */
  readonly url: Secret;
  /** The same for people: no user, password or parameters. */
  readonly shown: string;
}

export interface Config {
  readonly slack: SlackConnection;
  /** Where every Slack call goes; ends in one `/`. */
  readonly slackApiUrl: string;
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  readonly database: DatabaseConfig;
  readonly policiesDir: string;
  readonly logLevel: LogLevel;
  /** Whom the ID tokens of callers have to be for. */
  readonly audience: string;
  /**
   * The value behind `${env:NAME}` in a policy file, as the environment was at start; undefined when unset or empty.
   * Not enumerable.
   */
  readonly secret: (name: string) => string | undefined;
}

export type LoadedConfig = { ok: true; config: Config } | { ok: false; problems: string[] };

/**
 * NB. Latchkey's own credentials are not for policy files: whoever may edit a policy could otherwise send the bot token
 * or the database's password to a target of their choosing.
 */
const NOT_FOR_POLICIES: ReadonlySet<string> = new Set<Name>([
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'DATABASE_URL',
  'LATCHKEY_TOKEN',
]);

/**
 * Reads the environment once, for good. An empty variable counts as unset. Either every value is right, or every
 * problem is reported, each as a sentence that begins with the variable's name and never quotes a credential.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): LoadedConfig {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined && value !== '') env[name] = value;

  const parsed = Variables.safeParse(env);
  const given: Given = Object.fromEntries(
    NAMES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  const problems = [
    ...unknownNames(Object.keys(env)),
    ...(parsed.error?.issues ?? []).map((issue) => `${String(issue.path[0])} ${issue.message}`),
    ...incompleteCredentials(given),
    ...exposedPlayground(given),
  ];
  if (!parsed.success || problems.length > 0) return { ok: false, problems };

  const values = parsed.data;
  const slack = connection(values);
  const config = {
    slack: Object.freeze(slack),
    slackApiUrl: values.SLACK_API_URL,
    port: values.PORT,
    host: values.HOST ?? (slack.mode === 'playground' ? '127.0.0.1' : '0.0.0.0'),
    database: Object.freeze(values.DATABASE_URL),
    policiesDir: values.POLICIES_DIR,
    logLevel: values.LOG_LEVEL,
    audience: values.LATCHKEY_AUDIENCE,
  };
  const secret = (name: string): string | undefined =>
    !NOT_FOR_POLICIES.has(name) && Object.hasOwn(env, name) ? env[name] : undefined;
  Object.defineProperty(config, 'secret', { value: secret, enumerable: false });
  return { ok: true, config: Object.freeze(config) as typeof config & { secret: typeof secret } };
}

export const clean = z.string().refine((value) => value === value.trim(), {
  message:
    'has white space before or after its value: remove it (a newline at the end of a secret file is the usual cause).',
  abort: true,
});

const credential = (prefix: string, what: string, where: string) =>
  clean
    .refine((value) => value.startsWith(prefix) && /^[\w.-]+$/.test(value.slice(prefix.length)), {
      message: `is not ${what}, which begins with "${prefix}": copy it from "${where}" in the settings of your Slack app.`,
    })
    .transform((value) => new Secret(value))
    .optional();

export const audience = clean
  .refine((value) => /^[!-~]{1,255}$/.test(value), {
    message:
      'must be 1 to 255 letters, digits and signs without a space, such as latchkey or https://latchkey.example.com.',
  })
  .prefault('latchkey');

const Variables = z.object({
  SLACK_BOT_TOKEN: credential('xoxb-', 'a bot token', 'OAuth & Permissions'),
  SLACK_APP_TOKEN: credential('xapp-', 'an app-level token', 'Basic Information, App-Level Tokens'),
  SLACK_SIGNING_SECRET: clean
    .refine((value) => /^[\w-]{16,}$/.test(value), {
      message:
        'is not a signing secret (at least 16 letters and digits): copy it from "Basic Information, App Credentials" in the settings of your Slack app.',
    })
    .transform((value) => new Secret(value))
    .optional(),
  SLACK_API_URL: clean
    .transform((value, context) => `${address(value, context, SLACK_API)}/`)
    .prefault('https://slack.com/api/'),
  PORT: clean
    .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, {
      error: ({ input }) => `is ${quoted(input)}: it must be a whole number from 0 to 65535.`,
    })
    .transform(Number)
    .prefault('3000'),
  HOST: clean
    .refine((value) => isIP(value) !== 0 || /^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(value), {
      error: ({ input }) =>
        `is ${quoted(input)}: it must be an address or a name of this machine, such as 127.0.0.1 or 0.0.0.0, without a port or brackets.`,
    })
    .optional(),
  DATABASE_URL: clean.transform(database).prefault('file:./data/latchkey.db'),
  POLICIES_DIR: clean.prefault('./policies'),
  LOG_LEVEL: clean
    .pipe(
      z.enum(LOG_LEVELS, { error: ({ input }) => `is ${quoted(input)}: it must be one of ${LOG_LEVELS.join(', ')}.` }),
    )
    .prefault('info'),
  LATCHKEY_AUDIENCE: audience,
});
type Values = z.output<typeof Variables>;

/** Whether only this machine can reach a server that listens there. */
export const isLoopback = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

const parseUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);

const SLACK_API = { like: 'https://slack.com/api/', travels: 'the bot token' };

/** An address that a secret is sent to with every call; without a slash at its end. */
export function address(value: string, context: z.RefinementCtx, { like, travels }: typeof SLACK_API): string {
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  const url = parseUrl(value);
  if (url === null) return refuse(`is not a URL: it must look like ${like}.`);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return refuse(`must hold no user, password, query or fragment: it must look like ${like}.`);
  // NB. in clear text the secret may not leave this machine.
  const local = url.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (url.protocol !== 'https:' && !local)
    return refuse(
      `is ${quoted(value)}: it must begin with https://, because ${travels} travels with every call (http:// is for 127.0.0.1, ::1 and localhost only).`,
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function database(value: string, context: z.RefinementCtx): DatabaseConfig {
  // NB. The value is never quoted: it may hold a password.
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (value.startsWith('file:')) {
    const path = value.slice('file:'.length).replace(/[?#].*$/, '');
    if (path === '' || path === '//') return refuse('names no file: it must look like file:./data/latchkey.db.');
    // NB. Grants that are forgotten at a restart would outlive their end (invariant 5).
    if (path.includes(':memory:'))
      return refuse('must name a file: in memory, grants would be forgotten at a restart.');
    return { kind: 'sqlite', url: new Secret(value), shown: `file:${path}` };
  }
  if (/^postgres(ql)?:\/\//.test(value)) {
    const url = parseUrl(value);
    if (url === null || url.hostname === '' || url.pathname.length < 2)
      return refuse(
        'is not complete: it must look like postgresql://user:password@host:5432/database (special characters in the password written as %40 for @, %2F for /, …).',
      );
    return { kind: 'postgres', url: new Secret(value), shown: `postgresql://${url.host}${url.pathname}` };
  }
  return refuse('must begin with file: (SQLite) or postgresql:// (Postgres), for example file:./data/latchkey.db.');
}

function connection(values: Values): SlackConnection {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken } = values;
  if (botToken && appToken) return { mode: 'socket', botToken, appToken, ...(signingSecret && { signingSecret }) };
  if (botToken && signingSecret) return { mode: 'http', botToken, signingSecret };
  return { mode: 'playground' };
}

const hasCredentials = (given: Given): boolean =>
  given.SLACK_BOT_TOKEN !== undefined ||
  given.SLACK_SIGNING_SECRET !== undefined ||
  given.SLACK_APP_TOKEN !== undefined;

function incompleteCredentials(given: Given): string[] {
  if (!hasCredentials(given)) return [];
  if (given.SLACK_BOT_TOKEN === undefined) {
    const set = (['SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN'] as const).filter((name) => given[name] !== undefined);
    return [
      `SLACK_BOT_TOKEN is missing, though ${set.join(' and ')} ${set.length > 1 ? 'are' : 'is'} set: add it (xoxb-…), or unset the other${set.length > 1 ? 's' : ''} to run the playground.`,
    ];
  }
  if (given.SLACK_SIGNING_SECRET === undefined && given.SLACK_APP_TOKEN === undefined)
    return [
      'SLACK_SIGNING_SECRET is missing, though SLACK_BOT_TOKEN is set: add it so that Slack can post to /slack/events, or add SLACK_APP_TOKEN (xapp-…) for Socket Mode.',
    ];
  return [];
}

/** NB. In the playground anybody may act as anybody, so nobody but this machine may reach it. */
function exposedPlayground(given: Given): string[] {
  if (hasCredentials(given) || given.HOST === undefined || isLoopback(given.HOST)) return [];
  return [
    `HOST is ${quoted(given.HOST)}, but without Slack credentials this is the playground, where anybody may act as anybody: leave HOST at 127.0.0.1, or set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET.`,
  ];
}

export function unknownNames(names: readonly string[]): string[] {
  return names
    .filter((name) => /^LATCHKEY_/i.test(name) && !(NAMES as readonly string[]).includes(name))
    .sort()
    .map(
      (name) =>
        `${name} is not a setting of Latchkey: did you mean ${nearest(name)}? The settings are ${NAMES.join(', ')}.`,
    );
}

/** The known name with the fewest edits, whether it begins with `LATCHKEY_` or not. */
function nearest(name: string): Name {
  const wanted = name.slice('LATCHKEY_'.length).toUpperCase();
  const ranked = NAMES.flatMap((known) => [
    { known, distance: edits(wanted, known.replace(/^LATCHKEY_/, '')) },
    // `LATCHKEY_BOT_TOKEN` means the one with Slack's name before it.
    { known, distance: edits(wanted, known.replace(/^SLACK_/, '')) },
  ]).sort((a, b) => a.distance - b.distance);
  return ranked[0]?.known ?? 'PORT';
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A value in a message; at most 80 characters of it, and it says how many there were. */
function quoted(value: unknown): string {
  const text = String(value);
  return text.length <= 80 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 80))}… (${text.length} characters)`;
}
