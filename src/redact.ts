import { types } from 'node:util';

/**
 * Makes anything fit for a log: tokens, signatures, passwords, response URLs and people's own words (reasons) are
 * replaced, wherever they are nested, in texts too. It never throws, whatever it is given, and what it leaves out it
 * marks. When in doubt it hides too much.
 */

export const HIDDEN = '[redacted]';

/** Longest text kept, in UTF-16 units; the rest is counted, not shown. */
const LONGEST_TEXT = 16_384;
/** More than what is kept, so that a secret is not cut in two before it is recognised. */
const LOOKED_AT = 2 * LONGEST_TEXT;
const DEEPEST = 8;
const WIDEST = 200;

/** Names whose whole value is hidden. Compared in lower case, without `-`, `_` and spaces. */
const HIDDEN_NAMES = new Set([
  ...['authorization', 'proxyauthorization', 'cookie', 'setcookie', 'xslacksignature', 'signature', 'credentials'],
  // What a request to or from Slack carries: the reason is in it, under names of Slack's choosing.
  ...[
    'responseurl',
    'responseurls',
    'rawbody',
    'body',
    'payload',
    'view',
    'blocks',
    'attachments',
    'text',
    'privatemetadata',
  ],
  ...['dsn', 'connectionstring', 'databaseurl'],
]);
const HIDDEN_ENDINGS = /(reason|reasons|password|passwd|passphrase|pwd|secret|secrets|token|tokens|apikey|privatekey)$/;
/** A grant's `endReason` is one of six words of the product's own, and operators need it. */
const SHOWN_NAMES = new Set(['endreason']);

function isHidden(name: string): boolean {
  const bare = name.toLowerCase().replace(/[-_\s]/g, '');
  return !SHOWN_NAMES.has(bare) && (HIDDEN_NAMES.has(bare) || HIDDEN_ENDINGS.test(bare));
}

/** Slack's tokens: `xoxb-`, `xoxp-`, `xoxe-`, `xoxe.xoxp-`, `xapp-` and their sisters. */
const TOKEN = /x(?:ox[a-z](?:\.xox[a-z])?|app)(?:-|%2D)[\w%-]+/gi;
/** Who callers of actions are: API keys, and the ID tokens of jobs. */
const API_KEY = /\blk_[\w-]{43}/g;
/**
 * Of three parts, the second of which is JSON. Begins only where a word does, so that a long run of letters is searched once;
 * and not behind a `\`, which in a line of JSON belongs to the letter that follows.
 */
const ID_TOKEN = /(?<![\w\\-])[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g;
const SIGNATURE = /v0(?:=|%3D)[0-9a-f]{6,}/gi;
const BEARER = /\b(bearer|basic)(\s+|%20|\+)[\w.~+/=%-]{6,}/gi;
/** The password of a URL, up to its last `@`: unescaped special characters in it are common. */
const URL_PASSWORD = /:\/\/([^\s/?#@:"'<>]*):[^\s"'<>]*@/g;
const RESPONSE_URL = /https?:\/\/hooks\.slack\.com[^\s"'<>]*/gi;
/**
 * `"reason": "…"`, `reason=…`, `password: '…'` inside a text: quoted up to the quote, bare up to the end of the line or
 * of the form field. Begins at the name's last word, so that a long run of letters is searched once.
 */
const NAMED =
  /((?:(?<!end_?)reasons?|response[_-]?urls?|password|passwd|passphrase|pwd|secret|token|api[_-]?key|private[_-]?key|authorization|signature)\\*["'`]?\s{0,8}(?:[:=]|%3D)\s{0,8})(?:(\\+)"(?:(?!\2")[\s\S])*\2"|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[^\s&][^\n&]*)/gi;

/** Hides tokens and signatures only: safe for a finished line of JSON. */
export const redactTokens = (line: string): string =>
  [TOKEN, API_KEY, ID_TOKEN, SIGNATURE].reduce((text, secret) => text.replace(secret, HIDDEN), line);

export function redactText(whole: string): string {
  const text = whole.length > LOOKED_AT ? whole.slice(0, LOOKED_AT) : whole;
  const hidden = redactTokens(text)
    .replace(RESPONSE_URL, HIDDEN)
    .replace(URL_PASSWORD, (_, user: string) => `://${user}:${HIDDEN}@`)
    .replace(NAMED, (_, beginning: string) => `${beginning}${HIDDEN}`)
    .replace(BEARER, (_, scheme: string) => `${scheme} ${HIDDEN}`);
  const dropped = whole.length - text.length + Math.max(0, hidden.length - LONGEST_TEXT);
  return dropped === 0 ? hidden : `${hidden.slice(0, LONGEST_TEXT)}… [${dropped} more characters]`;
}

/** A copy that holds only plain objects, arrays, texts, numbers, booleans and null, with nothing secret in it. */
export function redact(value: unknown): unknown {
  return copy(value, [], '');
}

function copy(value: unknown, path: readonly object[], name: string): unknown {
  if (name !== '' && isHidden(name) && value !== undefined && value !== null) return HIDDEN;
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      return String(value);
    case 'symbol':
      return redactText(String(value));
    case 'function':
      return '[function]';
    default: {
      if (value === null) return null;
      const object = value as object;
      if (path.includes(object)) return '[circular]';
      if (path.length >= DEEPEST) return '[too deep]';
      try {
        return copyObject(object, [...path, object], name);
      } catch {
        // A getter, proxy or toJSON that throws: its error may quote what it guards.
        return '[unreadable]';
      }
    }
  }
}

function copyObject(value: object, path: readonly object[], name: string): unknown {
  if (types.isProxy(value)) return '[proxy]';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (types.isNativeError(value) || value instanceof Error) return copyError(value, path);
  if (Array.isArray(value)) return copyList(value, path);
  if (types.isMap(value))
    return copyEntries(
      [...value.entries()].map(([key, item]) => [String(key), item]),
      path,
    );
  if (types.isSet(value)) return copyList([...value], path);
  if (value instanceof Headers || value instanceof URLSearchParams) return copyEntries([...value.entries()], path);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return copy(toJSON.call(value, name) as unknown, path, '');
  return copyEntries(
    Object.keys(value).map((key) => [key, () => (value as Record<string, unknown>)[key]]),
    path,
    true,
  );
}

/** NB. Raw headers come as `[name, value, name, value]`: what follows a hidden name is hidden too. */
function copyList(items: readonly unknown[], path: readonly object[]): unknown[] {
  const copies = items.slice(0, WIDEST).map((item, index) => {
    const before = items[index - 1];
    return typeof item === 'string' && typeof before === 'string' && before.length < 64 && isHidden(before)
      ? HIDDEN
      : copy(item, path, '');
  });
  return items.length > WIDEST ? [...copies, `[${items.length - WIDEST} more]`] : copies;
}

function copyEntries(entries: readonly (readonly [string, unknown])[], path: readonly object[], lazy = false): object {
  const copied: [string, unknown][] = [];
  // `{ name: 'authorization', value: '…' }`, as header lists and form fields are often written.
  const label = entries.find(([key]) => key === 'name' || key === 'key')?.[1];
  const labelled = lazy && typeof label === 'function' ? attempt(label as () => unknown) : label;
  for (const [key, entry] of entries.slice(0, WIDEST)) {
    const item = lazy && typeof entry === 'function' ? attempt(entry as () => unknown) : entry;
    const named = key === 'value' && typeof labelled === 'string' ? labelled : key;
    copied.push([redactText(key), copy(item, path, isHidden(key) ? key : named)]);
  }
  if (entries.length > WIDEST) copied.push(['…', `[${entries.length - WIDEST} more]`]);
  // Not by assignment: a key `__proto__` is only a key.
  return Object.fromEntries(copied);
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return '[unreadable]';
  }
}

/** What is useful of an error: its type, texts, own properties, and everything it wraps. */
function copyError(error: Error, path: readonly object[]): object {
  const read = (key: string): unknown => attempt(() => (error as unknown as Record<string, unknown>)[key]);
  const text = (key: string): string => {
    const value = read(key);
    return typeof value === 'string' ? redactText(value) : '';
  };
  const own = copyEntries(
    Object.keys(error)
      .filter((key) => !['name', 'message', 'stack', 'cause', 'errors'].includes(key))
      .map((key) => [key, () => read(key)]),
    path,
    true,
  );
  const cause = read('cause');
  const errors = read('errors');
  return {
    ...own,
    type: text('name') || 'Error',
    message: text('message'),
    stack: text('stack'),
    ...(cause !== undefined && { cause: copy(cause, path, '') }),
    ...(Array.isArray(errors) && { errors: copyList(errors, path) }),
  };
}
