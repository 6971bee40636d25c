import { emojiOf } from './emoji.ts';

/**
 * Slack's mrkdwn as a tree. Pure text in, plain data out: `mrkdwn-dom.ts` makes nodes of it, so hostile text has no way
 * to become markup. What Slack would show as a mention is a mention here too: that a reason is harmless must be seen.
 */

export type Inline =
  | { type: 'text'; text: string }
  | { type: 'break' }
  | { type: 'bold' | 'italic' | 'strike'; children: Inline[] }
  | { type: 'code'; text: string }
  | { type: 'emoji'; name: string; glyph: string }
  | { type: 'user'; id: string; label?: string }
  | { type: 'channel'; id: string; label?: string }
  | { type: 'usergroup'; id: string; label?: string }
  | { type: 'broadcast'; range: string }
  | { type: 'link'; url: string; label: Inline[] }
  | { type: 'date'; seconds: number; format: string; fallback: string; url?: string };

export type Paragraph =
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'quote'; children: Inline[] }
  | { type: 'pre'; text: string };

export interface MrkdwnOptions {
  /** True: bare addresses in the text stay text (`verbatim` of a text object). */
  verbatim?: boolean;
}

/** Slack escapes exactly these three characters and no other. */
export const decode = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/**
 * The address if a person may be sent there, else undefined.
 * NB. `javascript:` and `data:` addresses would run with the page's rights; they are shown as text.
 */
export function safeUrl(raw: string): string | undefined {
  const url = decode(raw).trim();
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return undefined;
  try {
    return new URL(url).href;
  } catch {
    return undefined;
  }
}

export function parseMrkdwn(text: string, options: MrkdwnOptions = {}): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  const pieces = text.split(/```/);
  // An odd number of fences leaves the last one open: it is text, as Slack draws it.
  const closed = pieces.length % 2 === 1 ? pieces.length : pieces.length - 1;
  let open = '';
  pieces.forEach((piece, index) => {
    const fenced = index % 2 === 1 && index < closed;
    if (fenced) {
      paragraphs.push(...parseLines(open, options));
      open = '';
      paragraphs.push({ type: 'pre', text: decode(unwrap(piece.replace(/^\n/, '').replace(/\n$/, ''))) });
    } else {
      open = index % 2 === 1 ? `${open}\`\`\`${piece}` : open + piece;
      if (index > 0 && index % 2 === 0) open = open.replace(/^\n/, '');
    }
  });
  paragraphs.push(...parseLines(open, options));
  return paragraphs;
}

/** In code Slack shows a link's label or address, never the angle brackets. */
const unwrap = (code: string): string =>
  code.replace(/<((?:https?:|mailto:)[^>|\n]*)(?:\|([^>\n]*))?>/g, (_, url: string, label?: string) => label || url);

function parseLines(text: string, options: MrkdwnOptions): Paragraph[] {
  if (text === '') return [];
  const paragraphs: Paragraph[] = [];
  const lines = text.split('\n');
  let index = 0;
  while (index < lines.length) {
    const line = lines[index] ?? '';
    const rest = /^(?:&gt;|>){3} ?(.*)$/s.exec(line);
    if (rest) {
      paragraphs.push({ type: 'quote', children: joined([rest[1] ?? '', ...lines.slice(index + 1)], options) });
      return paragraphs;
    }
    const quoted: string[] = [];
    const plain: string[] = [];
    while (index < lines.length) {
      const next = lines[index] ?? '';
      const quote = /^(?:&gt;|>)(?!(?:&gt;|>){2}) ?(.*)$/s.exec(next);
      if (/^(?:&gt;|>){3}/.test(next) || (quote ? plain.length > 0 : quoted.length > 0)) break;
      if (quote) quoted.push(quote[1] ?? '');
      else plain.push(next);
      index++;
    }
    if (quoted.length > 0) paragraphs.push({ type: 'quote', children: joined(quoted, options) });
    if (plain.length > 0) paragraphs.push({ type: 'paragraph', children: joined(plain, options) });
  }
  return paragraphs;
}

function joined(lines: string[], options: MrkdwnOptions): Inline[] {
  const nodes: Inline[] = [];
  lines.forEach((line, index) => {
    if (index > 0) nodes.push({ type: 'break' });
    nodes.push(...parseInline(line, options));
  });
  return nodes;
}

const styles = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const isWord = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** One line. Styles never cross a line, as in Slack. */
export function parseInline(text: string, options: MrkdwnOptions = {}): Inline[] {
  const nodes: Inline[] = [];
  let plain = '';
  const push = (node: Inline) => {
    if (plain !== '') nodes.push({ type: 'text', text: decode(plain) });
    plain = '';
    nodes.push(node);
  };
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    const before = text[at - 1];
    if (character === '<') {
      const end = text.indexOf('>', at);
      const node = end > at + 1 ? angle(text.slice(at + 1, end), options) : undefined;
      if (node) {
        push(node);
        at = end + 1;
        continue;
      }
    } else if (character === '`') {
      const end = text.indexOf('`', at + 1);
      if (end > at + 1) {
        push({ type: 'code', text: decode(unwrap(text.slice(at + 1, end))) });
        at = end + 1;
        continue;
      }
    } else if ((character === '*' || character === '_' || character === '~') && !isWord(before)) {
      const end = closing(text, at, character);
      if (end !== undefined) {
        push({ type: styles[character], children: parseInline(text.slice(at + 1, end), options) });
        at = end + 1;
        continue;
      }
    } else if (character === ':') {
      const name = /^:([a-z0-9_+-]+):/.exec(text.slice(at, at + 50))?.[1];
      const glyph = name === undefined ? undefined : emojiOf(name);
      if (name !== undefined && glyph !== undefined) {
        push({ type: 'emoji', name, glyph });
        at += name.length + 2;
        continue;
      }
    } else if (character === 'h' && !options.verbatim && !isWord(before)) {
      const bare = /^https?:\/\/[^\s<>|`*~"']*[^\s<>|`*~"'.,;:!?)\]_]/.exec(text.slice(at))?.[0];
      const url = bare === undefined ? undefined : safeUrl(bare);
      if (bare !== undefined && url !== undefined) {
        push({ type: 'link', url, label: [{ type: 'text', text: decode(bare) }] });
        at += bare.length;
        continue;
      }
    }
    plain += character;
    at++;
  }
  if (plain !== '') nodes.push({ type: 'text', text: decode(plain) });
  return nodes;
}

/** Where the style opened at `at` ends: not after a blank, not before a word, not inside `<…>` or code. */
function closing(text: string, at: number, mark: string): number | undefined {
  if (text[at + 1] === undefined || /\s/.test(text[at + 1] ?? '') || text[at + 1] === mark) return undefined;
  let index = at + 1;
  while (index < text.length) {
    const character = text[index];
    if (character === '<') {
      const end = text.indexOf('>', index);
      if (end > 0) index = end;
    } else if (character === '`') {
      const end = text.indexOf('`', index + 1);
      if (end > 0) index = end;
    } else if (character === mark && !/\s/.test(text[index - 1] ?? '') && !isWord(text[index + 1])) {
      return index;
    }
    index++;
  }
  return undefined;
}

/** What stands between `<` and `>`; undefined if Slack would leave it as text. */
function angle(inner: string, options: MrkdwnOptions): Inline | undefined {
  const bar = inner.indexOf('|');
  const body = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? undefined : inner.slice(bar + 1);
  const labelled = label ? { label: decode(label) } : {};
  const mention = /^([@#])([A-Z0-9]{2,})$/.exec(body);
  if (mention) return { type: mention[1] === '@' ? 'user' : 'channel', id: mention[2] ?? '', ...labelled };
  if (/^!(here|channel|everyone)$/.test(body)) return { type: 'broadcast', range: body.slice(1) };
  const group = /^!subteam\^([A-Z0-9]+)$/.exec(body);
  if (group) return { type: 'usergroup', id: group[1] ?? '', ...labelled };
  const date = /^!date\^(-?\d{1,13})\^([^^]*)(?:\^(.*))?$/.exec(body);
  if (date) {
    const url = date[3] === undefined ? undefined : safeUrl(date[3]);
    return {
      type: 'date',
      seconds: Number(date[1]),
      format: decode(date[2] ?? ''),
      fallback: decode(label ?? ''),
      ...(url === undefined ? {} : { url }),
    };
  }
  const url = safeUrl(body);
  if (url === undefined) return undefined;
  const shown: Inline[] = label
    ? parseInline(label, { ...options, verbatim: true })
    : [{ type: 'text', text: decode(body).replace(/^mailto:/, '') }];
  return { type: 'link', url, label: shown };
}

/** `plain_text` objects know emoji and entities, nothing else. */
export function parsePlain(text: string, emoji = true): Inline[] {
  const nodes: Inline[] = [];
  text.split('\n').forEach((line, index) => {
    if (index > 0) nodes.push({ type: 'break' });
    let from = 0;
    for (const match of line.matchAll(/:([a-z0-9_+-]+):/g)) {
      const name = match[1] ?? '';
      const glyph = emoji ? emojiOf(name) : undefined;
      if (glyph === undefined) continue;
      if (match.index > from) nodes.push({ type: 'text', text: decode(line.slice(from, match.index)) });
      nodes.push({ type: 'emoji', name, glyph });
      from = match.index + match[0].length;
    }
    if (from < line.length) nodes.push({ type: 'text', text: decode(line.slice(from)) });
  });
  return nodes;
}

/** The words alone, for labels, notifications and tests. */
export const plainTextOf = (nodes: readonly Inline[]): string => nodes.map(plainTextOfNode).join('');

function plainTextOfNode(node: Inline): string {
  switch (node.type) {
    case 'text':
    case 'code':
      return node.text;
    case 'break':
      return '\n';
    case 'emoji':
      return node.glyph;
    case 'bold':
    case 'italic':
    case 'strike':
      return plainTextOf(node.children);
    case 'user':
      return `@${node.label ?? node.id}`;
    case 'channel':
      return `#${node.label ?? node.id}`;
    case 'usergroup':
      return `@${(node.label ?? node.id).replace(/^@/, '')}`;
    case 'broadcast':
      return `@${node.range}`;
    case 'link':
      return plainTextOf(node.label);
    case 'date':
      return node.fallback;
  }
}
