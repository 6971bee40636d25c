import { type DateContext, formatSlackDate } from './dates.ts';
import { h } from './dom.ts';
import { type Inline, type Paragraph, parseMrkdwn, parsePlain } from './mrkdwn.ts';
import type { TextObject } from './wire.ts';

/** What names in a text are looked up in. */
export interface Names {
  user(id: string): string | undefined;
  channel(id: string): string | undefined;
  usergroup(id: string): string | undefined;
  /** Who is looking: their own mention stands out. */
  viewer: string;
  dates: DateContext;
}

export const drawInline = (nodes: readonly Inline[], names: Names): Node[] =>
  nodes.map((node) => drawNode(node, names));

function drawNode(node: Inline, names: Names): Node {
  switch (node.type) {
    case 'text':
      return document.createTextNode(node.text);
    case 'break':
      return h('br');
    case 'bold':
      return h('strong', {}, ...drawInline(node.children, names));
    case 'italic':
      return h('em', {}, ...drawInline(node.children, names));
    case 'strike':
      return h('s', {}, ...drawInline(node.children, names));
    case 'code':
      return h('code', {}, node.text);
    case 'emoji':
      return h('span', { class: 'emoji', role: 'img', 'aria-label': node.name.replaceAll('_', ' ') }, node.glyph);
    case 'user':
      return h(
        'span',
        { class: node.id === names.viewer ? 'mention mention-me' : 'mention' },
        `@${names.user(node.id) ?? node.label ?? node.id}`,
      );
    case 'channel':
      return h('span', { class: 'mention' }, `#${names.channel(node.id) ?? node.label ?? node.id}`);
    case 'usergroup':
      return h(
        'span',
        { class: 'mention' },
        `@${(names.usergroup(node.id) ?? node.label ?? node.id).replace(/^@/, '')}`,
      );
    case 'broadcast':
      return h('span', { class: 'mention mention-me', title: 'Notifies everybody here' }, `@${node.range}`);
    case 'link':
      return link(node.url, drawInline(node.label, names));
    case 'date': {
      const text = formatSlackDate(node.seconds, node.format, node.fallback, names.dates);
      const at = node.seconds * 1000;
      if (Math.abs(at) > 8.64e15) return document.createTextNode(node.fallback);
      const iso = new Date(at).toISOString();
      const time = h('time', { datetime: iso, title: iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC') }, text);
      return node.url === undefined ? time : link(node.url, [time]);
    }
  }
}

/** NB. `noopener` and `noreferrer`: a page linked from a message learns nothing of this one and can not steer it. */
export const link = (url: string, label: Node[]): HTMLAnchorElement =>
  h('a', { href: url, target: '_blank', rel: 'noopener noreferrer nofollow', title: url }, ...label);

function drawParagraph(paragraph: Paragraph, names: Names): HTMLElement {
  switch (paragraph.type) {
    case 'paragraph':
      return h('p', {}, ...drawInline(paragraph.children, names));
    case 'quote':
      return h('blockquote', {}, ...drawInline(paragraph.children, names));
    case 'pre':
      return h('pre', {}, paragraph.text);
  }
}

export const drawMrkdwn = (text: string, names: Names, verbatim = false): HTMLElement[] =>
  parseMrkdwn(text, { verbatim }).map((paragraph) => drawParagraph(paragraph, names));

export const drawPlain = (text: string, names: Names, emoji = true): Node[] =>
  drawInline(parsePlain(text, emoji), names);

/** A text object of Block Kit, of either type. */
export function drawText(text: TextObject, names: Names): Node[] {
  if (text.type === 'mrkdwn') return drawMrkdwn(text.text, names, text.verbatim === true);
  return [h('p', {}, ...drawPlain(text.text, names, text.emoji !== false))];
}
